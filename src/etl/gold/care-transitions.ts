import type { FactRelation } from './fill.js';

/** A stay or package without an end goes on: whatever follows overlaps it. */
const open = "DATE '9999-12-31'";

/**
 * What happened to a patient, one row an event: `setting`, its place in the order of settings, first and last day. A
 * prescription is no event, and a contact lasts a day.
 */
const eventsOf = (
  facts: FactRelation,
): string => `select patient_no, 'ACUTE' as setting, 1 as place, admission_date as started, coalesce(discharge_date, ${open}) as ended from ${facts('fact_spell')}
union all select patient_no, 'EMERGENCY' as setting, 2 as place, arrival_date as started, cast(timezone('Europe/London', timezone('UTC', departed_at)) as date) as ended from ${facts('fact_ed_attendance')}
union all select patient_no, 'MENTAL_HEALTH' as setting, 3 as place, referral_date as started, coalesce(discharge_date, ${open}) as ended from ${facts('fact_referral')}
union all select patient_no, 'COMMUNITY' as setting, 4 as place, contact_date as started, contact_date as ended from ${facts('fact_contact')}
union all select patient_no, 'SOCIAL_CARE' as setting, 5 as place, start_date as started, coalesce(end_date, ${open}) as ended from ${facts('fact_care_package')}`;

/** Events of one patient follow each other by start, end and setting; what is equal in all three is of one setting. */
const before = (column: string): string =>
  `lag(${column}) over (partition by patient_no order by started, ended, place)`;

/**
 * The transitions of `fact_care_transition`, column by column: two events of a patient that follow each other in
 * different settings, whatever lies between them.
 */
export const careTransitionSql = (
  facts: FactRelation,
): string => `select patient_no, started as transition_date, from_setting, to_setting,
  cast(greatest(started - ended_before, 0) as integer) as gap_days,
  started < ended_before as is_overlap
from (
  select patient_no, started, setting as to_setting, ${before('setting')} as from_setting, ${before('ended')} as ended_before
  from (${eventsOf(facts)})
)
where from_setting <> to_setting
order by transition_date, patient_no`;
