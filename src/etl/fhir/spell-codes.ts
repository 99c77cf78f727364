import { icd10, joinTarget, londonDay, opcs4 } from './expressions.js';
import { typeTable } from './shapes.js';
import { visitTable } from './visits.js';

/** Coded diagnoses of each spell: `(encounter_id, first_code, other_codes)`. */
export const spellDiagnosisTable = 'fhir_spell_diagnosis';
/** Coded procedures of each spell, the same way. */
export const spellProcedureTable = 'fhir_spell_procedure';
/** Conditions and procedures that a spell holds as codes, and no dataset of their own: `(type, id)`. */
export const spellCodeTable = 'fhir_spell_code';

/** Codes that a spell takes; the classification allows fewer. */
const most = 25;

const refuted = "coalesce(m.r.verificationStatus.coding[1].code, '') in ('entered-in-error', 'refuted')";
export const acceptedCondition = `not ${refuted}`;
export const acceptedProcedure =
  "coalesce(m.r.status, '') not in ('not-done', 'entered-in-error', 'preparation')";
export const performed = 'coalesce(m.r.performedDateTime, m.r.performedPeriod.start)';
export const onset = 'coalesce(m.r.onsetDateTime, m.r.onsetPeriod.start)';

const summed = (table: string, type: string): string => `create or replace table ${table} as
select encounter_id, min(code) filter (place = 1) as first_code, string_agg(code, ',' order by place) filter (place > 1) as other_codes
from fhir_ranked_code where type = '${type}' group by encounter_id`;

/**
 * The order of an encounter's own list of diagnoses counts; conditions that only name their encounter follow by date.
 * A code that occurs twice in a spell is taken once.
 */
export const spellCodesSql: readonly string[] = [
  `create or replace table fhir_ranked_code as
with listed as (
  select e.id as encounter_id, d.condition, d.rank, e._batch from (
    select id, _batch, unnest(r.diagnosis) as d from ${typeTable('Encounter')}
  ) e
), named as (
  select m.encounter_id, l.id, min(coalesce(m.rank, 1000)) as rank from listed m ${joinTarget('l', 'm.condition', 'Condition')}
  where l.id is not null group by all
  union all
  select l.id, m.id, 2000 from ${typeTable('Condition')} m ${joinTarget('l', 'm.r.encounter', 'Encounter')} where l.id is not null
), diagnosis as (
  select 'Condition' as type, n.encounter_id, m.id, ${icd10('m.r.code')} as code, min(n.rank) as rank, ${londonDay(`coalesce(m.r.recordedDate, ${onset})`)} as day
  from named n join ${typeTable('Condition')} m on m.id = n.id where ${acceptedCondition} group by all
), procedure as (
  select 'Procedure' as type, l.id as encounter_id, m.id, ${opcs4('m.r.code')} as code, 0 as rank, ${londonDay(performed)} as day
  from ${typeTable('Procedure')} m ${joinTarget('l', 'm.r.encounter', 'Encounter')} where ${acceptedProcedure}
), coded as (
  select c.* from (from diagnosis union all by name from procedure) c join ${visitTable} v on v.id = c.encounter_id and v.kind = 'spell' where c.code is not null
), once as (
  select *, row_number() over (partition by type, encounter_id, code order by rank, day, id) as copy from coded
)
select type, encounter_id, id, code, row_number() over (partition by type, encounter_id order by copy, rank, day, id) as place, copy = 1 as first
from once`,
  `create or replace table ${spellCodeTable} as select distinct type, id from fhir_ranked_code where not first or place <= ${most}`,
  `delete from fhir_ranked_code where not first or place > ${most}`,
  summed(spellDiagnosisTable, 'Condition'),
  summed(spellProcedureTable, 'Procedure'),
];
