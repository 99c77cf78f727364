import { MaplewoodError } from '../../errors.js';
import type { Dialect, Statement } from '../dialect.js';
import type { ColumnType } from '../table.js';
import { TypedValue } from '../value.js';
import type {
  ColumnarResult,
  OutputColumn,
  ReadOptions,
  ReleaseHandle,
  ReleaseInfo,
  Warehouse,
} from '../warehouse.js';
import { quoted } from './ddl.js';
import { tsqlDialect } from './dialect.js';
import { checkEngine, engineQuery } from './pool.js';
import { openReader, type Reader, type ReaderSettings } from './reader.js';
import { type MssqlAddress, parseMssqlUrl } from './url.js';
import { openWhenReachable } from './when-reachable.js';

export interface WarehouseSettings extends ReaderSettings {
  /** Milliseconds between looks for a new release. */
  readonly pollEvery?: number;
  /** Milliseconds between looks whether a server that was lost is there again. */
  readonly retryEvery?: number;
  /** Told when a release was taken up, or why none could be looked for. */
  readonly onRelease?: (event: { readonly id: number; readonly error?: unknown }) => void;
}

/**
 * Opens the warehouse at `mssql://…`, now or, if the server does not answer, as soon as it does. Errors: `CONFIGURATION` for
 * a wrong address, login or engine and for a database without the `meta` schema.
 */
export async function openMssqlWarehouse(url: string, settings: WarehouseSettings = {}): Promise<Warehouse> {
  const address = parseMssqlUrl(url);
  const connect = (): Promise<Warehouse> => connected(address, settings);
  return openWhenReachable(tsqlDialect(address.engine), connect, settings);
}

async function connected(address: MssqlAddress, settings: WarehouseSettings): Promise<Warehouse> {
  const reader = await openReader(address, settings);
  try {
    checkEngine(address.engine, await single(reader, engineQuery, { kind: 'int32' }));
    if ((await single(reader, metaQuery, { kind: 'int64' })) !== 1) throw withoutMeta();
    return await ReleaseWatch.start(tsqlDialect(address.engine), reader, settings);
  } catch (error) {
    await reader.close();
    throw error;
  }
}

const metaQuery =
  "SELECT COUNT_BIG(*) FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA = 'meta' AND TABLE_NAME = 'release'";

function withoutMeta(): MaplewoodError {
  return new MaplewoodError(
    'CONFIGURATION',
    'The database has no table meta.release, or the login may not read it. Run `maplewood migrate` with an owner’s login first.',
  );
}

async function single(reader: Reader, sql: string, type: ColumnType): Promise<unknown> {
  const { columns } = await reader.read({ sql, parameters: [] }, [{ name: 'value', type }], {
    lane: 'point',
  });
  return columns[0]?.[0];
}

const newestQuery =
  'SELECT TOP (1) [id], [schema_name], [published_at], [data_as_of] FROM [meta].[release] ORDER BY [id] DESC';
const newestOutput: readonly OutputColumn[] = [
  { name: 'id', type: { kind: 'int64' } },
  { name: 'schema_name', type: { kind: 'text', length: 63 } },
  { name: 'published_at', type: { kind: 'instant' } },
  { name: 'data_as_of', type: { kind: 'date' } },
];

const columnsQuery = 'SELECT TABLE_NAME, COLUMN_NAME FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_SCHEMA = @1';
const columnsOutput: readonly OutputColumn[] = ['table', 'column'].map((name) => ({
  name,
  type: { kind: 'text', length: 128 },
}));

const releaseDayOutput: readonly OutputColumn[] = [
  ...['first_admission', 'first_arrival', 'first_load'].map((name) => ({
    name,
    type: { kind: 'date' } as const,
  })),
  ...['disclosure_threshold', 'disclosure_base'].map((name) => ({ name, type: { kind: 'int32' } as const })),
];

interface Release {
  readonly info: ReleaseInfo;
  readonly schema: string;
}

/** Milliseconds after which a server that has not told its newest release counts as lost. */
const longestLook = 8_000;

/**
 * Follows `meta.release`: its newest row is the release that is served. Rows are only ever added. While the server is lost
 * requests are refused at once, and one look at a time tries whether it is there again.
 */
