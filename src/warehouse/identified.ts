import type { RowOf } from './table.js';
import { date, int32, key128, nullable, table, text } from './table.js';

/**
 * The part of the identified store that can be asked for. Addresses, telephone numbers and whole postcodes lie in it too;
 * they are no columns here, since nobody is shown them.
 */
export const identifiedPatient = table({
  name: 'patient',
  description: 'Identity and exact attributes of each patient under the key that gold knows.',
  columns: {
    patient_sk: key128('pseudonymous key of the patient, as in gold'),
    patient_id: text(64)('identifier in the source'),
    nhs_number: nullable(text(32)('NHS number; never a pseudonym of one')),
    family_name: nullable(text(200)('family name in use')),
    given_names: nullable(text(200)('given names in use, separated by blanks')),
    date_of_birth: nullable(date('day of birth')),
    gender: nullable(text(1)('M F U')),
    ethnicity: nullable(text(2)('NHS ethnic category, 16+1 codes')),
    deprivation_decile: nullable(int32('1 most deprived')),
    registered_practice: nullable(text(8)('code of the practice')),
    postcode_district: nullable(text(4)('postcode district')),
  },
  distribution: { kind: 'hash', column: 'patient_sk' },
});

export const identifiedStaff = table({
  name: 'staff',
  description: 'Code of each member of staff under the key that gold knows.',
  columns: {
    staff_sk: key128('pseudonymous key, as in gold'),
    staff_code: text(64)('code in the source'),
  },
  distribution: { kind: 'replicate' },
});

export type IdentifiedColumn = Exclude<keyof typeof identifiedPatient.columns, 'patient_sk'>;
export type IdentifiedPatientRow = Partial<RowOf<typeof identifiedPatient>>;

/** Who patients are, apart from gold: nothing that reads gold can reach it. */
export interface IdentifiedStore {
  /**
   * Columns of one patient as of a release, or undefined if it does not know the key. Errors: `WAREHOUSE_UNAVAILABLE`, and
   * those of the signal.
   */
  patient(
    release: number,
    key: Uint8Array,
    columns: readonly IdentifiedColumn[],
    signal?: AbortSignal,
  ): Promise<IdentifiedPatientRow | undefined>;
  /** Codes of members of staff, in the order of their keys; undefined for a key that it does not know. Errors as above. */
  staff(
    release: number,
    keys: readonly Uint8Array[],
    signal?: AbortSignal,
  ): Promise<readonly (string | undefined)[]>;
}
