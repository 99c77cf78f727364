import type { Statement } from '../../warehouse/dialect.js';
import type { TableDeclaration } from '../../warehouse/table.js';
import type { ColumnarResult, OutputColumn } from '../../warehouse/warehouse.js';

/** What the evaluation asks of the engine that makes a release. Plain names of tables are those of the release. */
export interface ResultsEngine {
  /** Makes a table for later statements out of a query, in the place of an earlier one of that name. */
  make(table: string, query: Statement): Promise<void>;
  /** Drops tables that were made, where they are there. */
  drop(...tables: readonly string[]): Promise<void>;
  run(statement: Statement): Promise<void>;
  read(statement: Statement, output: readonly OutputColumn[]): Promise<ColumnarResult>;
  /** Leaves nothing in tables of the release. */
  empty(...tables: readonly TableDeclaration[]): Promise<void>;
  /** Adds rows made in the program; properties are the columns, and an absent one is null. */
  append(table: TableDeclaration, rows: readonly object[]): Promise<void>;
  /** The same for a table that was made out of a query. */
  appendMade(table: TableDeclaration, rows: readonly object[]): Promise<void>;
  /** All of the work or nothing of it, and no longer than so many milliseconds. */
  atOnce(work: () => Promise<void>, milliseconds: number): Promise<void>;
}

/** The answer as objects by the names of its columns. */
export async function rowsOf(
  engine: ResultsEngine,
  statement: Statement,
  output: readonly OutputColumn[],
): Promise<ReadonlyMap<string, unknown>[]> {
  const { columns, rowCount } = await engine.read(statement, output);
  return Array.from(
    { length: rowCount },
    (_none, row) => new Map(output.map(({ name }, at) => [name, columns[at]?.[row] ?? null])),
  );
}
