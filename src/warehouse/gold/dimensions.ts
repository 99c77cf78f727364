import { boolean, date, instant, int32, int64, key128, nullable, table, text } from '../table.js';
import { dimPrice } from './costs.js';

/** Member of a coded dimension where the source gave no usable code. Facts hold it, so that keys are never null. */
export const unknownMember = 'unknown';

const batch = int32('batch of the delivery that the row comes from');

export const dimDate = table({
  name: 'dim_date',
  description: 'Every local day from the first to the last event, and the calendar buckets it belongs to.',
  columns: {
    day: date('the day, Europe/London'),
    week_start: date('Monday of its ISO week'),
    month_start: date('first day of its month'),
    quarter_start: date('first day of its calendar quarter'),
    year_start: date('1 January of its year'),
    weekday: int32('1 = Monday … 7 = Sunday'),
    in_data: boolean('lies between the first event and the last day with data'),
  },
  primaryKey: ['day'],
});

export const dimHour = table({
  name: 'dim_hour',
  description: 'Every full local hour of the days with data: 23 or 25 on the days of a clock change.',
  columns: {
    sampled_at: instant('the full hour'),
    day: date('local day'),
    hour: int32('local hour, 0 to 23'),
    weekday: int32('1 = Monday … 7 = Sunday'),
  },
  sortedBy: ['sampled_at'],
});

export const dimTrust = table({
  name: 'dim_trust',
  description: 'NHS trusts, as supplied.',
  columns: {
    trust_code: text(5)('ODS code'),
    trust_name: nullable(text(200)('name')),
    trust_type: nullable(text(60)('type, as supplied')),
    region: nullable(text(60)('region')),
    commissioner_code: nullable(text(12)('commissioner, as supplied')),
    beds: nullable(int32('staffed beds')),
    annual_income: nullable(int64('pounds a year')),
    batch_id: batch,
  },
  primaryKey: ['trust_code'],
});

export const dimPractice = table({
  name: 'dim_practice',
  description: 'GP practices. Inferred ones are named by a patient or a prescription and are in no delivery.',
  columns: {
    practice_code: text(12)('ODS code'),
    practice_name: nullable(text(200)('name; null where inferred')),
    list_size: nullable(int32('registered patients, as supplied')),
    partners: nullable(int32('partners')),
    commissioning_region: nullable(text(60)('commissioning region')),
    is_inferred: boolean('not in any delivery of practices'),
    batch_id: nullable(batch),
  },
  primaryKey: ['practice_code'],
});

export const dimSpecialty = table({
  name: 'dim_specialty',
  description: 'Main specialties that occur, with their national names.',
  columns: {
    specialty_code: text(8)('main specialty code'),
    specialty_name: nullable(text(120)('national name')),
  },
  primaryKey: ['specialty_code'],
});

export const dimCode = table({
  name: 'dim_code',
  description: 'Names of the codes that occur in facts, by code list.',
  columns: {
    code_list: text(32)('admission_method, ed_destination, hrg …'),
    code: text(60)('code'),
    name: text(400)('official name'),
  },
  primaryKey: ['code_list', 'code'],
});

/** Generalised attributes of everybody: for aggregates, rules, and clinicians. */
export const patientAttributes = {
  gender: text(1)('M F U'),
  age: nullable(int32('years on the last day with data; never projected')),
  age_band_5: nullable(text(8)('5-year band, split at 18')),
  age_band_10: nullable(text(8)('0-17, 18-29, 10-year bands, 90+')),
  ethnic_group: text(16)('white mixed asian black other not_stated'),
  deprivation_quintile: nullable(int32('1 = most deprived fifth, area-based as supplied')),
  postcode_area: nullable(text(2)('letters before the first digit of the postcode district')),
  practice_code: text(12)("registered practice, 'unknown' if none"),
  is_restricted: boolean('labelled restricted or very restricted: rows of the patient are denied'),
};

/**
 * What rows of patients show to roles that may not tell one patient from the others: generalised until enough patients
 * show the same. Null where the level has no such column, where the value is not known, and where rows are denied.
 */
export const rowColumns = {
  row_level: nullable(
    int32(
      'level to which rows of the patient are generalised: 0 finest … 4 nothing shown; null where they are denied',
    ),
  ),
  row_age_band: nullable(text(8)('shown in rows: 5-year band at level 0, 10-year band at 1 to 3')),
  row_age_band_10: nullable(text(8)('the same in 10-year bands')),
  row_gender: nullable(text(1)('shown in rows: M F U at levels 0 to 3')),
  row_ethnic_group: nullable(text(16)('shown in rows: ethnic_group at levels 0 and 1')),
  row_postcode_area: nullable(text(2)('shown in rows: postcode_area at level 0')),
  row_deprivation_quintile: nullable(int32('shown in rows: deprivation_quintile at levels 0 to 2')),
};

export const dimPatient = table({
  name: 'dim_patient',
  description:
    'Current patients under a keyed pseudonym, with generalised attributes only: those of everybody, for aggregates and for clinicians, and those that rows show to others (row_…). What identifies a person is in the identified store.',
  columns: {
    patient_no: int32('key within the release'),
    patient_sk: key128('first 128 bits of HMAC-SHA-256 of the source key under the warehouse key'),
    ...patientAttributes,
    ...rowColumns,
    batch_id: batch,
  },
  primaryKey: ['patient_no'],
  distribution: { kind: 'hash', column: 'patient_no' },
});

export const dimensionTables = [
  dimDate,
  dimHour,
  dimTrust,
  dimPractice,
  dimSpecialty,
  dimCode,
  dimPrice,
  dimPatient,
] as const;
