import type { Entity } from '../../access/pseudonym.js';
import type { Role } from '../../access/role.js';
import type { RowColumn, RowJoin, Shown } from '../declare/metadata.js';
import { attribute, forRoles, generalised, hiddenNote, joined, own, same } from './shown.js';

/** Columns and joins that several datasets of rows of people share. */

/** Roles that see rows of people. */
export const rowRoles: readonly Role[] = ['analyst', 'finance', 'clinician'];
/** Those who see what was found and done, and not only what it cost. */
export const clinicalRoles: readonly Role[] = ['analyst', 'clinician'];

export const text = (length: number) => ({ kind: 'text', length }) as const;
export const whole = { kind: 'int32' } as const;
export const pounds = { kind: 'decimal', precision: 15, scale: 2 } as const;

const token = (entity: Entity, description: string): Pick<RowColumn, 'type' | 'token' | 'description'> => ({
  type: { kind: 'key128' },
  token: entity,
  description: `${description} A pseudonym: stable for you, unrelated to what others see.`,
});

/** The row's own pseudonym. */
export const rowId = (key: string, roles: readonly Role[], what: string): RowColumn => ({
  ...token('event', `Identifies the ${what}.`),
  sensitivity: 'D',
  shown: forRoles(roles, own(key)),
});

export const patientId = (roles: readonly Role[]): RowColumn => ({
  ...token('patient', 'Identifies the patient.'),
  sensitivity: 'D',
  shown: forRoles(roles, { value: (row) => row.patient('patient_sk') }),
});

export const staffId = (key: string, roles: readonly Role[], who: string): RowColumn => ({
  ...token('staff', `Identifies the ${who}.`),
  sensitivity: 'W',
  nullable: true,
  shown: forRoles(roles, own(key)),
});

export const sequenceNumber = (shown: Shown, what: string): RowColumn => ({
  type: whole,
  sensitivity: 'Q',
  description: `Number of the ${what} among those of the patient that you can see, in order of time, from 1.`,
  shown: { analyst: shown },
});

export const trustJoin: RowJoin = { table: 'dim_trust', key: 'trust_code', from: 'trust_code' };

export const trustCode: RowColumn = {
  type: text(5),
  sensitivity: 'O',
  description: 'ODS code of the trust of the event.',
  shown: forRoles(rowRoles, own('trust_code')),
};

export const trustName: RowColumn = {
  type: text(200),
  nullable: true,
  sensitivity: 'O',
  description: 'Name of the trust, as supplied.',
  shown: forRoles(rowRoles, joined('trust', 'trust_name')),
};

/** Age band of the patient, of rows that are patients; null where no age is known. */
export const ageBand = (roles: readonly Role[]): RowColumn => ({
  type: text(8),
  nullable: true,
  sensitivity: 'Q',
  description: 'Age band; null where no age is known.',
  shown: attribute(
    roles,
    { ...own('age_band_5'), as: 'Five-year bands, split at 18, 90+.' },
    {
      analyst: {
        ...generalised('row_age_band'),
        as: `Five-year bands, split at 18, 90+; for patients who share them with few others 0-17, 18-29, ten-year bands. ${hiddenNote}`,
      },
      finance: {
        ...generalised('row_age_band_10'),
        as: `0-17, 18-29, ten-year bands, 90+. ${hiddenNote}`,
      },
    },
  ),
});

/** Sex of the patient, of rows that are patients. */
export const gender = (roles: readonly Role[]): RowColumn => ({
  type: text(1),
  nullable: true,
  sensitivity: 'Q',
  description: 'M male, F female, U anything else.',
  shown: attribute(roles, own('gender'), same('row_gender')),
});

export const ethnicGroup = (roles: readonly Role[]): RowColumn => ({
  type: text(16),
  nullable: true,
  sensitivity: 'S',
  generalised: 'A group of the ethnic categories.',
  description: 'white mixed asian black other not_stated, from the NHS ethnic category.',
  shown: attribute(roles, own('ethnic_group'), same('row_ethnic_group')),
});

export const deprivationQuintile = (roles: readonly Role[]): RowColumn => ({
  type: whole,
  nullable: true,
  sensitivity: 'Q',
  generalised: 'A fifth instead of the tenth.',
  description: 'Deprivation fifth, 1 = most deprived; area-based, as supplied.',
  shown: attribute(roles, own('deprivation_quintile'), same('row_deprivation_quintile')),
});

export const postcodeArea = (roles: readonly Role[]): RowColumn => ({
  type: text(2),
  nullable: true,
  sensitivity: 'Q',
  generalised: 'The letters of the postcode district.',
  description: 'Postcode area: the letters before the first digit of the district.',
  shown: attribute(roles, own('postcode_area'), same('row_postcode_area')),
});
