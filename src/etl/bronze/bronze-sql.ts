import { name, quoted } from '../sql.js';

/** What bronze writes beside each row. */
export interface Origin {
  readonly batch: number;
  readonly file: string;
  readonly sha256: string;
  /** ISO 8601. */
  readonly loadedAt: string;
}

/** A literal for exactly this file: DuckDB reads `*`, `?` and `[` in a path as a pattern. */
export const onePath = (path: string): string => quoted(path.replaceAll(/[*?[]/g, '[$&]'));

/**
 * Writes the bronze file: the columns as they come, then those that say where the row is from.
 *
 * `_row_hash` is the lower half of the MD5 of the row as a JSON array of texts: JSON delimits values and tells
 * null from `''`, and is the same in every version of DuckDB, which its own `hash()` need not be. 64 bits are
 * enough to compare two versions of one key.
 *
 * `inOrder`: the source is read by one thread from start to end, so that the rows come in order anyway. Asking
 * DuckDB to keep the order of such a source makes it hold the whole file back as one piece, at three times the CPU.
 */
export function writeBronze(
  columns: readonly string[],
  row: string,
  from: string,
  origin: Origin,
  path: string,
  inOrder: boolean,
): string {
  const texts = columns.map((column) => `cast(${name(column)} as varchar)`).join(', ');
  return `copy (
  select ${columns.map(name).join(', ')},
    cast(${origin.batch} as integer) as _batch, ${quoted(origin.file)} as _file, ${quoted(origin.sha256)} as _sha256,
    cast(${row} as bigint) as _row, md5_number_lower(json_array(${texts})) as _row_hash,
    cast(${quoted(origin.loadedAt)} as timestamp) as _loaded_at
  from ${from}
) to ${quoted(path)} (format parquet, compression zstd, compression_level 1${inOrder ? ', preserve_order false' : ''})`;
}
