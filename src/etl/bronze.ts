import { stat } from 'node:fs/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import { MaplewoodError } from '../errors.js';
import type { Lake } from '../lake/lake.js';
import type { Origin } from './bronze/bronze-sql.js';
import {
  changeColumns,
  type FileRefusal,
  isRefusal,
  type MatchedColumns,
  matchColumns,
} from './bronze/columns.js';
import { loadCsv } from './bronze/csv.js';
import { type DeliveredColumn, deliveredColumns } from './bronze/delivered-columns.js';
import { type ColumnDrift, columnDrift } from './bronze/drift.js';
import { GzipDamaged } from './bronze/file-bytes.js';
import { loadParquet } from './bronze/parquet.js';
import { type FileProfile, profile } from './bronze/profile.js';
import { quarantineFile } from './bronze/quarantine-file.js';
import type { Contract } from './contracts/contract.js';
import { contractDigest } from './contracts/digest.js';
import type { LandingFile, LandingFormat } from './landing.js';
import { defaultLimits } from './quality/limits.js';
import { type Seals, sealsOf } from './seal.js';

/** What became of one delivered file. Plain JSON. */
export interface BronzeBatch extends FileProfile {
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
  /** Contract under which the file was read; a later version does not read it again. */
  readonly contractVersion: number;
  readonly contractDigest: string;
  /** How its columns differ from those of the contract, as far as they could be read. */
  readonly drift: readonly ColumnDrift[];
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
  /** Names in the lake, with the SHA-256 by which a change of our own files is found. */
  readonly file?: string;
  readonly fileSha256?: string;
  readonly rejectsFile?: string;
  readonly rejectsSha256?: string;
  /** The bytes as delivered of a file that was quarantined as a whole. */
  readonly quarantineFile?: string;
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
  /** Share of a column's values that cannot be of its type, in percent, above which the file is quarantined. */
  readonly uncastablePct?: number;
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
    contractVersion: contract.version,
    contractDigest: contractDigest(contract),
    drift: outcome.drift,
  };
  if (isRefusal(outcome)) {
    await lake.remove(names.file);
    await lake.remove(names.rejects);
    const { rule, reason } = outcome;
    const nothing = { rows: 0, unreadable: 0, columns: [], extraColumns: [], missingColumns: [] };
    const kept = await quarantineFile(file, batch, context.run, lake);
    return {
      ...head,
      status: 'quarantined',
      rule,
      reason,
      ...nothing,
      newest: null,
      repeatedKeys: 0,
      quarantineFile: kept,
    };
  }
  const written = outcome.unreadable > 0 ? [names.file, names.rejects] : [names.file];
  for (const name of written) await lake.seal(name);
  const seals = await sealsOf(lake, written);
  return {
    ...head,
    newest: outcome.newest,
    repeatedKeys: outcome.repeatedKeys,
    fileSha256: seals[names.file]?.sha256 ?? '',
    status: 'loaded',
    rows: outcome.rows,
    unreadable: outcome.unreadable,
    columns: bronzeColumns(outcome),
    extraColumns: outcome.matched.extra,
    missingColumns: outcome.matched.missing,
    file: names.file,
    ...(outcome.unreadable > 0
      ? { rejectsFile: names.rejects, rejectsSha256: seals[names.rejects]?.sha256 ?? '' }
      : {}),
    seals,
  };
}

interface Loaded {
  readonly rows: number;
  readonly unreadable: number;
  readonly matched: MatchedColumns;
  readonly types: readonly string[];
}

const bronzeColumns = ({ matched, types }: Loaded): BronzeBatch['columns'] =>
  matched.names.map((name, index) => ({ name, type: types[index] ?? 'VARCHAR' }));

/** Loads a file and looks over what was loaded; `drift` is known even of a file that is refused for it. */
async function load(
  file: LandingFile,
  contract: Contract,
  stem: string,
  names: { readonly file: string; readonly rejects: string },
  context: IngestContext,
  origin: Origin,
): Promise<((Loaded & FileProfile) | FileRefusal) & { readonly drift: readonly ColumnDrift[] }> {
  const { connection, lake, loadedAt, uncastablePct = defaultLimits.uncastablePct } = context;
  const { size } = await stat(file.path);
  if (size !== file.bytes) {
    throw new MaplewoodError(
      'ETL_FAILED',
      `${file.name} changed while it was read. Run again when its delivery is complete.`,
    );
  }
  const columns: readonly DeliveredColumn[] | FileRefusal =
    size === 0
      ? { rule: 'FILE_UNREADABLE', reason: 'the file is empty (0 bytes)' }
      : await deliveredColumns(file.path, file.format, connection);
  if (isRefusal(columns)) return { ...columns, drift: [] };
  // Columns that say what a change is are no columns of the table.
  const drift = columnDrift(
    contract,
    columns.filter(({ name }) => !(file.changes && changeColumns.includes(name.trim().toLowerCase()))),
  );
  const matched = matchColumns(
    contract,
    columns.map(({ name }) => name),
    file.changes,
  );
  if (isRefusal(matched)) return { ...matched, drift };
  const loaded = await loadRows(file, columns, matched, stem, names, context, origin);
  if (isRefusal(loaded)) return { ...loaded, drift };
  const seen = await profile(
    lake.path(names.file),
    contract,
    bronzeColumns(loaded),
    loaded.rows,
    loadedAt,
    uncastablePct,
    connection,
  );
  return isRefusal(seen) ? { ...seen, drift: refusedFor(drift, seen) } : { ...loaded, ...seen, drift };
}

/** The drift with the change of type for which the file is refused; in CSV only the values show it. */
function refusedFor(drift: readonly ColumnDrift[], { column }: FileRefusal): readonly ColumnDrift[] {
  if (column === undefined) return drift;
  const isIt = (one: ColumnDrift): boolean => one.kind === 'type_changed' && one.column === column;
  if (drift.some(isIt)) return drift.map((one) => (isIt(one) ? { ...one, refuses: true } : one));
  return [
    ...drift,
    { kind: 'type_changed', column, deliveredName: null, deliveredType: null, refuses: true },
  ];
}

async function loadRows(
  file: LandingFile,
  columns: readonly DeliveredColumn[],
  matched: MatchedColumns,
  stem: string,
  names: { readonly file: string; readonly rejects: string },
  { connection, lake }: IngestContext,
  origin: Origin,
): Promise<Loaded | FileRefusal> {
  const types = columns.map(({ type }) => type ?? 'VARCHAR');
  if (file.format === 'parquet') {
    const rows = await loadParquet(
      file.path,
      columns,
      matched.names,
      origin,
      lake.path(names.file),
      connection,
    );
    return typeof rows === 'number' ? { rows, unreadable: 0, matched, types } : rows;
  }
  const targets = {
    rows: lake.path(names.file),
    rejects: lake.path(names.rejects),
    scratch: lake.path(stem),
  };
  try {
    const gzip = file.format === 'csv.gz';
    const { rows, rejected } = await loadCsv(file.path, gzip, matched.names, origin, targets, connection);
    return { rows, unreadable: rejected, matched, types };
  } catch (error) {
    if (error instanceof GzipDamaged) return { rule: 'FILE_UNREADABLE', reason: error.message };
    throw error;
  }
}
