import { codeSystemNames } from './code-systems.js';
import { contract, decimal, localTime, text } from './contract.js';
import { encounterId, eventId, knownPatient, patientId } from './identity.js';

/** UCUM without annotations, which may hold any text. */
const ucum = '[A-Za-z0-9%/*.\\[\\]\\^]{1,20}';

const columns = {
  observation_id: eventId('Id of the observation, with `#n` behind it for its nth component.'),
  patient_id: patientId(),
  encounter_id: encounterId(),
  code_system: text(16)('O', 'Code system of the code.', { required: true, codes: codeSystemNames }),
  code: text(20)('S', 'Code of what was measured; never its display text.', {
    required: true,
    pattern: '[A-Za-z0-9.-]+',
  }),
  value: decimal(18, 6, -999_999_999_999)('S', 'Measured value.', { required: true }),
  unit: text(20)('O', 'Unit, UCUM.', { pattern: ucum }),
  effective_datetime: localTime('Q', 'When it was measured, local time.', { required: true, bound: 'event' }),
};

export const observations = contract({
  dataset: 'observations',
  version: 1,
  description: 'Vital signs that FHIR sends, one row a value: the parts of a blood pressure are two.',
  key: ['observation_id'],
  duplicateRule: 'OBSERVATION_DUPLICATE',
  requiredForRelease: false,
  columns,
  rules: [
    {
      id: 'UNIT_MISSING',
      column: 'unit',
      action: 'info',
      violated: 'unit is null',
      reason: 'the value has no unit of UCUM, or one with an annotation, which is not kept',
    },
  ],
  references: [knownPatient],
  origin: 'fhir',
});
