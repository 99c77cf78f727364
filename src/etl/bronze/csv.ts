import type { DuckDBConnection } from '@duckdb/node-api';
import { MaplewoodError } from '../../errors.js';
import { remove } from '../../lake/durable.js';
import { name, quoted } from '../sql.js';
import { type Origin, writeBronze } from './bronze-sql.js';
import { csvScan } from './csv-scan.js';
import { inspect } from './inspect.js';
import { rejectColumns, repair } from './repair.js';

/** Where the parts of a loaded file go. */
export interface CsvTargets {
  readonly rows: string;
  readonly rejects: string;
  /** Beginning of the names of files that live only while one file is loaded. */
  readonly scratch: string;
}

export interface LoadedCsv {
  /** Data rows of the file, refused ones included. */
  readonly rows: number;
  readonly rejected: number;
}

/**
 * Loads a CSV file whose header gave `columns`. A file that is found well-formed is read by DuckDB itself; any
 * doubt, and the file is read row by row instead, slower but exact. Throws `GzipDamaged`.
 */
export async function loadCsv(
  path: string,
  gzip: boolean,
  columns: readonly string[],
  origin: Origin,
  targets: CsvTargets,
  connection: DuckDBConnection,
): Promise<LoadedCsv> {
  const direct = await loadDirectly(path, gzip, columns, origin, targets.rows, connection);
  if (direct !== undefined) return { rows: direct, rejected: 0 };
  const goodPath = `${targets.scratch}.good.csv`;
  const rejectPath = `${targets.scratch}.rejects.csv`;
  try {
    const { good, rejected } = await repair(path, gzip, columns.length, goodPath, rejectPath);
    const from = csvScan(goodPath, ['_row', ...columns], false);
    await copyExactly(connection, writeBronze(columns, '_row', from, origin, targets.rows, true), good);
    if (rejected > 0) await copyExactly(connection, writeRejects(rejectPath, targets.rejects), rejected);
    return { rows: good + rejected, rejected };
  } finally {
    await remove(goodPath, 'lake.bronze');
    await remove(rejectPath, 'lake.bronze');
  }
}

/** Number of rows, or undefined where DuckDB must not read this file itself; then nothing is written. */
async function loadDirectly(
  path: string,
  gzip: boolean,
  columns: readonly string[],
  origin: Origin,
  target: string,
  connection: DuckDBConnection,
): Promise<number | undefined> {
  const { clean, rows } = await inspect(path, gzip, columns.length);
  if (!clean) return undefined;
  const from = csvScan(path, columns, gzip);
  try {
    const { rowsChanged } = await connection.run(
      writeBronze(columns, 'row_number() over ()', from, origin, target, true),
    );
    if (rowsChanged === rows) return rows;
  } catch (error) {
    // Anything else may be a fault of the file (text that is not UTF-8); one of the disk comes again below.
    if (error instanceof Error && error.message.startsWith('INTERRUPT')) throw error;
  }
  await remove(target, 'lake.bronze');
  return undefined;
}

const writeRejects = (from: string, to: string): string => `copy (
  select cast(_row as bigint) as _row, cast(line as bigint) as line, ${rejectColumns.slice(2).map(name).join(', ')}
  from ${csvScan(from, rejectColumns, false)}
) to ${quoted(to)} (format parquet, compression zstd, preserve_order false)`;

/** Runs a COPY that must write `rows` rows: what we wrote ourselves must be readable. */
async function copyExactly(connection: DuckDBConnection, sql: string, rows: number): Promise<void> {
  const { rowsChanged } = await connection.run(sql);
  if (rowsChanged !== rows) {
    throw new MaplewoodError(
      'ETL_FAILED',
      `A delivered file was read as ${rowsChanged} rows where it has ${rows}. Report this.`,
    );
  }
}
