import { codeSystemNames } from './code-systems.js';
import { contract, date, text } from './contract.js';
import { encounterId, eventId, knownPatient, patientId } from './identity.js';

const columns = {
  procedure_id: eventId('Id of the procedure.'),
  patient_id: patientId(),
  encounter_id: encounterId(),
  code_system: text(16)('O', 'Code system of the code.', { required: true, codes: codeSystemNames }),
  code: text(20)('S', 'Code of the procedure; never its display text.', {
    required: true,
    pattern: '[A-Za-z0-9.-]+',
  }),
  status: text(16)('S', 'Status; procedures that were not done are not taken.', {
    codes: ['in-progress', 'on-hold', 'stopped', 'completed', 'unknown'],
  }),
  performed_date: date('Q', 'First day on which it was performed.', { required: true, bound: 'event' }),
  performed_end_date: date('Q', 'Last day on which it was performed.', { bound: 'planned' }),
};

export const procedures = contract({
  dataset: 'procedures',
  version: 1,
  description: 'Procedures that FHIR sends, except those that are coded procedures of a spell.',
  key: ['procedure_id'],
  duplicateRule: 'PROCEDURE_DUPLICATE',
  requiredForRelease: false,
  columns,
  rules: [
    {
      id: 'PROCEDURE_END_BEFORE_START',
      column: 'performed_end_date',
      action: 'warn',
      violated: 'performed_end_date < performed_date',
      reason: 'the procedure ends before it starts',
    },
  ],
  references: [knownPatient],
  origin: 'fhir',
});
