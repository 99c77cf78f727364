import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { MaplewoodError } from '../../errors.js';
import type { ReleaseHandle, ReleaseInfo, Warehouse } from '../warehouse.js';
import { duckdbDialect } from './dialect.js';
import { newestRelease, publishedReleases, type ReleaseManifest, readManifest } from './files.js';
import { optimizer } from './optimizer.js';
import { openPool, type Pool } from './pool.js';
import { PreparedStatements } from './prepared-statements.js';
import { read } from './read.js';

export interface DuckdbOptions {
  /** Folder of the releases. */
  readonly folder: string;
  /** Folder for what does not fit in memory; emptied at start. */
  readonly spill: string;
  readonly threads: number;
  readonly memoryLimit: string;
  /** Heavy statements at once, and callers that may wait for one. */
  readonly connections: number;
  readonly waiting: number;
  /** Milliseconds between looks for a new release. */
  readonly pollEvery: number;
  /** Told when a release was taken up, or why one could not be. */
  readonly onRelease?: (event: { readonly id: number; readonly error?: unknown }) => void;
}

interface OpenRelease {
  readonly info: ReleaseInfo;
  readonly instance: DuckDBInstance;
  readonly query: Pool;
  readonly point: Pool;
  readonly prepared: WeakMap<DuckDBConnection, PreparedStatements>;
  readonly runOnce: Map<string, boolean>;
  users: number;
  retired: boolean;
}

/**
 * Opens the newest release and follows new ones while it serves. A release whose file cannot be read any more is let go of,
 * and opened anew as soon as it can be, or the next one.
 */
export async function openDuckdbWarehouse(options: DuckdbOptions): Promise<Warehouse> {
  rmSync(options.spill, { recursive: true, force: true });
  mkdirSync(options.spill, { recursive: true, mode: 0o700 });
  let current: OpenRelease | undefined;
  const open = new Set<OpenRelease>();
  const closing = new Set<Promise<void>>();
  // A release that cannot be opened is tried again and again, and told of once.
  let failed: number | undefined;

  const retire = (release: OpenRelease): void => {
    release.retired = true;
    if (release.users === 0) finish(release);
  };
  const finish = (release: OpenRelease): void => {
    const done = shut(release)
      // Of a file that is lost not even the end may succeed.
      .catch(() => undefined)
      .finally(() => {
        closing.delete(done);
        open.delete(release);
      });
    closing.add(done);
  };
  const lost = (release: OpenRelease): void => {
    if (current !== release) return;
    current = undefined;
    retire(release);
  };
  const opened = async (manifest: ReleaseManifest): Promise<OpenRelease> => {
    // A file must not be opened twice in one process.
    if (!current) await Promise.all(closing);
    const release = await openRelease(options, manifest);
    open.add(release);
    return release;
  };

  const follow = async (): Promise<void> => {
    const newest = (await publishedReleases(options.folder)).at(-1);
    if (newest === undefined || newest === current?.info.id) return;
    try {
      const next = await opened(await readManifest(options.folder, newest));
      const before = current;
      current = next;
      failed = undefined;
      if (before) retire(before);
      options.onRelease?.({ id: newest });
    } catch (error) {
      if (failed !== newest) options.onRelease?.({ id: newest, error });
      failed = newest;
    }
  };

  const first = await newestRelease(options.folder);
  if (first) current = await opened(first);
  let following: Promise<void> = Promise.resolve();
  let busy = false;
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    following = follow()
      .catch((error: unknown) => options.onRelease?.({ id: 0, error }))
      .finally(() => {
        busy = false;
      });
  }, options.pollEvery);
  timer.unref();

  return {
    dialect: duckdbDialect,
    open() {
      if (current) return handle(current, { finish, lost });
      throw failed !== undefined || closing.size > 0 || open.size > 0
        ? new MaplewoodError('WAREHOUSE_UNAVAILABLE')
        : new MaplewoodError(
            'WAREHOUSE_UNAVAILABLE',
            'No release has been published yet. Run: maplewood etl run',
          );
    },
    running: () => [...open].reduce((sum, { query, point }) => sum + query.busy() + point.busy(), 0),
    async close() {
      clearInterval(timer);
      await following;
      if (current) retire(current);
      current = undefined;
      await Promise.all(closing);
    },
  };
}

