import { linkTable, referenceText } from './references.js';
import type { MappedType } from './shapes.js';

/** How resources become rows of a dataset: one row of `from` that passes `where` is one row of the dataset. */
export interface Mapping {
  readonly dataset: string;
  /** The type of resource that makes a row and whose place in the delivery the row carries. */
  readonly type: MappedType;
  /** SQL of each column of the contract that FHIR gives. Alias `m` is the resource. */
  readonly columns: Readonly<Record<string, string>>;
  /** Relation with an alias `m` that has `_batch`, `_row` and `_loaded_at`. */
  readonly from: string;
  readonly where: string;
}

/**
 * TRUE unless a reference leads to something else than a patient: groups and devices are not mapped, a patient who is
 * not known is for the rules of the contract. `found` is the alias that joined the patient.
 */
export const isOfPatient = (found: string, reference: string): string =>
  `(${found}.id is not null or not exists (select 1 from ${linkTable} o where o._batch = m._batch and o.reference = ${referenceText(reference)}))`;
