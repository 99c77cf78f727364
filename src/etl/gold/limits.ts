const whole = (column: string): string => `cast(floor(quantile_cont(${column}, 0.995)) as integer)`;
const pounds = (column: string): string => `cast(quantile_cont(${column}, 0.995) as decimal(15, 2))`;

/** SELECT of `release_limit`, from the facts of the release. */
export const releaseLimitSql = `select s.los_days as los_days, e.total_minutes as total_minutes,
  e.treatment_minutes as treatment_minutes, c.duration_minutes as duration_minutes, r.wait_days as wait_days,
  p.net_ingredient_cost as net_ingredient_cost, p.actual_cost as actual_cost, k.weekly_cost as weekly_cost
from (select ${whole('los_days')} as los_days from fact_spell) s,
  (select ${whole('total_minutes')} as total_minutes, ${whole('treatment_minutes')} as treatment_minutes from fact_ed_attendance) e,
  (select ${whole('duration_minutes')} as duration_minutes from fact_contact) c,
  (select ${whole('first_contact_date - referral_date')} as wait_days from fact_referral) r,
  (select ${pounds('net_ingredient_cost')} as net_ingredient_cost, ${pounds('actual_cost')} as actual_cost from fact_prescription) p,
  (select ${pounds('weekly_cost')} as weekly_cost from fact_care_package) k`;
