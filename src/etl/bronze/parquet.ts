import { open } from 'node:fs/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import { name } from '../sql.js';
import { type Origin, onePath, writeBronze } from './bronze-sql.js';
import type { FileRefusal } from './columns.js';

export interface ParquetColumn {
  /** As it stands in the file. */
  readonly delivered: string;
  /** Under which DuckDB reads it: equal names are told apart. */
  readonly readable: string;
  readonly type: string;
}

/** Top-level columns of a Parquet file, or why it cannot be read. */
export async function readParquetColumns(
  path: string,
  connection: DuckDBConnection,
): Promise<readonly ParquetColumn[] | FileRefusal> {
  if (!(await hasMagic(path)))
    return unreadable('the file is no Parquet file, or it is cut: its marks are missing');
  try {
    const schema = await connection.runAndReadAll(
      `select name, coalesce(num_children, 0)::integer as children from parquet_schema(${onePath(path)})`,
    );
    const described = await connection.runAndReadAll(`describe select * from ${scan(path, false)}`);
    const delivered = topLevel(
      schema
        .getRowsJS()
        .map(([column, children]) => ({ column: String(column), children: Number(children) })),
    );
    return described.getRowsJS().map(([readable, type], index) => ({
      delivered: delivered[index] ?? String(readable),
      readable: String(readable),
      type: String(type),
    }));
  } catch (error) {
    if (ofTheMachine(error)) throw error;
    return unreadable('the Parquet file is damaged: its description cannot be read');
  }
}

/** Writes the bronze file; the number of rows, or why the file cannot be read to its end. */
export async function loadParquet(
  path: string,
  columns: readonly Pick<ParquetColumn, 'readable'>[],
  names: readonly string[],
  origin: Origin,
  target: string,
  connection: DuckDBConnection,
): Promise<number | FileRefusal> {
  // A delivered column may be called like DuckDB's own row number, which then cannot be asked for.
  const numbered = !columns.some(({ readable }) => readable.toLowerCase() === 'file_row_number');
  const row = numbered ? 'file_row_number + 1' : 'row_number() over ()';
  const renamed = columns.map(
    ({ readable }, index) => `${name(readable)} as ${name(names[index] ?? readable)}`,
  );
  const from = `(select ${[...renamed, `${row} as _row`].join(', ')} from ${scan(path, numbered)})`;
  try {
    return (await connection.run(writeBronze(names, '_row', from, origin, target, false))).rowsChanged;
  } catch (error) {
    if (ofTheMachine(error)) throw error;
    const fault = await readingFault(path, columns, connection);
    if (fault === undefined) throw error;
    return fault;
  }
}

const scan = (path: string, numbered: boolean): string =>
  `read_parquet(${onePath(path)}, hive_partitioning = false, file_row_number = ${numbered})`;

/** Reads every value without writing: tells a fault of the file from one of the disk that is written to. */
async function readingFault(
  path: string,
  columns: readonly Pick<ParquetColumn, 'readable'>[],
  connection: DuckDBConnection,
): Promise<FileRefusal | undefined> {
  try {
    const values = columns.map(({ readable }) => `max(hash(${name(readable)}))`).join(', ');
    await connection.run(`select ${values} from ${scan(path, false)}`);
    return undefined;
  } catch (error) {
    if (ofTheMachine(error)) throw error;
    if (error instanceof Error && /string encoding|utf-?8|unicode/i.test(error.message)) {
      return { rule: 'ENCODING_INVALID', reason: 'the Parquet file holds text that is not UTF-8' };
    }
    return unreadable('the Parquet file is damaged: it cannot be read to its end');
  }
}

/** Faults that say nothing about the file: the statement was stopped, or there was no memory for it. */
const ofTheMachine = (error: unknown): boolean =>
  error instanceof Error && /^(INTERRUPT|Out of Memory|FATAL|INTERNAL)/i.test(error.message);

const unreadable = (reason: string): FileRefusal => ({ rule: 'FILE_UNREADABLE', reason });

/** A Parquet file begins and ends with `PAR1`; one whose copying was broken off lacks the end. */
async function hasMagic(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    if (size < 12) return false;
    const marks = Buffer.alloc(8);
    await file.read(marks, 0, 4, 0);
    await file.read(marks, 4, 4, size - 4);
    return marks.toString('latin1') === 'PAR1PAR1';
  } finally {
    await file.close();
  }
}

/** Names of the root's children in a schema listed depth first. */
function topLevel(schema: readonly { column: string; children: number }[]): string[] {
  const names: string[] = [];
  let at = 1;
  const pass = (): void => {
    const children = schema[at]?.children ?? 0;
    at += 1;
    for (let child = 0; child < children; child += 1) pass();
  };
  while (at < schema.length) {
    names.push(schema[at]?.column ?? '');
    pass();
  }
  return names;
}