interface HandleEffects {
  /** Nobody uses a release any more that is not served. */
  readonly finish: (release: OpenRelease) => void;
  /** The file of a release cannot be read. */
  readonly lost: (release: OpenRelease) => void;
}

function handle(release: OpenRelease, { finish, lost }: HandleEffects): ReleaseHandle {
  release.users += 1;
  let open = true;
  return {
    info: release.info,
    schema: undefined,
    async read(statement, output, options = {}) {
      const pool = options.lane === 'point' ? release.point : release.query;
      const connection = await pool.acquire(options.signal);
      try {
        let prepared = release.prepared.get(connection);
        if (!prepared) {
          prepared = new PreparedStatements(connection, 64, release.runOnce);
          release.prepared.set(connection, prepared);
        }
        return await read(connection, prepared, statement, output, options.signal);
      } catch (error) {
        if (error instanceof MaplewoodError && error.code === 'WAREHOUSE_UNAVAILABLE') lost(release);
        throw error;
      } finally {
        pool.release(connection);
      }
    },
    close() {
      if (!open) return;
      open = false;
      release.users -= 1;
      if (release.retired && release.users === 0) finish(release);
    },
  };
}

/**
 * The order of the options matters: the spill folder cannot be set once external access is off, and nothing can
 * be set once the configuration is locked.
 */
async function openRelease(options: DuckdbOptions, manifest: ReleaseManifest): Promise<OpenRelease> {
  const instance = await DuckDBInstance.create(join(options.folder, manifest.file), {
    access_mode: 'READ_ONLY',
    threads: String(options.threads),
    memory_limit: options.memoryLimit,
    temp_directory: options.spill,
    max_temp_directory_size: '20GiB',
    ...optimizer,
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    enable_external_access: 'false',
    lock_configuration: 'true',
  });
  const query = await openPool(instance, { connections: options.connections, waiting: options.waiting });
  const point = await openPool(instance, { connections: 2, waiting: options.waiting });
  const connection = await point.acquire();
  try {
    const rows = await connection.runAndReadAll('select table_name, column_name from duckdb_columns()');
    const tables = new Map<string, Set<string>>();
    for (const [table, column] of rows.getRowsJS() as [string, string][]) {
      const columns = tables.get(table) ?? new Set<string>();
      columns.add(column);
      tables.set(table, columns);
    }
    // A release of an earlier version lacks some of these.
    const orNull = (column: string): string => (tables.get('release_day')?.has(column) ? column : 'null');
    const days = await connection.runAndReadAll(
      `select cast(first_admission as varchar), cast(first_arrival as varchar), cast(${orNull('first_load')} as varchar),
        ${orNull('disclosure_threshold')}, ${orNull('disclosure_base')} from release_day`,
    );
    const [firstAdmission, firstArrival, firstLoad, threshold, base] = (days.getRowsJS()[0] ?? []) as Partial<
      [string | null, string | null, string | null, number | null, number | null]
    >;
    const info: ReleaseInfo = {
      id: manifest.id,
      publishedAt: manifest.publishedAt,
      dataAsOf: manifest.dataAsOf,
      firstLoad: firstLoad ?? null,
      disclosure: typeof threshold === 'number' && typeof base === 'number' ? { threshold, base } : null,
      firstDays: { first_admission: firstAdmission ?? null, first_arrival: firstArrival ?? null },
      tables,
    };
    return {
      info,
      instance,
      query,
      point,
      prepared: new WeakMap(),
      runOnce: new Map(),
      users: 0,
      retired: false,
    };
  } finally {
    point.release(connection);
  }
}

async function shut(release: OpenRelease): Promise<void> {
  await release.query.drain();
  await release.point.drain();
  release.instance.closeSync();
}
