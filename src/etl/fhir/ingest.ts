import { stat } from 'node:fs/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import { MaplewoodError } from '../../errors.js';
import { type Origin, writeBronze } from '../bronze/bronze-sql.js';
import { GzipDamaged } from '../bronze/file-bytes.js';
import { quarantineFile } from '../bronze/quarantine-file.js';
import { beginning, rejectColumns } from '../bronze/repair.js';
import type { BronzeBatch, IngestContext } from '../bronze.js';
import { hashFile } from '../hash-file.js';
import { fhirDataset, type LandingFile } from '../landing.js';
import { name, quoted } from '../sql.js';
import { ParquetParts } from './parts.js';
import { type FhirSink, readFhir } from './read.js';

/** FHIR has no contract of columns; what is read of a resource stands in `shapes.ts`. */
const fhirVersion = 1;

/** Columns of a bronze file of resources, before those that say where a row is from. */
const resourceColumns = ['resource_type', 'id', 'full_url', 'resource', 'confidentiality'] as const;

/**
 * Takes a delivered FHIR file into bronze: every resource of whatever type as sent, one a row, in the order of the
 * file; what is no resource goes to the batch's file of rejects. A file that cannot be read at all is quarantined as
 * a whole. Durable when this returns, like `ingest`; a failure of the machine is thrown.
 */
export async function ingestFhir(
  file: LandingFile,
  batch: number,
  { connection, lake, loadedAt, run }: IngestContext,
): Promise<BronzeBatch> {
  const stem = `bronze/${fhirDataset}/${String(batch).padStart(8, '0')}-${run}`;
  const names = { file: `${stem}.parquet`, rejects: `${stem}.rejects.parquet` };
  const head = {
    batch,
    dataset: fhirDataset,
    name: file.name,
    sha256: file.sha256,
    bytes: file.bytes,
    format: file.format,
    loadedAt,
    contractVersion: fhirVersion,
    contractDigest: '',
    drift: [],
    newest: null,
    repeatedKeys: 0,
    extraColumns: [],
    missingColumns: [],
  };
  const quarantined = async (reason: string): Promise<BronzeBatch> => ({
    ...head,
    status: 'quarantined',
    rule: 'FILE_UNREADABLE',
    reason,
    rows: 0,
    unreadable: 0,
    columns: [],
    quarantineFile: await quarantineFile(file, batch, run, lake),
  });
  const { size } = await stat(file.path);
  if (size !== file.bytes) {
    throw new MaplewoodError(
      'ETL_FAILED',
      `${file.name} changed while it was read. Run again when its delivery is complete.`,
    );
  }
  if (size === 0) return quarantined('the file is empty (0 bytes)');
  const origin: Origin = { batch, file: file.name, sha256: file.sha256, loadedAt };
  const sink = new BronzeSink(connection, origin, lake.path(stem));
  try {
    const lines = file.format.startsWith('ndjson');
    await readFhir(file.path, { lines, gzip: file.format.endsWith('.gz') }, sink);
    const rows = await sink.resources.finish(lake.path(names.file));
    const unreadable = sink.refusedRows;
    if (unreadable > 0) await sink.rejects.finish(lake.path(names.rejects));
    await lake.seal(names.file);
    if (unreadable > 0) await lake.seal(names.rejects);
    return {
      ...head,
      status: 'loaded',
      rows: rows + unreadable,
      unreadable,
      columns: resourceColumns.map((column) => ({ name: column, type: 'VARCHAR' })),
      file: names.file,
      fileSha256: await hashFile(lake.path(names.file)),
      ...(unreadable > 0
        ? { rejectsFile: names.rejects, rejectsSha256: await hashFile(lake.path(names.rejects)) }
        : {}),
    };
  } catch (error) {
    if (error instanceof GzipDamaged) return quarantined(error.message);
    throw error;
  } finally {
    await sink.resources.discard();
    await sink.rejects.discard();
  }
}

/** Numbers the rows of a file and writes them away. */
class BronzeSink implements FhirSink {
  readonly resources: ParquetParts;
  readonly rejects: ParquetParts;
  refusedRows = 0;
  #row = 0;

  constructor(connection: DuckDBConnection, origin: Origin, scratch: string) {
    this.resources = new ParquetParts(
      connection,
      {
        name: 'fhir_received',
        columns: {
          _row: 'BIGINT',
          resource_type: 'VARCHAR',
          id: 'VARCHAR',
          full_url: 'VARCHAR',
          resource: 'VARCHAR',
          confidentiality: 'VARCHAR',
        },
      },
      (table, path) => writeBronze(resourceColumns, '_row', table, origin, path, true),
      `${scratch}.rows`,
      (table) => this.#refuseForEngine(connection, table),
    );
    this.rejects = new ParquetParts(
      connection,
      {
        name: 'fhir_refused_rows',
        columns: { _row: 'BIGINT', line: 'BIGINT', rule: 'VARCHAR', reason: 'VARCHAR', raw: 'VARCHAR' },
      },
      (table, path) =>
        `copy (select ${rejectColumns.map(name).join(', ')} from ${table} order by _row) to ${quoted(path)} (format parquet, compression zstd)`,
      `${scratch}.refused`,
    );
  }

  received({ type, id, fullUrl, json, confidentiality }: Parameters<FhirSink['received']>[0]): void {
    this.#row += 1;
    this.resources.add([this.#row, type, id, fullUrl, json, confidentiality]);
  }

  refused(raw: Buffer, line: number | null, reason: string): void {
    this.#row += 1;
    this.#reject(this.#row, raw, line, reason);
  }

  async pause(): Promise<void> {
    await this.resources.flushIfFull();
    await this.rejects.flushIfFull();
  }

  #reject(row: number, raw: Buffer, line: number | null, reason: string): void {
    this.refusedRows += 1;
    this.rejects.add([row, line, 'RESOURCE_UNREADABLE', reason, beginning(raw)]);
  }

  /**
   * JSON that the program reads and the engine does not: half of a surrogate pair, a number beyond all bounds. Such a
   * resource would break every later statement that reads it.
   */
  async #refuseForEngine(connection: DuckDBConnection, table: string): Promise<void> {
    const invalid = 'not json_valid(resource)';
    const found = await connection.runAndReadAll(
      `select cast(_row as double) as row, left(resource, 2000) as raw from ${name(table)} where ${invalid} order by _row`,
    );
    const rows = found.getRowObjectsJS() as unknown as { row: number; raw: string }[];
    for (const { row, raw } of rows) {
      this.#reject(row, Buffer.from(raw), null, 'the JSON holds text or a number that no database takes');
    }
    if (rows.length > 0) await connection.run(`delete from ${name(table)} where ${invalid}`);
  }
}
