/** The share of the values that lie at or below a limit. */
const share = 0.995;

/**
 * The values of a column of a fact between which the percentile lies, `low` and `high`, and how far along, `part`; nulls of
 * no values. Counted by value, of which there are few: all values at once are more than the memory that a load may have.
 */
const closestRanks = (fact: string, column: string): string => `(
  select min(v) filter (upto > floor(rank)) as low, min(v) filter (upto > ceil(rank)) as high, any_value(rank - floor(rank)) as part
  from (
    select v, sum(n) over (order by v) as upto, cast((sum(n) over () - 1) * ${share} as double) as rank
    from (select ${column} as v, count(*) as n from ${fact} where ${column} is not null group by ${column})
  )
)`;

/** Rounded down to a whole number. */
const whole = (of: string): string =>
  `cast(floor(${of}.low + (${of}.high - ${of}.low) * ${of}.part) as integer)`;

/** Rounded down to pence. */
const pounds = (of: string): string =>
  `cast(${of}.low + cast(floor(cast((${of}.high - ${of}.low) * 100 as double) * ${of}.part) as bigint) * 0.01 as decimal(15, 2))`;

const limits = [
  { name: 'los_days', fact: 'fact_spell', value: 'los_days', rounded: whole },
  { name: 'total_minutes', fact: 'fact_ed_attendance', value: 'total_minutes', rounded: whole },
  { name: 'treatment_minutes', fact: 'fact_ed_attendance', value: 'treatment_minutes', rounded: whole },
  { name: 'duration_minutes', fact: 'fact_contact', value: 'duration_minutes', rounded: whole },
  { name: 'wait_days', fact: 'fact_referral', value: 'first_contact_date - referral_date', rounded: whole },
  { name: 'net_ingredient_cost', fact: 'fact_prescription', value: 'net_ingredient_cost', rounded: pounds },
  { name: 'actual_cost', fact: 'fact_prescription', value: 'actual_cost', rounded: pounds },
  { name: 'weekly_cost', fact: 'fact_care_package', value: 'weekly_cost', rounded: pounds },
] as const;

/** SELECT of `release_limit`, from the facts of the release: percentiles between the closest ranks. */
export const releaseLimitSql = `select ${limits.map(({ name, rounded }) => `${rounded(`of_${name}`)} as ${name}`).join(',\n  ')}
from ${limits.map(({ name, fact, value }) => `${closestRanks(fact, value)} of_${name}`).join(',\n  ')}`;
