import { datasets } from '../datasets.js';
import type { RowDataset } from '../declare/dataset.js';

/** A field of a row that leads to other rows of the same patient. */
export interface NestedField {
  readonly name: string;
  readonly of: RowDataset;
  readonly child: RowDataset;
  /** A list of rows; else the patient. */
  readonly many: boolean;
}

export const peopleDatasets: readonly RowDataset[] = datasets.filter(
  (dataset): dataset is RowDataset => dataset.kind === 'row' && dataset.people !== undefined,
);

const patients = peopleDatasets.find(({ key }) => key === 'patients');

/** `Patient` leads to the events of the patient, each event to its patient. */
const fields: readonly NestedField[] = peopleDatasets.flatMap((dataset): NestedField[] =>
  patients === undefined || dataset === patients
    ? []
    : [
        // Who is in a cohort depends on its arguments.
        ...(dataset.people?.cohort ? [] : [{ name: dataset.key, of: patients, child: dataset, many: true }]),
        { name: 'patient', of: dataset, child: patients, many: false },
      ],
);

export const nestedFields = (dataset: RowDataset): readonly NestedField[] =>
  fields.filter(({ of }) => of === dataset);

const byCoordinate: ReadonlyMap<string, NestedField> = new Map(
  fields.map((field) => [`${field.of.type.name}.${field.name}`, field]),
);

/** The nested field at a schema coordinate such as `Patient.episodes`. */
export const nestedFieldAt = (coordinate: string): NestedField | undefined => byCoordinate.get(coordinate);
