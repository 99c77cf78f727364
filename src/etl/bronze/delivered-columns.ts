import type { DuckDBConnection } from '@duckdb/node-api';
import type { LandingFormat } from '../landing.js';
import type { FileRefusal } from './columns.js';
import { isRefusal } from './columns.js';
import { readHeader } from './csv-header.js';
import { GzipDamaged } from './file-bytes.js';
import { readParquetColumns } from './parquet.js';

/** A column as it stands in a delivered file. */
export interface DeliveredColumn {
  readonly name: string;
  /** DuckDB type; null in CSV, where all is text. */
  readonly type: string | null;
  /** Name under which DuckDB reads it from Parquet, where equal names are told apart. */
  readonly readable: string;
}

/** Columns of a file by its header or Parquet footer alone, or why they cannot be read. */
export async function deliveredColumns(
  path: string,
  format: LandingFormat,
  connection: DuckDBConnection,
): Promise<readonly DeliveredColumn[] | FileRefusal> {
  if (format === 'parquet') {
    const columns = await readParquetColumns(path, connection);
    return isRefusal(columns)
      ? columns
      : columns.map(({ delivered, type, readable }) => ({ name: delivered, type, readable }));
  }
  try {
    const header = await readHeader(path, format === 'csv.gz');
    return isRefusal(header) ? header : header.map((name) => ({ name, type: null, readable: name }));
  } catch (error) {
    if (error instanceof GzipDamaged) return { rule: 'FILE_UNREADABLE', reason: error.message };
    throw error;
  }
}
