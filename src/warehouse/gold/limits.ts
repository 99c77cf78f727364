import { int32, money, nullable, table } from '../table.js';

/**
 * Where the values of rows are cut off for roles that see de-identified rows: a value above the 99.5th percentile of
 * the release would tell a person apart, and is replaced by it. Whole numbers are rounded down. Null: no values.
 */
export const releaseLimit = table({
  name: 'release_limit',
  description: 'One row: the 99.5th percentiles of the release, above which the values of rows are cut off.',
  columns: {
    los_days: nullable(int32('length of stay of spells, days')),
    total_minutes: nullable(int32('emergency department, minutes from arrival to departure')),
    treatment_minutes: nullable(int32('emergency department, minutes from arrival to treatment')),
    duration_minutes: nullable(int32('contacts, minutes')),
    wait_days: nullable(int32('referrals, days to the first contact')),
    net_ingredient_cost: nullable(money('prescriptions, pounds before discount')),
    actual_cost: nullable(money('prescriptions, pounds paid')),
    weekly_cost: nullable(money('care packages, pounds a week')),
  },
});
