import { bool, contract, date, integer, text } from './contract.js';
import { identifyingColumns } from './identifying.js';
import { nhsNumber, nhsNumberRules, patientId } from './identity.js';
import { noNegatives } from './no-negatives.js';

const columns = {
  patient_id: patientId(),
  nhs_number: nhsNumber(),
  date_of_birth: date('Q', 'Date of birth.', {
    mustExist: true,
    bound: 'event',
    aliases: ['birth_date', 'dob'],
  }),
  gender: text(1)('Q', 'Administrative gender: M, F, U not known.', {
    mustExist: true,
    upper: true,
    codes: 'gender',
    defaults: ['U', 'X'],
    aliases: ['sex'],
  }),
  ethnicity: text(2)('Q', 'Ethnic category (16+1), also a sensitive field.', {
    mustExist: true,
    upper: true,
    codes: 'ethnic_category',
    notStated: ['Z'],
    defaults: ['99'],
    aliases: ['ethnic_category'],
  }),
  deprivation_decile: integer(1, 10)('Q', 'Deprivation decile of the area of residence, 1 most deprived.', {
    mustExist: true,
    aliases: ['imd_decile'],
  }),
  registered_practice: text(8)('Q', 'Practice where the patient is registered.', {
    upper: true,
    pattern: '[A-HJ-NP-Y][0-9]{5}',
    defaults: ['V81997', 'V81998', 'V81999'],
    aliases: ['registered_practice_code'],
  }),
  age_at_start: integer(0, 130)(
    'Q',
    'Age in years on the first day of the data, capped at 95 by the supplier.',
  ),
  created_date: date('O', 'Day on which the source system wrote the row.', { bound: 'planned' }),
  postcode_district: text(4)('Q', 'Postcode district of residence.', {
    upper: true,
    pattern: '[A-Z]{1,2}[0-9][A-Z0-9]?',
    defaults: ['ZZ99'],
  }),
  nhs_number_status: text(2)(
    'O',
    'NHS number verification status, national code; 03 where the check fails.',
    {
      codes: 'nhs_number_status',
      origin: 'fhir',
    },
  ),
  nhs_number_check: text(16)('O', 'Result of the modulus 11 check and of the search for palindromes.', {
    codes: ['VALID', 'MISSING', 'WRONG_LENGTH', 'BAD_CHECK_DIGIT', 'PALINDROME'],
    origin: 'fhir',
  }),
  restricted: bool(
    'S',
    'The record is labelled restricted or very restricted; rows of the patient are denied.',
    {
      origin: 'fhir',
    },
  ),
  date_of_death: date('Q', 'Day of death.', { bound: 'planned', origin: 'fhir' }),
  ...identifyingColumns,
};

export const patients = contract({
  dataset: 'patients',
  version: 1,
  description: 'Patients; of repeated keys in one file the first row is kept.',
  key: ['patient_id'],
  duplicateRule: 'PATIENT_DUPLICATE',
  requiredForRelease: true,
  freshness: 'created_date',
  columns,
  rules: [
    ...noNegatives(columns),
    ...nhsNumberRules,
    {
      id: 'NHS_NUMBER_CHECK_FAILED',
      column: 'nhs_number_check',
      action: 'warn',
      violated: "nhs_number_check in ('WRONG_LENGTH', 'BAD_CHECK_DIGIT', 'PALINDROME')",
      reason: 'the NHS number fails its check; the number is dropped, the patient stays',
    },
    {
      id: 'PRACTICE_MISSING',
      column: 'registered_practice',
      action: 'warn',
      violated: 'registered_practice is null',
      reason: 'the patient has no registered practice',
    },
  ],
  references: [
    { rule: 'PRACTICE_ORPHAN', column: 'registered_practice', dataset: 'practices', action: 'warn' },
  ],
});
