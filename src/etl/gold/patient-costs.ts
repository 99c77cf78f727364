import { mostCostly } from '../../warehouse/gold/costs.js';

/**
 * The rows of `fact_patient_cost`, column by column, from the costs of the release: the last calendar year that ends with the
 * last day with data or before it, as the dataset of high-cost patients reckons it by default.
 */
export const patientCostSql = (
  dataAsOf: string,
): string => `select patient_no, patient_sk, total_cost, (place - 1) * 100 < ${mostCostly} * people as in_top5
from (
  select c.patient_no, p.patient_sk, c.total_cost,
    row_number() over (order by c.total_cost desc, p.patient_sk) as place, count(*) over () as people
  from (
    select patient_no, cast(sum(amount) as decimal(18, 6)) as total_cost
    from fact_cost
    where setting <> 'SOCIAL_CARE'
      and day >= date_trunc('year', DATE '${dataAsOf}' + 1) - interval 1 year
      and day < date_trunc('year', DATE '${dataAsOf}' + 1)
    group by patient_no
  ) c join dim_patient p on p.patient_no = c.patient_no
  where c.total_cost > 0 and not p.is_restricted
)
order by patient_no`;
