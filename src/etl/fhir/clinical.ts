import {
  anyConceptHas,
  codingOf,
  joinTarget,
  londonDay,
  londonTime,
  patientTarget,
  plainCode,
  systemName,
  target,
  token,
} from './expressions.js';
import { isOfPatient, type Mapping } from './mapping.js';
import { typeTable } from './shapes.js';
import { acceptedCondition, acceptedProcedure, onset, performed, spellCodeTable } from './spell-codes.js';

/** Joins of a resource that is about a patient and may belong to an encounter. */
const joins = `${joinTarget('p', 'm.r.subject', 'Patient')} ${joinTarget('e', 'm.r.encounter', 'Encounter')}`;
const common = { patient_id: patientTarget('p', 'm.r.subject'), encounter_id: target('e', 'Encounter') };
const ofPatient = isOfPatient('p', 'm.r.subject');
const notOfSpell = (type: string): string =>
  `not exists (select 1 from ${spellCodeTable} k where k.type = '${type}' and k.id = m.id)`;

const conditionCoding = codingOf('m.r.code', ['icd10', 'snomed']);
export const conditionMapping: Mapping = {
  dataset: 'conditions',
  type: 'Condition',
  columns: {
    condition_id: token('Condition', 'm.id'),
    ...common,
    code_system: systemName(conditionCoding),
    code: plainCode(`${conditionCoding}.code`),
    clinical_status: 'left(m.r.clinicalStatus.coding[1].code, 16)',
    verification_status: 'left(m.r.verificationStatus.coding[1].code, 16)',
    onset_date: londonDay(onset),
    abatement_date: londonDay('coalesce(m.r.abatementDateTime, m.r.abatementPeriod.start)'),
    recorded_date: londonDay('m.r.recordedDate'),
  },
  from: `${typeTable('Condition')} m ${joins}`,
  where: `${acceptedCondition} and ${notOfSpell('Condition')} and ${ofPatient}`,
};

const procedureCoding = codingOf('m.r.code', ['opcs4', 'snomed']);
export const procedureMapping: Mapping = {
  dataset: 'procedures',
  type: 'Procedure',
  columns: {
    procedure_id: token('Procedure', 'm.id'),
    ...common,
    code_system: systemName(procedureCoding),
    code: plainCode(`${procedureCoding}.code`),
    status: 'left(m.r.status, 16)',
    performed_date: londonDay(performed),
    performed_end_date: londonDay('m.r.performedPeriod."end"'),
  },
  from: `${typeTable('Procedure')} m ${joins}`,
  where: `${acceptedProcedure} and ${notOfSpell('Procedure')} and ${ofPatient}`,
};

/** The value of an observation and those of its components, each with its number; 0 is the observation's own. */
const measured = `(
  select id, _batch, _row, _loaded_at, r, unnest(list_concat([{ 'n': 0, 'code': r.code, 'quantity': r.valueQuantity }],
    list_transform(coalesce(r.component, []), lambda c, i: { 'n': i, 'code': c.code, 'quantity': c.valueQuantity }))) as part
  from ${typeTable('Observation')}
)`;
const partCoding = codingOf('m.part.code', ['loinc', 'snomed']);
/** UCUM without annotations: those may hold any text. */
const unit = `case when m.part.quantity.system = 'http://unitsofmeasure.org' and regexp_full_match(m.part.quantity.code, '[A-Za-z0-9%/*.\\[\\]\\^]{1,20}') then m.part.quantity.code end`;

export const observationMapping: Mapping = {
  dataset: 'observations',
  type: 'Observation',
  columns: {
    observation_id: `${token('Observation', 'm.id')} || case when m.part.n > 0 then '#' || m.part.n else '' end`,
    ...common,
    code_system: systemName(partCoding),
    code: plainCode(`${partCoding}.code`),
    value: 'm.part.quantity.value',
    unit,
    effective_datetime: londonTime(
      'coalesce(m.r.effectiveDateTime, m.r.effectiveInstant, m.r.effectivePeriod.start)',
    ),
  },
  from: `${measured} m ${joins}`,
  where: `m.part.quantity.value is not null and coalesce(m.r.status, '') not in ('entered-in-error', 'cancelled', 'registered') and ${anyConceptHas('m.r.category', ['vital-signs', 'vital-sign'])} and ${ofPatient}`,
};
