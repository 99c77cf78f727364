import { queryOf } from '../../measures/source.js';
import type { DynamicQuery, Statement } from '../../warehouse/dialect.js';
import type { ColumnarResult, OutputColumn } from '../../warehouse/warehouse.js';
import type { QueryOptions } from './rows.js';

/** A statement with the columns of its answer, and what they mean. */
export interface Question<T> {
  readonly statement: Statement;
  readonly output: readonly OutputColumn[];
  readonly rows: (answer: ColumnarResult) => T[];
}

/** Values of a row by the names of their columns. */
export type Row = ReadonlyMap<string, unknown>;

export const patientNo: OutputColumn = { name: 'patient_no', type: { kind: 'int32' } };

/** The patients that are looked at. */
export const everybody = ({ gold, patients }: QueryOptions): DynamicQuery =>
  patients ?? queryOf(gold, 'dim_patient as d').select('d.patient_no');

/** A query with its answer. */
export function asked<T>(
  query: DynamicQuery,
  output: readonly OutputColumn[],
  { dialect }: QueryOptions,
  read: (row: Row) => T,
): Question<T> {
  return {
    statement: dialect.compile(query),
    output,
    rows: ({ columns, rowCount }) =>
      Array.from({ length: rowCount }, (_, at) =>
        read(new Map(output.map(({ name }, column) => [name, columns[column]?.[at]]))),
      ),
  };
}
