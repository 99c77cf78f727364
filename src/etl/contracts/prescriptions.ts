import { codeSystemNames } from './code-systems.js';
import { contract, date, decimal, integer, text } from './contract.js';
import { createdTimestamp, eventId, knownPatient, nhsNumber, nhsNumberRules, patientId } from './identity.js';
import { noNegatives } from './no-negatives.js';

const columns = {
  prescription_id: eventId('Id of the prescription.'),
  patient_id: patientId(),
  nhs_number: nhsNumber(),
  practice_code: text(8)('Q', 'Practice that prescribed; often another than the one of registration.', {
    mustExist: true,
    upper: true,
    pattern: '[A-HJ-NP-Y][0-9]{5}',
    defaults: ['V81997', 'V81998', 'V81999'],
  }),
  prescription_date: date('Q', 'Day of the prescription.', { required: true, bound: 'event' }),
  bnf_code: text(15)('Q', 'BNF code; supplied as a prefix of seven characters.', {
    mustExist: true,
    upper: true,
    pattern: '[0-9]{7}([A-Z0-9]{2}([A-Z0-9]{2}([A-Z0-9]{4})?)?)?',
  }),
  bnf_name: text(200)('Q', 'Label as supplied; it contradicts the code in places.'),
  quantity: integer(0, 1_000_000)('Q', 'Quantity supplied.'),
  net_ingredient_cost: decimal(15, 2)('S', 'Net ingredient cost in pounds.', {
    mustExist: true,
    aliases: ['nic'],
  }),
  actual_cost: decimal(15, 2)('S', 'Actual cost in pounds.', { mustExist: true }),
  prescriber_code: text(20)('W', 'Prescriber.', { upper: true, token: true }),
  drug_code_system: text(16)('O', 'Code system of the drug.', { codes: codeSystemNames, origin: 'fhir' }),
  drug_code: text(20)('S', 'Code of the drug in its code system.', {
    pattern: '[A-Za-z0-9.-]+',
    origin: 'fhir',
  }),
  prescription_items: integer(0, 10_000)('Q', 'Items on the prescription.', {
    mustExist: true,
    aliases: ['items'],
  }),
  daily_dose_mg: decimal(12, 3)('S', 'Milligrams a day as prescribed.', { optional: true }),
  days_supply: integer(0, 3660)('S', 'Days that the quantity lasts.', { optional: true }),
  created_timestamp: createdTimestamp(),
};

export const prescriptions = contract({
  dataset: 'prescriptions',
  version: 2,
  description: 'Items prescribed in primary care.',
  key: ['prescription_id'],
  duplicateRule: 'PRESCRIPTION_DUPLICATE',
  requiredForRelease: false,
  freshness: 'prescription_date',
  columns,
  rules: [
    ...noNegatives(columns),
    ...nhsNumberRules,
    {
      id: 'BNF_PREFIX',
      column: 'bnf_code',
      action: 'info',
      violated: 'length(bnf_code) < 15',
      reason: 'the BNF code names a paragraph, not a presentation',
    },
  ],
  references: [
    knownPatient,
    { rule: 'PRACTICE_ORPHAN', column: 'practice_code', dataset: 'practices', action: 'warn' },
  ],
});
