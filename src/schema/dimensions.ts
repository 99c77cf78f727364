import type { DimensionColumn } from './declare/metadata.js';

/** Dimension columns that several datasets share. */

const code = (list: string, key: string) =>
  ({ from: 'label', table: 'dim_code', key, column: 'name', list }) as const;

export const trustCode: DimensionColumn = {
  by: 'TRUST',
  type: { kind: 'text', length: 5 },
  sensitivity: 'O',
  value: { from: 'key' },
  description: 'ODS code of the trust of the event.',
};

export const trustName: DimensionColumn = {
  by: 'TRUST',
  type: { kind: 'text', length: 200 },
  sensitivity: 'O',
  value: { from: 'label', table: 'dim_trust', key: 'trust_code', column: 'trust_name' },
  description: 'Name of the trust, as supplied.',
};

export const specialtyCode: DimensionColumn = {
  by: 'SPECIALTY',
  type: { kind: 'text', length: 8 },
  sensitivity: 'Q',
  value: { from: 'key' },
  description: "Main specialty code; 'unknown' where none was supplied.",
};

export const specialtyName: DimensionColumn = {
  by: 'SPECIALTY',
  type: { kind: 'text', length: 120 },
  sensitivity: 'Q',
  value: { from: 'label', table: 'dim_specialty', key: 'specialty_code', column: 'specialty_name' },
  description: 'National name of the main specialty.',
};

export const wardCode: DimensionColumn = {
  by: 'WARD',
  type: { kind: 'text', length: 12 },
  sensitivity: 'Q',
  roles: ['operations'],
  value: { from: 'key' },
  description: "Ward; 'unknown' where none was supplied.",
};

export const admissionMethodCode: DimensionColumn = {
  by: 'ADMISSION_METHOD',
  type: { kind: 'text', length: 8 },
  sensitivity: 'Q',
  value: { from: 'key' },
  description: 'NHS admission method: 1x elective, 2x emergency, 3x maternity, 8x other.',
};

export const admissionMethodName: DimensionColumn = {
  by: 'ADMISSION_METHOD',
  type: { kind: 'text', length: 400 },
  sensitivity: 'Q',
  value: code('admission_method', 'admission_method'),
  description: 'National name of the admission method.',
};

export const hrgCode: DimensionColumn = {
  by: 'HRG',
  type: { kind: 'text', length: 8 },
  sensitivity: 'Q',
  value: { from: 'key' },
  description: 'HRG4+ code, or its root where the split letter is missing.',
};

export const hrgName: DimensionColumn = {
  by: 'HRG',
  type: { kind: 'text', length: 400 },
  sensitivity: 'Q',
  value: code('hrg', 'hrg_code'),
  description: 'Official name of the HRG; supplied labels are never shown.',
};

export const triageCategory: DimensionColumn = {
  by: 'TRIAGE',
  type: { kind: 'text', length: 8 },
  sensitivity: 'Q',
  value: { from: 'key' },
  description: "Triage category 1 (most urgent) to 5; 'unknown' where none was supplied.",
};

export const presentingComplaint: DimensionColumn = {
  by: 'COMPLAINT',
  type: { kind: 'text', length: 60 },
  sensitivity: 'Q',
  value: { from: 'key' },
  description: "Presenting complaint of the code list; 'unknown' for anything else.",
};

export const arrivalHour: DimensionColumn = {
  by: 'ARRIVAL_HOUR',
  type: { kind: 'int32' },
  sensitivity: 'Q',
  value: { from: 'key' },
  description: 'Local hour of arrival, 0 to 23.',
};

export const weekday: DimensionColumn = {
  by: 'WEEKDAY',
  type: { kind: 'int32' },
  sensitivity: 'O',
  value: { from: 'key' },
  description: 'Local weekday, 1 = Monday … 7 = Sunday.',
};

export const hour: DimensionColumn = {
  by: 'HOUR',
  type: { kind: 'int32' },
  sensitivity: 'O',
  value: { from: 'key' },
  description: 'Full local hour at which patients were counted, 0 to 23.',
};

export const fromSetting: DimensionColumn = {
  by: 'FROM',
  type: { kind: 'text', length: 16 },
  sensitivity: 'Q',
  value: { from: 'key' },
  description: 'Setting of the earlier event: ACUTE, EMERGENCY, MENTAL_HEALTH, COMMUNITY or SOCIAL_CARE.',
};

export const toSetting: DimensionColumn = {
  by: 'TO',
  type: { kind: 'text', length: 16 },
  sensitivity: 'Q',
  value: { from: 'key' },
  description: 'Setting of the later event.',
};

export const edDestinationCode: DimensionColumn = {
  by: 'DESTINATION',
  type: { kind: 'text', length: 8 },
  sensitivity: 'Q',
  value: { from: 'key' },
  description:
    'Discharge destination of the emergency department: 01 home, 02 ward, 03 other hospital, 04 died, 05 left.',
};

export const edDestinationName: DimensionColumn = {
  by: 'DESTINATION',
  type: { kind: 'text', length: 400 },
  sensitivity: 'Q',
  value: code('ed_destination', 'discharge_destination'),
  description: 'Name of the discharge destination.',
};

export const ageBand: DimensionColumn = {
  by: 'AGE_BAND',
  generalised: 'Bands of ten years instead of the date of birth.',
  type: { kind: 'text', length: 8 },
  sensitivity: 'Q',
  value: { from: 'key' },
  description:
    "Age on the day of the event: 0-17, 18-29, ten-year bands, 90+; 'unknown' without a birth date.",
};

export const deprivationQuintile: DimensionColumn = {
  by: 'QUINTILE',
  generalised: 'A fifth instead of the tenth.',
  type: { kind: 'text', length: 8 },
  sensitivity: 'Q',
  value: { from: 'key' },
  description:
    "Deprivation quintile of the patient's area as supplied, 1 = most deprived; 'unknown' where it is not known.",
};

export const ethnicGroup: DimensionColumn = {
  by: 'ETHNIC_GROUP',
  generalised: 'A group of the ethnic categories.',
  type: { kind: 'text', length: 16 },
  sensitivity: 'Q',
  value: { from: 'key' },
  description: 'Ethnic group: white, mixed, asian, black, other, not_stated.',
};
