import { setTimeout as delay } from 'node:timers/promises';
import type { Statement } from '../dialect.js';
import type { ColumnarResult, OutputColumn, ReadOptions } from '../warehouse.js';
import { isRetryable, mapError, stoppedBy, whileServing } from './errors.js';
import { stripped } from './lint.js';
import { fromMssql, type Mssql, type SqlType, toMssql } from './types.js';
import type { MssqlAddress } from './url.js';

/** What a read uses of the client's request. */
export interface ReadRequest {
  input(name: string, type: SqlType, value: unknown): unknown;
  query(text: string): Promise<{ recordset: unknown }>;
  batch(text: string): Promise<{ recordset: unknown }>;
  cancel(): void;
}

/** A pool of the client, and what a read must know of it. */
export interface Connection {
  readonly sql: Mssql;
  readonly pool: { request(overrides?: { requestTimeout?: number }): ReadRequest };
  readonly engine: MssqlAddress['engine'];
  readonly label: MssqlAddress['label'];
  /** Milliseconds kept back from a deadline, in which the server may answer a cancel. */
  readonly cancelTimeout: number;
  /** Milliseconds before the second attempt. */
  readonly retryDelay: number;
}

export interface ReadCall extends ReadOptions {
  /** When the answer must be there, in milliseconds as `Date.now()` counts. */
  readonly deadline?: number;
}

/**
 * Runs one statement and reads its rows into columns. A connection that failed is tried once more: no row has left
 * yet. Errors: those of `ReleaseHandle.read`.
 */
export async function read(
  connection: Connection,
  statement: Statement,
  output: readonly OutputColumn[],
  call: ReadCall = {},
): Promise<ColumnarResult> {
  const rows = await withRetry(connection, call, () => attempt(connection, statement, call));
  if (rows.some((row) => row.length !== output.length)) {
    throw new Error(`a statement returned other than its ${output.length} declared columns`);
  }
  const columns = output.map(({ type }, i) => {
    const convert = fromMssql(type);
    return rows.map((row) => convert(row[i]));
  });
  return { columns, rowCount: rows.length };
}

async function withRetry<T>(connection: Connection, call: ReadCall, once: () => Promise<T>): Promise<T> {
  try {
    return await once();
  } catch (error) {
    const mapped = mapError(error);
    const late = call.deadline !== undefined && Date.now() + connection.retryDelay >= call.deadline;
    if (!isRetryable(mapped) || late || call.signal?.aborted) throw whileServing(mapped);
  }
  await delay(connection.retryDelay);
  return once().catch((error: unknown) => {
    throw whileServing(mapError(error));
  });
}

async function attempt(connection: Connection, statement: Statement, call: ReadCall): Promise<unknown[][]> {
  const { signal } = call;
  if (signal?.aborted) throw stoppedBy(signal);
  const request = connection.pool.request(timeLeft(connection, call));
  statement.parameters.forEach((parameter, i) => {
    const { type, value } = toMssql(connection.sql, parameter);
    request.input(String(i + 1), type, value);
  });
  const text = labelled(statement.sql, connection, call.requestId);
  const cancel = () => request.cancel();
  signal?.addEventListener('abort', cancel, { once: true });
  try {
    // A dedicated pool refuses a statement without parameters as a remote call (103010).
    const result = await (statement.parameters.length === 0 ? request.batch(text) : request.query(text));
    return result.recordset as unknown[][];
  } catch (error) {
    throw signal?.aborted ? stoppedBy(signal) : mapError(error);
  } finally {
    signal?.removeEventListener('abort', cancel);
  }
}

function timeLeft({ cancelTimeout }: Connection, { deadline }: ReadCall): { requestTimeout?: number } {
  return deadline === undefined ? {} : { requestTimeout: Math.max(1, deadline - Date.now() - cancelTimeout) };
}

/**
 * The statement with the request's id, under which `sys.dm_pdw_exec_requests` of a dedicated pool shows it.
 * SQL Server refuses the clause, and each id would cost it a plan. A label is a literal: an id with any other
 * character is left out.
 */
export function labelled(
  text: string,
  { engine, label }: Pick<Connection, 'engine' | 'label'>,
  requestId: string | undefined,
): string {
  if (engine !== 'synapse' || label === 'off' || requestId === undefined) return text;
  if (!/^[A-Za-z0-9:_-]{1,97}$/.test(requestId) || /\boption\s*\(/i.test(stripped(text))) return text;
  return `${text} OPTION (LABEL = 'mw:${requestId}')`;
}
