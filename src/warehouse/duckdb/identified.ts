import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { sql } from 'kysely';
import { MaplewoodError } from '../../errors.js';
import type { DynamicQuery } from '../dialect.js';
import { goldBuilder } from '../gold-builder.js';
import {
  type IdentifiedColumn,
  type IdentifiedPatientRow,
  type IdentifiedStore,
  identifiedPatient,
} from '../identified.js';
import { bind } from '../value.js';
import { duckdbDialect } from './dialect.js';
import { readManifest } from './files.js';
import { PreparedStatements, read } from './read.js';

export interface IdentifiedFolders {
  /** Folder of the manifests, which name the files. */
  readonly releases: string;
  readonly identified: string;
}

/**
 * The identified store beside the releases: a file each, opened by this module alone, read-only, for as long as a question
 * takes.
 */
export function duckdbIdentifiedStore(folders: IdentifiedFolders): IdentifiedStore {
  const open = new Map<string, { readonly instance: Promise<DuckDBInstance>; users: number }>();

  // A file must not be opened twice in one process.
  async function withFile<T>(file: string, use: (instance: DuckDBInstance) => Promise<T>): Promise<T> {
    const shared = open.get(file) ?? { instance: openFile(join(folders.identified, file)), users: 0 };
    open.set(file, shared);
    shared.users += 1;
    try {
      return await use(await shared.instance);
    } finally {
      shared.users -= 1;
      if (shared.users === 0) {
        open.delete(file);
        await shared.instance.then(
          (instance) => instance.closeSync(),
          () => undefined,
        );
      }
    }
  }

  return {
    async patient(release, key, columns, signal) {
      try {
        const { identifiedFile } = await readManifest(folders.releases, release);
        return await withFile(identifiedFile, (instance) => row(instance, key, columns, signal));
      } catch (cause) {
        if (signal?.aborted && cause instanceof MaplewoodError) throw cause;
        throw new MaplewoodError('WAREHOUSE_UNAVAILABLE', undefined, { cause });
      }
    },
  };
}

const openFile = (path: string): Promise<DuckDBInstance> =>
  DuckDBInstance.create(path, {
    access_mode: 'READ_ONLY',
    threads: '1',
    memory_limit: '256MB',
    max_temp_directory_size: '0KiB',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    enable_external_access: 'false',
    lock_configuration: 'true',
  });

async function row(
  instance: DuckDBInstance,
  key: Uint8Array,
  columns: readonly IdentifiedColumn[],
  signal: AbortSignal | undefined,
): Promise<IdentifiedPatientRow | undefined> {
  const output = columns.map((name) => ({ name, type: identifiedPatient.columns[name].type }));
  const rows = goldBuilder().selectFrom(`${identifiedPatient.name} as p` as never) as unknown as DynamicQuery;
  const query = rows
    .where(sql<boolean>`${sql.ref('p.patient_sk')} = ${bind({ kind: 'key128' }, key)}`)
    .select(sql.lit(1).as('is_there'))
    .select(output.map(({ name, type }) => duckdbDialect.output(sql.ref(`p.${name}`), type).as(name)))
    .top(1);
  const connection = await instance.connect();
  try {
    const prepared = new PreparedStatements(connection, 1);
    const there = { name: 'is_there', type: { kind: 'int32' } } as const;
    const found = await read(connection, prepared, duckdbDialect.compile(query), [there, ...output], signal);
    if (found.rowCount === 0) return undefined;
    return Object.fromEntries(output.map(({ name }, at) => [name, found.columns[at + 1]?.[0]]));
  } finally {
    connection.closeSync();
  }
}
