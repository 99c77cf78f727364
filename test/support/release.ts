import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance, type DuckDBValue } from '@duckdb/node-api';
import type { Config } from '../../src/config/environment.js';
import { newestRelease, publishedReleases, type ReleaseManifest } from '../../src/warehouse/duckdb/files.js';

/** A DuckDB database as plain rows. */
export interface Reader {
  rows<T = Record<string, DuckDBValue>>(sql: string): Promise<T[]>;
  close(): void;
}

/** Opens a database file to read it, or, without one, an empty database in memory. */
export async function openReader(file = ':memory:'): Promise<Reader> {
  const instance = await DuckDBInstance.create(file, file === ':memory:' ? {} : { access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  return {
    async rows<T>(sql: string) {
      return (await connection.runAndReadAll(sql)).getRowObjectsJS() as T[];
    },
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

/** The folder of the releases of a configuration whose warehouse is embedded. */
export function releaseFolder(config: Config): string {
  if (config.warehouse.kind !== 'duckdb') throw new Error('the warehouse is not embedded');
  return config.warehouse.path;
}

/** What is served: the numbers of the releases, and the manifest of the newest. */
export async function served(
  config: Config,
): Promise<{ ids: number[]; manifest: ReleaseManifest | undefined }> {
  const folder = releaseFolder(config);
  return { ids: await publishedReleases(folder), manifest: await newestRelease(folder) };
}

/** Opens the newest release. */
export async function openRelease(config: Config): Promise<Reader> {
  const { manifest } = await served(config);
  if (!manifest) throw new Error('nothing is published');
  return openReader(join(releaseFolder(config), manifest.file));
}

/** Opens the identified store of the newest release. */
export async function identifiedFile(config: Config): Promise<string> {
  const { manifest } = await served(config);
  if (!manifest || config.identified.kind !== 'folder') throw new Error('nothing is published');
  return join(config.identified.path, manifest.identifiedFile);
}

/** One query on the newest release. */
export async function fromRelease<T>(config: Config, sql: string): Promise<T[]> {
  const release = await openRelease(config);
  try {
    return await release.rows<T>(sql);
  } finally {
    release.close();
  }
}

/** Changes the file of the newest release, for what no delivery of a test brings. Not while it is served. */
export async function changeRelease(config: Config, sql: string): Promise<void> {
  const { manifest } = await served(config);
  if (!manifest) throw new Error('nothing is published');
  await changeFile(join(releaseFolder(config), manifest.file), sql);
}

/** Changes a DuckDB file. */
export async function changeFile(file: string, sql: string): Promise<void> {
  const instance = await DuckDBInstance.create(file);
  const connection = await instance.connect();
  await connection.run(sql);
  await connection.run('checkpoint');
  connection.closeSync();
  instance.closeSync();
}

export interface Column {
  readonly table: string;
  readonly column: string;
  readonly type: string;
}

export const columnsOf = (release: Reader): Promise<Column[]> =>
  release.rows<Column>(
    'select table_name as "table", column_name as "column", data_type as type from duckdb_columns() where not internal order by table_name, column_index',
  );

/** Columns that are surrogates, or tell when a row was loaded: two ways to the same data may differ in them. */
const surrogate: ReadonlySet<string> = new Set([
  'batch_id',
  'patient_no',
  'valid_from',
  'valid_to',
  'first_load',
  'first_seen',
]);

/** How long each rule took in each run, which no two runs have alike. */
const logOfRuns = 'cds_run';

/**
 * What is in a release, a table: its number of rows and a hash of them in any order. Without the numbers of batches,
 * and with pseudonyms in place of the numbers of patients; `only` limits it to tables whose name it matches.
 */
export async function contentOf(config: Config, only = /./): Promise<Record<string, string>> {
  const release = await openRelease(config);
  try {
    const tables = new Map<string, string[]>();
    for (const { table, column } of await columnsOf(release)) {
      if (!only.test(table) || table === logOfRuns) continue;
      const said = surrogate.has(column) ? [] : [`t."${column}"`];
      const patient = column === 'patient_no' && table !== 'dim_patient' ? ['p.patient_sk'] : [];
      tables.set(table, [...(tables.get(table) ?? []), ...said, ...patient]);
    }
    const content: Record<string, string> = {};
    for (const [table, columns] of tables) {
      const [row] = await release.rows<{ content: string }>(
        `select count(*) || ' rows ' || coalesce(sum(cast(hash(${columns.join(', ')}) as hugeint)), 0) as content from "${table}" t${columns.includes('p.patient_sk') ? ' left join dim_patient p on t.patient_no = p.patient_no' : ''}`,
      );
      content[table] = row?.content ?? '';
    }
    return content;
  } finally {
    release.close();
  }
}

/** Facts, marts of them and current dimensions. Results of rules, and the mart of those, hang on the runs before. */
export const measured = /^fact_|^mart_(?!cds_)|^dim_(?!.*_version$)/;

/** Gives a home the keys of another one, so that both make the same pseudonyms. */
export const shareKeys = (from: Config, to: Config): void =>
  cpSync(from.home.keys, to.home.keys, { recursive: true });
