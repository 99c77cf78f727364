import { stat } from 'node:fs/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import { MaplewoodError } from '../errors.js';
import type { Lake } from '../lake/lake.js';
import type { Origin } from './bronze/bronze-sql.js';
import { type FileRefusal, isRefusal, type MatchedColumns, matchColumns } from './bronze/columns.js';
import { loadCsv } from './bronze/csv.js';
import { readHeader } from './bronze/csv-header.js';
import { GzipDamaged } from './bronze/csv-stream.js';
import { loadParquet, readParquetColumns } from './bronze/parquet.js';
import type { Contract } from './contracts/contract.js';
import type { LandingFile, LandingFormat } from './landing.js';
import { type Seals, sealsOf } from './seal.js';

/** What became of one delivered file. Plain JSON. */
export interface BronzeBatch {
  readonly batch: number;
  readonly dataset: string;
  /** Name in the landing folder. */
  readonly name: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly format: LandingFormat;
  /** Instant from which its rows hold; grows from batch to batch. ISO 8601. */
  readonly loadedAt: string;
  /** The file lists changes: each row inserts, updates or deletes a key. */
  readonly changes?: true;
  readonly status: 'loaded' | 'quarantined';
  /** Why the whole file is quarantined. */
  readonly rule?: FileRefusal['rule'];
  readonly reason?: string;
  /** All data rows of the file, the unreadable ones included; 0 of a quarantined file. */
  readonly rows: number;
  /** Rows in `rejectsFile`. */
  readonly unreadable: number;
  /** Delivered columns under their bronze names, in the order delivered. */
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly extraColumns: readonly string[];
  readonly missingColumns: readonly string[];
  /** Names in the lake. */
  readonly file?: string;
  readonly rejectsFile?: string;
  /** Of these files; batches of earlier versions have none. */
  readonly seals?: Seals;
}

export interface IngestContext {
  /** Used by one file at a time; its statement may be interrupted. */
  readonly connection: DuckDBConnection;
  readonly lake: Lake;
  /** Id of the run: part of the names of files, so that no other run ever writes over them. */
  readonly run: string;
  /** ISO 8601. */
  readonly loadedAt: string;
}

/**
 * Takes a delivered file into bronze: every row as sent, with where it is from. A row that cannot be parsed goes to
 * the batch's file of rejects, a file that cannot be read or lacks a required column is quarantined as a whole.
 * The files are durable when this returns, and count only once a manifest names them. A failure of the machine
 * (disk, memory, interrupt) is thrown, never taken for a fault of the file.
 */
export async function ingest(
  file: LandingFile,
  contract: Contract,
  batch: number,
  context: IngestContext,
): Promise<BronzeBatch> {
  const { lake } = context;
  const stem = `bronze/${file.dataset}/${String(batch).padStart(8, '0')}-${context.run}`;
  const names = { file: `${stem}.parquet`, rejects: `${stem}.rejects.parquet` };
  const outcome = await load(file, contract, stem, names, context, {
    batch,
    file: file.name,
    sha256: file.sha256,
    loadedAt: context.loadedAt,
  });
  const head = {
    batch,
    dataset: file.dataset,
    name: file.name,
    sha256: file.sha256,
    bytes: file.bytes,
    format: file.format,
    loadedAt: context.loadedAt,
    ...(file.changes ? { changes: true as const } : {}),
  };
  if (isRefusal(outcome)) {
    await lake.remove(names.file);
    const { rule, reason } = outcome;
    const nothing = { rows: 0, unreadable: 0, columns: [], extraColumns: [], missingColumns: [] };
    return { ...head, status: 'quarantined', rule, reason, ...nothing };
  }
  const written = outcome.unreadable > 0 ? [names.file, names.rejects] : [names.file];
  for (const name of written) await lake.seal(name);
  return {
    ...head,
    status: 'loaded',
    rows: outcome.rows,
    unreadable: outcome.unreadable,
    columns: outcome.matched.names.map((name, index) => ({ name, type: outcome.types[index] ?? 'VARCHAR' })),
    extraColumns: outcome.matched.extra,
    missingColumns: outcome.matched.missing,
    file: names.file,
    ...(outcome.unreadable > 0 ? { rejectsFile: names.rejects } : {}),
    seals: await sealsOf(lake, written),
  };
}

interface Loaded {
  readonly rows: number;
  readonly unreadable: number;
  readonly matched: MatchedColumns;
  readonly types: readonly string[];
}

async function load(
  file: LandingFile,
  contract: Contract,
  stem: string,
  names: { readonly file: string; readonly rejects: string },
  { connection, lake }: IngestContext,
  origin: Origin,
): Promise<Loaded | FileRefusal> {
  const { size } = await stat(file.path);
  if (size !== file.bytes) {
    throw new MaplewoodError(
      'ETL_FAILED',
      `${file.name} changed while it was read. Run again when its delivery is complete.`,
    );
  }
  if (size === 0) return { rule: 'FILE_UNREADABLE', reason: 'the file is empty (0 bytes)' };
  if (file.format === 'parquet') {
    const columns = await readParquetColumns(file.path, connection);
    if (isRefusal(columns)) return columns;
    const matched = matchColumns(
      contract,
      columns.map(({ delivered }) => delivered),
      file.changes,
    );
    if (isRefusal(matched)) return matched;
    const rows = await loadParquet(
      file.path,
      columns,
      matched.names,
      origin,
      lake.path(names.file),
      connection,
    );
    if (typeof rows !== 'number') return rows;
    return { rows, unreadable: 0, matched, types: columns.map(({ type }) => type) };
  }
  const gzip = file.format === 'csv.gz';
  try {
    const header = await readHeader(file.path, gzip);
    if (isRefusal(header)) return header;
    const matched = matchColumns(contract, header, file.changes);
    if (isRefusal(matched)) return matched;
    const targets = {
      rows: lake.path(names.file),
      rejects: lake.path(names.rejects),
      scratch: lake.path(stem),
    };
    const { rows, rejected } = await loadCsv(file.path, gzip, matched.names, origin, targets, connection);
    return { rows, unreadable: rejected, matched, types: matched.names.map(() => 'VARCHAR') };
  } catch (error) {
    if (error instanceof GzipDamaged) return { rule: 'FILE_UNREADABLE', reason: error.message };
    throw error;
  }
}
