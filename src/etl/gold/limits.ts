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
const whole = (fact: string, column: string): string =>
  `(select cast(floor(low + (high - low) * part) as integer) from ${closestRanks(fact, column)})`;

/** Rounded down to pence. */
const pounds = (fact: string, column: string): string =>
  `(select cast(low + cast(floor(cast((high - low) * 100 as double) * part) as bigint) * 0.01 as decimal(15, 2)) from ${closestRanks(fact, column)})`;

/** SELECT of `release_limit`, from the facts of the release: percentiles between the closest ranks. */
export const releaseLimitSql = `select ${whole('fact_spell', 'los_days')} as los_days,
  ${whole('fact_ed_attendance', 'total_minutes')} as total_minutes,
  ${whole('fact_ed_attendance', 'treatment_minutes')} as treatment_minutes,
  ${whole('fact_contact', 'duration_minutes')} as duration_minutes,
  ${whole('fact_referral', 'first_contact_date - referral_date')} as wait_days,
  ${pounds('fact_prescription', 'net_ingredient_cost')} as net_ingredient_cost,
  ${pounds('fact_prescription', 'actual_cost')} as actual_cost,
  ${pounds('fact_care_package', 'weekly_cost')} as weekly_cost`;
