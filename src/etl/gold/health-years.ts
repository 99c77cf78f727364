import { unknownMember } from '../../warehouse/gold/dimensions.js';
import { ageBand10, ageOn } from './expressions.js';
import type { FactRelation } from './fill.js';

/** What happened to patients, one row an event: `kind` of the indicator, its day, and how many it counts as. */
const eventsOf = (
  facts: FactRelation,
): string => `select patient_no, admission_date as day, case when is_emergency then 'EMERGENCY_ADMISSIONS' when admission_method like '1%' then 'ELECTIVE_ADMISSIONS' end as kind, 1 as n from ${facts('fact_spell')}
union all select patient_no, arrival_date as day, 'ED_ATTENDANCES' as kind, 1 as n from ${facts('fact_ed_attendance')}
union all select patient_no, arrival_date as day, 'ED_OVER_4_HOURS' as kind, 1 as n from ${facts('fact_ed_attendance')} where total_minutes > 240
union all select patient_no, referral_date as day, 'MENTAL_HEALTH_REFERRALS' as kind, 1 as n from ${facts('fact_referral')}
union all select patient_no, contact_date as day, 'COMMUNITY_CONTACTS' as kind, 1 as n from ${facts('fact_contact')}
union all select patient_no, prescription_date as day, 'PRESCRIPTION_ITEMS' as kind, items as n from ${facts('fact_prescription')}
union all select patient_no, min(day) as day, 'HOSPITAL_DEATHS' as kind, 1 as n from (
  select patient_no, discharge_date as day from ${facts('fact_spell')} where discharge_destination = '79' and discharge_date is not null
  union all select patient_no, arrival_date as day from ${facts('fact_ed_attendance')} where discharge_destination = '04'
) group by patient_no`;

/** The years that the data touch. */
const years = 'select distinct year_start from dim_date where in_data';

/** Age on 1 July. Who is born later in the year is 0 years old, and who is born after it is not of its population. */
const age = ageOn(
  'k.date_of_birth',
  'greatest(k.date_of_birth, cast(y.year_start + interval 6 month as date))',
);

/** The population of each year: the current patients, with what they are split and standardised by. */
const population = (
  facts: FactRelation,
): string => `select d.patient_no, y.year_start, coalesce(${ageBand10(age)}, '${unknownMember}') as age_band,
  case when ${age} is null then -1 else least(${age} // 5, 18) end as standard_band,
  coalesce(cast(d.deprivation_quintile as varchar), '${unknownMember}') as deprivation_quintile,
  d.ethnic_group
from ${facts('dim_patient')} d join memory.main.patient_key k on k.patient_no = d.patient_no
inner join (${years}) y on k.date_of_birth is null or k.date_of_birth < y.year_start + interval 1 year`;

/** The rows of `fact_health_year`, column by column: the patients of each year, and the sums of their events. */
export const healthYearSql = (
  facts: FactRelation,
): string => `select p.year_start, p.patient_no, e.kind, e.n, p.age_band, p.standard_band, p.deprivation_quintile, p.ethnic_group
from (${population(facts)}) p join (
  select patient_no, cast(date_trunc('year', day) as date) as year_start, kind, cast(sum(n) as integer) as n
  from (${eventsOf(facts)}) where kind is not null group by patient_no, date_trunc('year', day), kind
) e on e.patient_no = p.patient_no and e.year_start = p.year_start
where e.n > 0
union all
select year_start, patient_no, 'PERSON' as kind, 1 as n, age_band, standard_band, deprivation_quintile, ethnic_group
from (${population(facts)})
order by year_start, patient_no, kind`;

/** SQL of a number that is not 0 where the release has rows of other years than the data touch. */
export const staleYearsSql = `select cast(count(*) as double) as n from (
  (${years} except select distinct year_start from fact_health_year)
  union all (select distinct year_start from fact_health_year except ${years})
)`;
