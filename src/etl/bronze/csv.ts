import { rm } from 'node:fs/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import { MaplewoodError } from '../../errors.js';
import { name, quoted } from '../sql.js';
import { type Origin, writeBronze } from './bronzeSql.js';
import { csvScan } from './csvScan.js';
import { type Inspection, inspect } from './inspect.js';
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
 * Loads a CSV file whose header gave `columns`. DuckDB reads a well-formed file itself while its form is checked
 * beside it; any doubt, and the file is read row by row instead, slower but exact. Throws `GzipDamaged`.
 */
export async function loadCsv(
  path: string,
  gzip: boolean,
  columns: readonly string[],
  origin: Origin,
  targets: CsvTargets,
  connection: DuckDBConnection,
): Promise<LoadedCsv> {
  const direct = await loadDirectly(path, gzip, columns, origin, targets, connection);
  if (direct !== undefined) return { rows: direct, rejected: 0 };
  const goodPath = `${targets.scratch}.good.csv`;
  const rejectPath = `${targets.scratch}.rejects.csv`;
  try {
    const { good, rejected } = await repair(path, gzip, columns.length, goodPath, rejectPath);
    const from = csvScan(goodPath, ['_row', ...columns], false);
    await copyExactly(connection, writeBronze(columns, '_row', from, origin, targets.rows), good);
    if (rejected > 0) await copyExactly(connection, writeRejects(rejectPath, targets.rejects), rejected);
    return { rows: good + rejected, rejected };
  } finally {
    await rm(goodPath, { force: true });
    await rm(rejectPath, { force: true });
  }
}

/** Number of rows, or undefined where DuckDB must not read this file itself; then nothing is written. */
async function loadDirectly(
  path: string,
  gzip: boolean,
  columns: readonly string[],
  origin: Origin,
  targets: CsvTargets,
  connection: DuckDBConnection,
): Promise<number | undefined> {
  let running = true;
  let stopped = false;
  const copied = connection
    .run(writeBronze(columns, 'row_number() over ()', csvScan(path, columns, gzip), origin, targets.rows))
    .then((result) => result.rowsChanged)
    .catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))))
    .finally(() => {
      running = false;
    });
  let inspected: Inspection;
  try {
    inspected = await inspect(path, gzip, columns.length);
    if (!inspected.clean && running) {
      stopped = true;
      connection.interrupt();
    }
  } catch (error) {
    if (running) connection.interrupt();
    await copied;
    await rm(targets.rows, { force: true });
    throw error;
  }
  const outcome = await copied;
  if (typeof outcome === 'number' && inspected.clean && outcome === inspected.rows) return outcome;
  await rm(targets.rows, { force: true });
  if (outcome instanceof Error && outcome.message.startsWith('INTERRUPT') && !stopped) throw outcome;
  return undefined;
}

const writeRejects = (from: string, to: string): string => `copy (
  select cast(_row as bigint) as _row, cast(line as bigint) as line, ${rejectColumns.slice(2).map(name).join(', ')}
  from ${csvScan(from, rejectColumns, false)}
) to ${quoted(to)} (format parquet, compression zstd)`;

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
