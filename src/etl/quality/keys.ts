import { unknownMember } from '../../warehouse/gold/dimensions.js';
import { type Check, check } from './check.js';

/** A column of a table that must name a row of a dimension. */
interface Key {
  readonly column: string;
  readonly dimension: string;
  readonly key: string;
}

const patient: Key = { column: 'patient_no', dimension: 'dim_patient', key: 'patient_no' };
const trust: Key = { column: 'trust_code', dimension: 'dim_trust', key: 'trust_code' };
const practice: Key = { column: 'practice_code', dimension: 'dim_practice', key: 'practice_code' };
const specialty: Key = { column: 'specialty_code', dimension: 'dim_specialty', key: 'specialty_code' };
const day = (column: string): Key => ({ column, dimension: 'dim_date', key: 'day' });

const keysOf: Readonly<Record<string, readonly Key[]>> = {
  dim_patient: [practice],
  fact_spell: [patient, trust, specialty, day('admission_date'), day('discharge_date')],
  fact_ed_attendance: [patient, trust, day('arrival_date')],
  fact_referral: [patient],
  fact_contact: [patient],
  fact_prescription: [patient, practice],
  fact_care_package: [patient],
  fact_patient_journey: [patient],
  fact_condition: [patient],
  fact_procedure: [patient],
  fact_observation: [patient],
  fact_cost: [patient],
  fact_patient_cost: [patient],
};

/**
 * Referential integrity: each key of a fact is that of a row of its dimension. Null, and the member that stands for
 * an unknown code, name none. Keys of dimensions are unique, so one pass with a join for each counts them all.
 */
export const keyChecks = (): Check[] =>
  Object.entries(keysOf).flatMap(([table, keys]) => {
    const joins = keys.map(
      ({ column, dimension, key }, index) =>
        `left join ${dimension} k${index} on f.${column} = k${index}.${key}`,
    );
    const from = `${table} f ${joins.join(' ')}`;
    return keys.map(({ column, dimension, key }, index) =>
      check({
        id: `${table}.${column}_in_dimension`,
        subject: table,
        column,
        level: 'cross',
        category: 'conformance',
        severity: 'error',
        description: `rows of ${table} whose ${column} is in no row of ${dimension}`,
        from,
        violations: `count(*) filter (k${index}.${key} is null and f.${column} is not null${dimension === 'dim_practice' ? ` and f.${column} <> '${unknownMember}'` : ''})`,
        touches: [table],
      }),
    );
  });
