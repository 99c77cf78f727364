import type {
  DuckDBConnection,
  DuckDBDataChunk,
  DuckDBMaterializedResult,
  DuckDBPreparedStatement,
  DuckDBValue,
} from '@duckdb/node-api';
import { nextTurn } from '../../config/event-loop.js';
import { abortReason, MaplewoodError } from '../../errors.js';
import type { Statement } from '../dialect.js';
import type { ColumnarResult, OutputColumn } from '../warehouse.js';
import { isOfFile } from './errors.js';
import type { PreparedStatements } from './prepared-statements.js';
import { toDuckdb } from './types.js';

/** Milliseconds between interrupts: one that comes just before the engine begins is forgotten by it. */
const interruptEvery = 20;

/**
 * Runs one prepared statement to its end and hands back its columns. An abort interrupts the engine and settles
 * only when the statement has left it. Error: `WAREHOUSE_UNAVAILABLE` where the engine cannot read its file.
 */
export async function read(
  connection: DuckDBConnection,
  prepared: PreparedStatements,
  statement: Statement,
  output: readonly OutputColumn[],
  signal?: AbortSignal,
): Promise<ColumnarResult> {
  let interrupting: NodeJS.Timeout | undefined;
  const interrupt = (): void => {
    connection.interrupt();
    interrupting = setInterval(() => connection.interrupt(), interruptEvery);
  };
  signal?.addEventListener('abort', interrupt, { once: true });
  let ready: DuckDBPreparedStatement | undefined;
  try {
    ready = await prepared.get(statement.sql);
    if (signal?.aborted) throw abortReason(signal);
    const values = statement.parameters.map(toDuckdb);
    if (values.length > 0) {
      ready.bind(
        values.map(({ value }) => value),
        values.map(({ type }) => type),
      );
    }
    const result = await ready.run();
    return await columnsOf(result, output, signal);
  } catch (error) {
    if (signal?.aborted) throw abortReason(signal);
    if (error instanceof MaplewoodError) throw error;
    prepared.forget(statement.sql);
    throw new MaplewoodError(isOfFile(error) ? 'WAREHOUSE_UNAVAILABLE' : 'INTERNAL', undefined, {
      cause: error,
    });
  } finally {
    signal?.removeEventListener('abort', interrupt);
    clearInterval(interrupting);
    if (ready) prepared.done(statement.sql, ready);
  }
}

/**
 * The values by column, a chunk of rows in each turn of the event loop. An empty result has no chunks. `Dialect.output` gives
 * keys as numbers, and all else as it is wanted here.
 */
async function columnsOf(
  result: DuckDBMaterializedResult,
  output: readonly OutputColumn[],
  signal: AbortSignal | undefined,
): Promise<ColumnarResult> {
  const columns: unknown[][] = output.map(() => []);
  for (let at = 0; at < result.chunkCount; at++) {
    if (at > 0) await nextTurn();
    if (signal?.aborted) throw abortReason(signal);
    const chunk = result.getChunk(at);
    for (const [index, column] of columns.entries())
      if (output[index]?.type.kind === 'key128') pushKeys(chunk, index, column);
      else chunk.appendColumnValues(index, column as DuckDBValue[]);
  }
  return { columns, rowCount: result.rowCount };
}

const keyLength = 16;

/** The bytes of keys, which come as numbers, the highest byte first. */
function pushKeys(chunk: DuckDBDataChunk, index: number, column: unknown[]): void {
  const bytes = new Uint8Array(chunk.rowCount * keyLength);
  const view = new DataView(bytes.buffer);
  chunk.visitColumnValues(index, (value, row) => {
    if (value === null) {
      column.push(null);
      return;
    }
    const number = value as bigint;
    const at = row * keyLength;
    // Each keeps its lowest 64 bits.
    view.setBigUint64(at, number >> 64n);
    view.setBigUint64(at + 8, number);
    column.push(bytes.subarray(at, at + keyLength));
  });
}