export class ReleaseWatch implements Warehouse {
  #newest: Release | undefined;
  #lost = false;
  #looking: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  private constructor(
    readonly dialect: Dialect,
    private readonly reader: Reader,
    private readonly onRelease: (event: { readonly id: number; readonly error?: unknown }) => void,
    private readonly pollEvery: number,
    private readonly retryEvery: number,
  ) {}

  static async start(
    dialect: Dialect,
    reader: Reader,
    { pollEvery = 5000, retryEvery = 1000, onRelease = () => undefined }: WarehouseSettings = {},
  ): Promise<ReleaseWatch> {
    const watch = new ReleaseWatch(dialect, reader, onRelease, pollEvery, retryEvery);
    await watch.look();
    watch.#lookLater(pollEvery);
    return watch;
  }

  /** Reads which release is the newest. Looks do not overlap. */
  look(): Promise<void> {
    this.#looking ??= this.#readNewest().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  #lookLater(milliseconds: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#lookAgain(), milliseconds).unref();
  }

  /** A failed look keeps the release that is known. */
  async #lookAgain(): Promise<void> {
    try {
      await this.look();
      if (this.#lost && this.#newest) this.onRelease({ id: this.#newest.info.id });
      this.#lost = false;
    } catch (error) {
      if (!this.#lost) this.onRelease({ id: 0, error });
      if (isUnreachable(error) || isLate(error)) this.#lost = true;
    }
    if (!this.#closed) this.#lookLater(this.#lost ? this.retryEvery : this.pollEvery);
  }

  /** Told what a read of a release failed with. */
  #failed(error: unknown): void {
    if (this.#lost || !isUnreachable(error)) return;
    this.#lost = true;
    this.onRelease({ id: 0, error });
    this.#lookLater(this.retryEvery);
  }

  async #readNewest(): Promise<void> {
    const found = await this.reader.read({ sql: newestQuery, parameters: [] }, newestOutput, {
      lane: 'point',
      signal: AbortSignal.timeout(longestLook),
    });
    const [id, schema, publishedAt, dataAsOf] = found.columns.map((column) => column[0]);
    if (found.rowCount === 0 || Number(id) === this.#newest?.info.id) return;
    if (typeof schema !== 'string' || !/^gold_r\d+$/.test(schema))
      throw new Error('meta.release names no schema of a release');
    const [tables, days] = await Promise.all([this.#tables(schema), this.#releaseDay(schema)]);
    const info = {
      id: Number(id),
      publishedAt: String(publishedAt),
      dataAsOf: String(dataAsOf),
      ...days,
      tables,
    };
    this.#newest = { schema, info };
    this.onRelease({ id: info.id });
  }

  async #releaseDay(schema: string): Promise<Pick<ReleaseInfo, 'firstDays' | 'firstLoad' | 'disclosure'>> {
    const selected = releaseDayOutput.map(({ name }) => quoted(name)).join(', ');
    const sql = `SELECT ${selected} FROM ${quoted(schema)}.[release_day]`;
    const { columns } = await this.reader.read({ sql, parameters: [] }, releaseDayOutput, { lane: 'point' });
    const [admission, arrival, load, threshold, base] = columns.map(([value]) => value);
    const day = (value: unknown): string | null => (typeof value === 'string' ? value : null);
    return {
      firstDays: { first_admission: day(admission), first_arrival: day(arrival) },
      firstLoad: day(load),
      disclosure: typeof threshold === 'number' && typeof base === 'number' ? { threshold, base } : null,
    };
  }

  async #tables(schema: string): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
    const parameters = [new TypedValue({ kind: 'text', length: 128 }, schema)];
    const { columns } = await this.reader.read({ sql: columnsQuery, parameters }, columnsOutput, {
      lane: 'point',
    });
    const tables = new Map<string, Set<string>>();
    columns[0]?.forEach((table, i) => {
      const name = String(table);
      tables.set(name, (tables.get(name) ?? new Set()).add(String(columns[1]?.[i])));
    });
    return tables;
  }

  open(): ReleaseHandle {
    if (this.#lost) throw new MaplewoodError('WAREHOUSE_UNAVAILABLE');
    if (!this.#newest)
      throw new MaplewoodError(
        'WAREHOUSE_UNAVAILABLE',
        'No release has been published yet. Run: maplewood etl run',
      );
    return new MssqlRelease(this.#newest, this.reader, (error) => this.#failed(error));
  }

  running(): number {
    return this.reader.running();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.reader.close();
  }
}

const isUnreachable = (error: unknown): boolean =>
  error instanceof MaplewoodError && error.code === 'WAREHOUSE_UNAVAILABLE';
/** Of a look. A question may take longer than its time on a server that is well. */
const isLate = (error: unknown): boolean =>
  error instanceof MaplewoodError && error.code === 'DEADLINE_EXCEEDED';

/** A release needs no counting here: its schema is dropped by the ETL, after the longest deadline of a reader. */
class MssqlRelease implements ReleaseHandle {
  readonly info: ReleaseInfo;
  readonly schema: string;
  #open = true;

  constructor(
    release: Release,
    private readonly reader: Reader,
    private readonly failed: (error: unknown) => void,
  ) {
    this.info = release.info;
    this.schema = release.schema;
  }

  async read(
    statement: Statement,
    output: readonly OutputColumn[],
    options?: ReadOptions,
  ): Promise<ColumnarResult> {
    if (!this.#open) throw new Error('a release was read after it was closed');
    try {
      return await this.reader.read(statement, output, options);
    } catch (error) {
      this.failed(error);
      throw error;
    }
  }

  close(): void {
    this.#open = false;
  }
}
