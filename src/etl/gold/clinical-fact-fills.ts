import { factCondition, factObservation, factProcedure } from '../../warehouse/gold/facts.js';
import { ageOn, keyed, localNamespace, plainCode, unit, utc } from './expressions.js';
import { event } from './fact-fills.js';
import { type Filler, type GoldFill, patientKey } from './fill.js';

const visit = keyed('event', `${localNamespace}/encounters`, 's.encounter_id');

/** Conditions, procedures and observations: only FHIR brings them. */
export function clinicalFactFills({ fill, coded, codedOrNull, rows }: Filler): GoldFill[] {
  return [
    fill(
      factCondition,
      {
        condition_sk: event('conditions', 'condition_id'),
        patient_no: 'p.patient_no',
        visit_sk: visit,
        code_system: coded('conditions', 'code_system'),
        code: `coalesce(${plainCode('s.code')}, 'unknown')`,
        clinical_status: codedOrNull('conditions', 'clinical_status'),
        verification_status: codedOrNull('conditions', 'verification_status'),
        onset_date: 's.onset_date',
        abatement_date: 's.abatement_date',
        recorded_date: 's.recorded_date',
        age_at_event: ageOn('p.date_of_birth', 'coalesce(s.onset_date, s.recorded_date)'),
        batch_id: 's._batch',
      },
      `${rows('conditions')} s ${patientKey}`,
      {
        dataset: 'conditions',
        column: 'condition_sk',
        key: event('conditions', 'condition_id'),
        day: 'recorded_date',
      },
    ),
    fill(
      factProcedure,
      {
        procedure_sk: event('procedures', 'procedure_id'),
        patient_no: 'p.patient_no',
        visit_sk: visit,
        code_system: coded('procedures', 'code_system'),
        code: `coalesce(${plainCode('s.code')}, 'unknown')`,
        status: codedOrNull('procedures', 'status'),
        performed_date: 's.performed_date',
        performed_end_date: 's.performed_end_date',
        age_at_event: ageOn('p.date_of_birth', 's.performed_date'),
        batch_id: 's._batch',
      },
      `${rows('procedures')} s ${patientKey}`,
      {
        dataset: 'procedures',
        column: 'procedure_sk',
        key: event('procedures', 'procedure_id'),
        day: 'performed_date',
      },
    ),
    fill(
      factObservation,
      {
        observation_sk: event('observations', 'observation_id'),
        patient_no: 'p.patient_no',
        visit_sk: visit,
        code_system: coded('observations', 'code_system'),
        code: `coalesce(${plainCode('s.code')}, 'unknown')`,
        value: 's.value',
        unit: unit('s.unit'),
        observed_at: utc('s.effective_datetime'),
        observed_date: 'cast(s.effective_datetime as date)',
        age_at_event: ageOn('p.date_of_birth', 'cast(s.effective_datetime as date)'),
        batch_id: 's._batch',
      },
      `${rows('observations')} s ${patientKey}`,
      {
        dataset: 'observations',
        column: 'observation_sk',
        key: event('observations', 'observation_id'),
        day: 'observed_date',
      },
    ),
  ];
}
