import type { FactRelation } from './fill.js';

/** Died: no discharge to come back from. */
const died = "'79'";

/** The community contacts of a patient by day, to be met by their order. */
const contactDays = (facts: FactRelation): string =>
  `(select distinct patient_no, contact_date from ${facts('fact_contact')})`;

/**
 * The rows of `fact_spell_interval`, column by column. The days on which a patient was discharged alive are met by their
 * order; where the last one before an admission is that of the spell itself alone, it is the one before.
 */
export const spellIntervalSql = (facts: FactRelation): string => `select s.spell_sk, s.patient_no,
  cast(s.admission_date - case when d.alone = s.spell_sk then d.day_before else d.discharge_date end as integer) as days_since_discharge,
  c.contact_date as contact_after_discharge
from ${facts('fact_spell')} s
asof left join (
  select patient_no, discharge_date, case when count(*) = 1 then min(spell_sk) end as alone,
    lag(discharge_date) over (partition by patient_no order by discharge_date) as day_before
  from ${facts('fact_spell')} where discharge_date is not null and coalesce(discharge_destination, '') <> ${died}
  group by patient_no, discharge_date
) d on d.patient_no = s.patient_no and d.discharge_date <= s.admission_date
asof left join ${contactDays(facts)} c on c.patient_no = s.patient_no and c.contact_date >= s.discharge_date
order by s.patient_no, s.spell_sk`;

/** The rows of `fact_ed_interval`, column by column. Attendances of a patient follow each other by arrival and key. */
export const edIntervalSql = (facts: FactRelation): string => `select a.attendance_sk, a.patient_no,
  a.arrived_at + to_minutes(a.treatment_minutes) as treated_at,
  case when a.arrived_at >= a.departed_before then cast(date_diff('second', a.departed_before, a.arrived_at) as double) / 3600 end as hours_since_departure,
  r.referral_date as mh_referral_after
from (
  select attendance_sk, patient_no, arrived_at, arrival_date, treatment_minutes,
    max(departed_at) over (partition by patient_no order by arrived_at, attendance_sk rows between unbounded preceding and 1 preceding) as departed_before
  from ${facts('fact_ed_attendance')}
) a
asof left join (select distinct patient_no, referral_date from ${facts('fact_referral')}) r on r.patient_no = a.patient_no and r.referral_date >= a.arrival_date
order by a.patient_no, a.attendance_sk`;

/** The rows of `fact_referral_interval`, column by column. */
export const referralIntervalSql = (facts: FactRelation): string => `select r.referral_sk, r.patient_no,
  c.contact_date as contact_after_discharge
from ${facts('fact_referral')} r
asof left join ${contactDays(facts)} c on c.patient_no = r.patient_no and c.contact_date >= r.discharge_date
order by r.patient_no, r.referral_sk`;
