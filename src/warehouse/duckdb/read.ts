import {
  type DuckDBConnection,
  type DuckDBMaterializedResult,
  type DuckDBPreparedStatement,
  JSDuckDBValueConverter,
} from '@duckdb/node-api';
import { nextTurn } from '../../config/event-loop.js';
import { abortReason, MaplewoodError } from '../../errors.js';
import type { Statement } from '../dialect.js';
import type { ColumnarResult, OutputColumn } from '../warehouse.js';
import { isOfFile } from './errors.js';
import { toDuckdb } from './types.js';

/** Statements of one connection that are kept prepared: parsing and binding cost as much as a small read. */
export class PreparedStatements {
  private readonly byText = new Map<string, DuckDBPreparedStatement>();

  constructor(
    private readonly connection: DuckDBConnection,
    private readonly limit: number,
  ) {}

  async get(text: string): Promise<DuckDBPreparedStatement> {
    const known = this.byText.get(text);
    if (known) {
      this.byText.delete(text);
      this.byText.set(text, known);
      return known;
    }
    const prepared = await this.connection.prepare(text);
    this.byText.set(text, prepared);
    for (const [oldest, statement] of this.byText) {
      if (this.byText.size <= this.limit) break;
      this.byText.delete(oldest);
      statement.destroySync();
    }
    return prepared;
  }

  forget(text: string): void {
    this.byText.get(text)?.destroySync();
    this.byText.delete(text);
  }
}

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
  try {
    const ready = await prepared.get(statement.sql);
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
  }
}

/** The values by column, a chunk of rows in each turn of the event loop. An empty result has no chunks. */
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
      chunk.visitColumnValues(index, (value, _row, _column, type) =>
        column.push(JSDuckDBValueConverter(value, type, JSDuckDBValueConverter)),
      );
  }
  return { columns, rowCount: result.rowCount };
}
