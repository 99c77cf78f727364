import type { Dataset } from '../schema/declare/dataset.js';
import type { Sensitivity } from '../schema/declare/metadata.js';
import { columnsOf } from './filter.js';
import type { Question } from './question.js';

/** A column of a dataset that was read, `Dataset.column`, and its class. */
export interface ColumnRead {
  readonly name: string;
  readonly class: Sensitivity;
}

/** What one request has read, for the record of it. Loaders fill it; nothing in it is a value but the keys of patients. */
export class Account {
  /** Filled by whoever runs the statements. */
  readonly tables = new Set<string>();
  readonly columns = new Map<string, Sensitivity>();
  /** Rows of answers, nested ones among them. */
  rows = 0;
  /** Cells of aggregates, and how many of them disclosure control has withheld. */
  cells = 0;
  suppressed = 0;
  /** The answer hangs on what people have done, not on the release alone. */
  hangsOnState = false;
  private readonly keys = new Map<number, Uint8Array>();

  addColumns(columns: readonly ColumnRead[]): void {
    for (const column of columns) this.columns.set(column.name, column.class);
  }

  /** The patients of rows, by their numbers in the release: each is kept once. */
  addPatients(numbers: readonly number[], keys: readonly Uint8Array[]): void {
    for (const [at, number] of numbers.entries()) {
      const key = keys[at];
      if (key) this.keys.set(number, key);
    }
  }

  /** Keys of the patients of whom rows were read. */
  patients(): readonly Uint8Array[] {
    return [...this.keys.values()];
  }
}

/** The columns that a question names: in its rows, filters and order. */
export function columnsReadBy(dataset: Dataset, question: Question): ColumnRead[] {
  const names = new Set([
    ...question.select,
    ...(question.where ? columnsOf(question.where) : []),
    ...question.orderBy.map(({ column }) => column),
  ]);
  return [...names].flatMap((name): ColumnRead[] => {
    const column =
      dataset.kind === 'row'
        ? dataset.columns.get(name)
        : (dataset.measures.get(name) ?? dataset.dimensions.get(name));
    return column ? [{ name: `${dataset.type.name}.${name}`, class: column.sensitivity }] : [];
  });
}
