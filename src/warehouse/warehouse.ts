import type { Dialect, Statement } from './dialect.js';
import type { ColumnType } from './table.js';

/** A column of an answer, in the order of the select list. */
export interface OutputColumn {
  readonly name: string;
  readonly type: ColumnType;
}

export interface ReadOptions {
  readonly signal?: AbortSignal;
  /** Written into the statement's label where the engine has labels. */
  readonly requestId?: string;
  /** `point`: a look-up that must not wait behind heavy statements. */
  readonly lane?: 'query' | 'point';
}

/** An answer in columns: `columns[i][r]` is the value of output column i in row r, typed as `ColumnType` says. */
export interface ColumnarResult {
  readonly columns: readonly (readonly unknown[])[];
  readonly rowCount: number;
}

/** What is known of a published release without reading its tables. */
export interface ReleaseInfo {
  readonly id: number;
  /** Instant, ISO 8601 in UTC. */
  readonly publishedAt: string;
  /** Last day with data: latest admission or ED arrival. */
  readonly dataAsOf: string;
  /** First days with data, from which the completeness of a bucket is judged; null where there is none. */
  readonly firstDays: { readonly first_admission: string | null; readonly first_arrival: string | null };
  /** Local day from which the versions of the dimensions are known; null where none was ever loaded. */
  readonly firstLoad: string | null;
  /** The rule by which figures are withheld in the marts; null where none are. */
  readonly disclosure: { readonly threshold: number; readonly base: number } | null;
  /** Tables of the release with their columns, so that a build can see what an older release lacks. */
  readonly tables: ReadonlyMap<string, ReadonlySet<string>>;
}

/**
 * One published release, opened for one request. All reads of a request go through one handle, so an answer
 * never mixes two releases. `close` gives it back; the last one to do so lets an old release go.
 */
export interface ReleaseHandle {
  readonly info: ReleaseInfo;
  /** Schema that qualifies table names, where the engine keeps releases apart by schema. */
  readonly schema: string | undefined;
  /**
   * Runs one statement and reads all its rows.
   * Errors: `DEADLINE_EXCEEDED` or `REQUEST_CANCELLED` (the signal's reason) once the statement has stopped,
   * `OVERLOADED` when too many wait, `WAREHOUSE_UNAVAILABLE` when the engine cannot be reached.
   */
  read(statement: Statement, output: readonly OutputColumn[], options?: ReadOptions): Promise<ColumnarResult>;
  close(): void;
}

/** The read side of a warehouse: it has no member that writes. */
export interface Warehouse {
  readonly dialect: Dialect;
  /** Opens the newest release. Error: `WAREHOUSE_UNAVAILABLE` while there is none. */
  open(): ReleaseHandle;
  /** Statements running now; 0 proves that a cancelled one has left the engine. */
  running(): number;
  /** Waits for running statements, then lets go of everything. */
  close(): Promise<void>;
}
