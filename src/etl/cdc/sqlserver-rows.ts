import { MaplewoodError } from '../../errors.js';
import { mapError } from '../../warehouse/mssql/errors.js';
import type { RowValue } from './row-hash.js';
import { type Carried, carried, type ServerColumn } from './sqlserver-values.js';
import type { SourceRow } from './stage-rows.js';

/** What a capture uses of the client's request. */
export interface CaptureRequest {
  batch(text: string): Promise<{ recordset: unknown }>;
  toReadableStream(options: { highWaterMark: number }): AsyncIterable<unknown>;
  cancel(): void;
}

/** What a capture uses of the client's pool; rows come as arrays. */
export interface CapturePool {
  request(): CaptureRequest;
  close(): Promise<unknown>;
}

const rowsOfBatch = 1_000;

/** The columns of an object in their order. `object` is SQL of its id. */
export async function columnsOf(pool: CapturePool, object: string): Promise<readonly Carried[]> {
  const found = await rows(
    pool,
    `SELECT c.name, TYPE_NAME(c.system_type_id), c.precision, c.scale FROM sys.columns AS c WHERE c.object_id = ${object} AND c.name NOT LIKE N'\\_\\_$%' ESCAPE N'\\' ORDER BY c.column_id`,
  );
  return found.map(([name, type, precision, scale]) => {
    const column: ServerColumn = {
      name: String(name),
      type: typeof type === 'string' ? type.toLowerCase() : null,
      precision: Number(precision),
      scale: Number(scale),
    };
    return carried(column);
  });
}

/** The values of a row from position `from` on, as text. */
export const textsOf = (columns: readonly Carried[], row: readonly unknown[], from: number): RowValue[] =>
  columns.map(({ toText }, at) => toText(row[from + at]));

/** Groups rows, so that the rest of the way is not walked for each of them. */
export async function* batches(
  from: AsyncIterable<readonly unknown[]>,
  make: (row: readonly unknown[]) => SourceRow,
): AsyncGenerator<readonly SourceRow[]> {
  let batch: SourceRow[] = [];
  for await (const row of from) {
    batch.push(make(row));
    if (batch.length === rowsOfBatch) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}

/**
 * The rows of a statement as the server sends them, each of `width` values; one that is left early is cancelled.
 * A second statement behind it answers with a row of another width: only a reading that has met it is whole, since
 * rows that a broken connection keeps back would look deleted. Error: `SOURCE_UNAVAILABLE`.
 */
export async function* stream(
  pool: CapturePool,
  text: string,
  width: number,
): AsyncGenerator<readonly unknown[]> {
  const request = pool.request();
  const readable = request.toReadableStream({ highWaterMark: rowsOfBatch });
  const finished = request.batch(`${text}; SELECT ${width === 1 ? '1, 1' : '1'}`);
  // Whoever waits for the rows is told by the stream; this promise is looked at afterwards.
  finished.catch(() => undefined);
  let whole = false;
  let ended = false;
  try {
    for await (const row of readable) {
      const values = row as readonly unknown[];
      if (values.length === width) yield values;
      else whole = true;
    }
    await finished;
    ended = true;
  } catch (error) {
    throw unavailable(error);
  } finally {
    if (!ended) request.cancel();
  }
  if (!whole) throw new MaplewoodError('SOURCE_UNAVAILABLE');
}

/** All rows of a small answer. */
export async function rows(pool: CapturePool, text: string): Promise<readonly (readonly unknown[])[]> {
  try {
    return (await pool.request().batch(text)).recordset as unknown[][];
  } catch (error) {
    throw unavailable(error);
  }
}

/** The inside of a literal in single quotes. */
export const literal = (text: string): string => text.replaceAll("'", "''");

/** An error of the client as one of the catalogue. */
export function unavailable(error: unknown): MaplewoodError {
  const mapped = mapError(error);
  if (mapped.code === 'CONFIGURATION') return mapped;
  return new MaplewoodError('SOURCE_UNAVAILABLE', undefined, { cause: error });
}
