import { type DuckDBAppender, DuckDBDateValue, DuckDBTimestampValue } from '@duckdb/node-api';
import type { ColumnType, TableDeclaration } from '../warehouse/table.js';
import type { Engine } from './engine.js';

/**
 * Appends rows made in the program to a table of the catalogue `gold`, or of `temp`: hundreds of values as one literal
 * would take longer to parse than to write. Properties of a row are the columns of the table; an absent one is null.
 */
export async function appendRows(
  { connection }: Engine,
  declared: TableDeclaration,
  rows: Iterable<object>,
  catalogue: 'gold' | 'temp' = 'gold',
): Promise<void> {
  const appender = await connection.createAppender(declared.name, 'main', catalogue);
  const columns = Object.entries(declared.columns);
  try {
    for (const row of rows) {
      for (const [name, { type }] of columns) {
        const value = (row as Record<string, unknown>)[name];
        if (value === null || value === undefined) appender.appendNull();
        else appendValue(appender, type, value);
      }
      appender.endRow();
    }
  } finally {
    appender.closeSync();
  }
}

function appendValue(appender: DuckDBAppender, type: ColumnType, value: unknown): void {
  switch (type.kind) {
    case 'boolean':
      appender.appendBoolean(Boolean(value));
      break;
    case 'int32':
      appender.appendInteger(Number(value));
      break;
    case 'int64':
      appender.appendBigInt(BigInt(value as number));
      break;
    case 'double':
      appender.appendDouble(Number(value));
      break;
    case 'text':
      appender.appendVarchar(String(value));
      break;
    case 'date':
      appender.appendDate(new DuckDBDateValue(Date.parse(String(value)) / 86_400_000));
      break;
    case 'instant':
      appender.appendTimestamp(new DuckDBTimestampValue(BigInt(Date.parse(String(value))) * 1000n));
      break;
    case 'key128':
      appender.appendBlob(value as Uint8Array);
      break;
    default:
      throw new Error(`rows with a column of the kind ${type.kind} are not appended`);
  }
}
