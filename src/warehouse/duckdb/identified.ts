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
  identifiedStaff,
} from '../identified.js';
import type { TableDeclaration } from '../table.js';
import { bind } from '../value.js';
import type { ColumnarResult, OutputColumn } from '../warehouse.js';
import { duckdbDialect } from './dialect.js';
import { readManifest } from './files.js';
import { PreparedStatements } from './prepared-statements.js';
import { read } from './read.js';

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

  async function of<T>(
    release: number,
    signal: AbortSignal | undefined,
    use: (instance: DuckDBInstance) => Promise<T>,
  ): Promise<T> {
    try {
      const { identifiedFile } = await readManifest(folders.releases, release);
      return await withFile(identifiedFile, use);
    } catch (cause) {
      if (signal?.aborted && cause instanceof MaplewoodError) throw cause;
      throw new MaplewoodError('WAREHOUSE_UNAVAILABLE', undefined, { cause });
    }
  }

  return {
    patient: (release, key, columns, signal) =>
      of(release, signal, (instance) => patient(instance, key, columns, signal)),
    staff: (release, keys, signal) => of(release, signal, (instance) => staff(instance, keys, signal)),
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

async function patient(
  instance: DuckDBInstance,
  key: Uint8Array,
  columns: readonly IdentifiedColumn[],
  signal: AbortSignal | undefined,
): Promise<IdentifiedPatientRow | undefined> {
  const output = columns.map((name) => ({ name, type: identifiedPatient.columns[name].type }));
  const query = rowsOf(identifiedPatient)
    .where(sql<boolean>`${sql.ref('t.patient_sk')} = ${bind({ kind: 'key128' }, key)}`)
    .select(sql.lit(1).as('is_there'))
    .select(output.map(({ name, type }) => duckdbDialect.output(sql.ref(`t.${name}`), type).as(name)))
    .top(1);
  const there = { name: 'is_there', type: { kind: 'int32' } } as const;
  const found = await readOf(instance, query, [there, ...output], signal);
  if (found.rowCount === 0) return undefined;
  return Object.fromEntries(output.map(({ name }, at) => [name, found.columns[at + 1]?.[0]]));
}

async function staff(
  instance: DuckDBInstance,
  keys: readonly Uint8Array[],
  signal: AbortSignal | undefined,
): Promise<readonly (string | undefined)[]> {
  const wanted = [...new Map(keys.map((key) => [hexOf(key), key])).values()];
  const output = (['staff_sk', 'staff_code'] as const).map((name) => ({
    name,
    type: identifiedStaff.columns[name].type,
  }));
  const codes = new Map<string, string>();
  for (let at = 0; at < wanted.length; at += most) {
    const bound = wanted.slice(at, at + most).map((key) => bind({ kind: 'key128' }, key));
    const query = rowsOf(identifiedStaff)
      .where(sql<boolean>`${sql.ref('t.staff_sk')} in (${sql.join(bound)})`)
      .select(output.map(({ name, type }) => duckdbDialect.output(sql.ref(`t.${name}`), type).as(name)));
    const found = await readOf(instance, query, output, signal);
    const [sks = [], values = []] = found.columns as [Uint8Array[]?, string[]?];
    for (const [row, sk] of sks.entries()) codes.set(hexOf(sk), values[row] ?? '');
  }
  return keys.map((key) => codes.get(hexOf(key)));
}

/** Keys of one statement at most. */
const most = 512;
const hexOf = (key: Uint8Array): string => Buffer.from(key).toString('hex');

const rowsOf = ({ name }: TableDeclaration): DynamicQuery =>
  goldBuilder().selectFrom(`${name} as t` as never) as unknown as DynamicQuery;

async function readOf(
  instance: DuckDBInstance,
  query: DynamicQuery,
  output: readonly OutputColumn[],
  signal: AbortSignal | undefined,
): Promise<ColumnarResult> {
  const connection = await instance.connect();
  try {
    return await read(
      connection,
      new PreparedStatements(connection, 1),
      duckdbDialect.compile(query),
      output,
      signal,
    );
  } finally {
    connection.closeSync();
  }
}
