import { codeSystemNames } from './code-systems.js';
import { contract, date, text } from './contract.js';
import { encounterId, eventId, knownPatient, patientId } from './identity.js';

const columns = {
  condition_id: eventId('Id of the condition.'),
  patient_id: patientId(),
  encounter_id: encounterId(),
  code_system: text(16)('O', 'Code system of the code.', { required: true, codes: codeSystemNames }),
  code: text(20)('S', 'Code of the condition; never its display text.', {
    required: true,
    pattern: '[A-Za-z0-9.-]+',
  }),
  clinical_status: text(16)('S', 'Clinical status.', {
    codes: ['active', 'recurrence', 'relapse', 'inactive', 'remission', 'resolved'],
  }),
  verification_status: text(16)('S', 'Verification status; refuted and mistaken ones are not taken.', {
    codes: ['unconfirmed', 'provisional', 'differential', 'confirmed'],
  }),
  onset_date: date('Q', 'First day.', { bound: 'event' }),
  abatement_date: date('Q', 'Last day; empty while it lasts.', { bound: 'planned' }),
  recorded_date: date('Q', 'Day on which it was recorded.', { bound: 'planned' }),
};

export const conditions = contract({
  dataset: 'conditions',
  version: 1,
  description: 'Conditions that FHIR sends, except those that are coded diagnoses of a spell.',
  key: ['condition_id'],
  duplicateRule: 'CONDITION_DUPLICATE',
  requiredForRelease: false,
  columns,
  rules: [
    {
      id: 'CONDITION_END_BEFORE_START',
      column: 'abatement_date',
      action: 'warn',
      violated: 'abatement_date < onset_date',
      reason: 'the condition ends before it starts',
    },
  ],
  references: [knownPatient],
  origin: 'fhir',
});
