import { codes, contract, date, integer, type RowRule, text } from './contract.js';
import { primaryDiagnosis } from './diagnosis.js';
import {
  createdTimestamp,
  eventId,
  knownPatient,
  knownTrust,
  nhsNumber,
  nhsNumberRules,
  patientId,
  trustCodePattern,
} from './identity.js';
import { noNegatives } from './no-negatives.js';

/** OPCS-4 procedure codes that the supplier writes into the diagnosis of elective spells. */
const opcs4InDiagnosis = "('H01', 'J27', 'T87', 'W37')";
/** Waiting list, booked, planned. */
const elective = "('11', '12', '13')";

const columns = {
  episode_id: eventId('Id of the spell.', { aliases: ['spell_id'] }),
  patient_id: patientId(),
  nhs_number: nhsNumber(),
  trust_code: text(6)('O', 'Trust of the spell.', {
    required: true,
    upper: true,
    pattern: trustCodePattern,
    defaults: ['X99998', 'X99999', '89997', '89999'],
  }),
  admission_date: date('Q', 'Day of admission.', { required: true, bound: 'event' }),
  discharge_date: date('Q', 'Day of discharge; empty while the patient is in hospital.', {
    mustExist: true,
    bound: 'event',
  }),
  admission_method: text(2)('Q', 'Admission method, national code.', {
    mustExist: true,
    upper: true,
    codes: 'admission_method',
    defaults: ['98', '99'],
  }),
  admission_source: text(2)('Q', 'Admission source, national code; the supplied 01 is none.', {
    upper: true,
    codes: 'admission_source',
    defaults: ['98', '99'],
  }),
  discharge_destination: text(2)(
    'Q',
    'Discharge destination, national code; another list than that of the ED.',
    {
      mustExist: true,
      upper: true,
      codes: 'discharge_destination',
      defaults: ['98', '99'],
    },
  ),
  length_of_stay: integer(0, 40_000)(
    'Q',
    'Length of stay in days as supplied; measures take it from the dates.',
  ),
  primary_diagnosis: primaryDiagnosis(),
  secondary_diagnoses: codes(400)('S', 'Secondary diagnoses, ICD-10, comma-separated.', { upper: true }),
  primary_procedure: text(5)('S', 'Primary procedure, OPCS-4.', {
    upper: true,
    pattern: '[A-HJ-Z][0-9]{2}[0-9]?',
  }),
  secondary_procedures: codes(400)('S', 'Secondary procedures, OPCS-4, comma-separated.', { upper: true }),
  hrg_code: text(5)('Q', 'Healthcare resource group; supplied as root without the split letter.', {
    upper: true,
    pattern: '[A-Z]{2}[0-9]{2}[A-Z]?',
  }),
  consultant_code: text(12)('W', 'Consultant in charge.', {
    upper: true,
    token: true,
    pattern: 'C([0-9]{4}|[0-9]{7})',
  }),
  specialty: text(3)('Q', 'Treatment specialty, national code.', {
    mustExist: true,
    upper: true,
    codes: 'specialty',
    aliases: ['specialty_code'],
  }),
  ward_code: text(20)('Q', 'Ward as supplied.', { upper: true }),
  created_timestamp: createdTimestamp(),
};

const count = (id: string, column: string, violated: string, reason: string): RowRule => ({
  id,
  column,
  action: 'info',
  violated,
  reason,
});
const warning = (id: string, column: string, violated: string, reason: string): RowRule => ({
  ...count(id, column, violated, reason),
  action: 'warn',
});

const codeList = (column: string): string => `string_split(${column}, ',')`;

export const susEpisodes = contract({
  dataset: 'sus_episodes',
  version: 1,
  description: 'Hospital spells: admissions to a bed.',
  key: ['episode_id'],
  duplicateRule: 'EPISODE_DUPLICATE',
  requiredForRelease: false,
  freshness: 'admission_date',
  columns,
  rules: [
    {
      id: 'SUS_DISCHARGE_BEFORE_ADMISSION',
      column: 'discharge_date',
      action: 'reject',
      violated: 'discharge_date < admission_date',
      reason: 'the discharge lies before the admission',
    },
    ...noNegatives(columns),
    ...nhsNumberRules,
    warning(
      'ICD10_LOOKS_LIKE_OPCS4',
      'primary_diagnosis',
      `admission_method in ${elective} and primary_diagnosis in ${opcs4InDiagnosis}`,
      'the diagnosis of an elective spell is a procedure code; it is kept, but scores do not read it',
    ),
    warning(
      'ICD10_TRUNCATED',
      'primary_diagnosis',
      `length(primary_diagnosis) = 3 and primary_diagnosis not in ${opcs4InDiagnosis}`,
      'the diagnosis is cut to three characters',
    ),
    warning('HRG_ROOT', 'hrg_code', 'length(hrg_code) = 4', 'the HRG has no split letter'),
    warning(
      'ADMISSION_SOURCE_UNKNOWN',
      'admission_source',
      "admission_source = '01'",
      '01 is no national code',
    ),
    count(
      'SECONDARY_REPEATED',
      'secondary_diagnoses',
      `len(${codeList('secondary_diagnoses')}) > len(list_distinct(${codeList('secondary_diagnoses')}))`,
      'a secondary diagnosis is given more than once',
    ),
    count(
      'PROCEDURE_REPEATED',
      'secondary_procedures',
      `list_contains(${codeList('secondary_procedures')}, primary_procedure)`,
      'the primary procedure is also a secondary one',
    ),
    count(
      'SECONDARY_MISSING',
      'secondary_diagnoses',
      'secondary_diagnoses is null',
      'no secondary diagnosis',
    ),
    count('WARD_MISSING', 'ward_code', 'ward_code is null', 'the ward is empty'),
    count('PROCEDURE_MISSING', 'primary_procedure', 'primary_procedure is null', 'no primary procedure'),
  ],
  references: [knownPatient, knownTrust],
});
