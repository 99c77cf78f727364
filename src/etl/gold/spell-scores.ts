import { referenceFile } from '../code-lists.js';
import { quoted } from '../sql.js';
import type { FactRelation } from './fill.js';

/** Months before admission in which a discharge counts, beside the spell itself. */
const charlsonLookBack = 12;
const frailtyLookBack = 24;
/** Days before admission in which an arrival counts as an ED visit. */
const visitsLookBack = 180;
const adult = 18;
/** The frailty score is validated from this age on. */
const frail = 75;

/**
 * The scores of every spell, column by column of `fact_spell_score`: Charlson (Quan 2005, 2011), LACE (van Walraven
 * 2010) and the Hospital Frailty Risk Score (Gilbert 2018). All of them, and the next admission, depend on nothing but
 * spells and attendances of the same patient.
 */
export function spellScoreSql(facts: FactRelation, referenceDir: string): string {
  const spells = facts('fact_spell');
  const list = (name: string): string =>
    `read_csv(${quoted(referenceFile(referenceDir, name))}, all_varchar = true, header = true)`;
  return `select s.spell_sk, s.patient_no,
  coalesce(c.charlson, 0) as charlson,
  coalesce(c.comorbidity, 0) as lace_comorbidity,
  coalesce(v.visits, 0) as ed_visits_180d,
  case when s.age_at_event >= ${adult} then ${lace('s.los_days', 's.is_emergency', 'coalesce(c.comorbidity, 0)', 'coalesce(v.visits, 0)')} end as lace,
  case when s.age_at_event >= ${frail} then coalesce(f.hfrs_x10, 0) end as hfrs_x10,
  n.days as next_emergency_days,
  n.days_same_trust as next_emergency_days_same_trust
from ${spells} s
left join (${comorbidity(spells, list)}) c on c.spell_sk = s.spell_sk
left join (${frailty(spells, list)}) f on f.spell_sk = s.spell_sk
left join (${visits(spells, facts('fact_ed_attendance'))}) v on v.spell_sk = s.spell_sk
left join (${nextEmergency(spells)}) n on n.spell_sk = s.spell_sk
order by s.patient_no, s.spell_sk`;
}

/** Points of LACE; null without a length of stay. The comorbidity sum jumps from 3 to 5 points. */
const lace = (losDays: string, isEmergency: string, comorbiditySum: string, edVisits: string): string =>
  `case when ${losDays} < 4 then ${losDays} when ${losDays} < 7 then 4 when ${losDays} < 14 then 5 when ${losDays} >= 14 then 7 end
    + case when ${isEmergency} then 3 else 0 end
    + case when ${comorbiditySum} >= 4 then 5 else ${comorbiditySum} end
    + least(${edVisits}, 4)`;

/** One row a spell and diagnosis of it, in any position: what stands in the primary one may be no diagnosis. */
const diagnoses = (
  spells: string,
): string => `select patient_no, spell_sk, discharge_date, primary_diagnosis as code
from ${spells} where is_diagnosis and primary_diagnosis is not null
union all
select patient_no, spell_sk, discharge_date, unnest(string_split(secondary_diagnoses, ',')) as code
from ${spells} where secondary_diagnoses is not null`;

/** The spell itself, and those that ended in the months before it or on the day of admission; `d` is a diagnosis. */
const lookBack = (months: number): string =>
  `d.patient_no = s.patient_no and (d.spell_sk = s.spell_sk or d.discharge_date between cast(s.admission_date - interval ${months} month as date) and s.admission_date)`;

/**
 * The comorbidity groups of a spell, each once, less those that a graver form supersedes. A code is of a group if it
 * begins with one of its prefixes: a code cut to three characters is not of a group with longer ones.
 */
const comorbidity = (
  spells: string,
  list: (name: string) => string,
): string => `select k.spell_sk, cast(sum(cast(w.quan_2011 as integer)) as integer) as charlson,
  cast(sum(cast(w.schneeweiss as integer)) as integer) as comorbidity
from (
  select s.spell_sk, list(distinct d.condition) as conditions
  from ${spells} s join (
    select distinct e.patient_no, e.spell_sk, e.discharge_date, m.condition
    from (${diagnoses(spells)}) e join (
      select o.code, r.condition from (select distinct code from (${diagnoses(spells)})) o
      join ${list('charlson_icd10')} r on starts_with(o.code, r.code)
    ) m on m.code = e.code
  ) d on ${lookBack(charlsonLookBack)}
  group by s.spell_sk
) k join ${list('charlson_condition')} w
  on list_contains(k.conditions, w.code) and not coalesce(list_contains(k.conditions, w.superseded_by), false)
group by k.spell_sk`;

/** Tenths of points over the distinct three-character codes. */
const frailty = (
  spells: string,
  list: (name: string) => string,
): string => `select k.spell_sk, cast(sum(k.points_x10) as integer) as hfrs_x10
from (
  select distinct s.spell_sk, d.code, d.points_x10
  from ${spells} s join (
    select distinct e.patient_no, e.spell_sk, e.discharge_date, r.code, cast(cast(r.points as decimal(4, 1)) * 10 as integer) as points_x10
    from (${diagnoses(spells)}) e join ${list('hfrs_icd10')} r on r.code = left(e.code, 3)
  ) d on ${lookBack(frailtyLookBack)}
  where s.age_at_event >= ${frail}
) k
group by k.spell_sk`;

/** An attendance that lasts into the day of admission has led to it, and does not count. Days are local. */
const visits = (
  spells: string,
  attendances: string,
): string => `select s.spell_sk, cast(count(a.departure_date) as integer) as visits
from ${spells} s join (
  select patient_no, arrival_date, cast(timezone('Europe/London', timezone('UTC', departed_at)) as date) as departure_date
  from ${attendances}
) a on a.patient_no = s.patient_no and a.arrival_date >= s.admission_date - ${visitsLookBack} and a.departure_date < s.admission_date
group by s.spell_sk`;

/** Days to the next emergency admission on or after the discharge. A stay that began before it never counts. */
const nextEmergency = (spells: string): string => `select s.spell_sk,
  cast(min(e.admission_date) - s.discharge_date as integer) as days,
  cast(min(case when e.trust_code = s.trust_code then e.admission_date end) - s.discharge_date as integer) as days_same_trust
from ${spells} s join ${spells} e
  on e.patient_no = s.patient_no and e.is_emergency and e.admission_date >= s.discharge_date and e.spell_sk <> s.spell_sk
group by s.spell_sk, s.discharge_date`;
