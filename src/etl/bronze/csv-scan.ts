import { quoted } from '../sql.js';
import { onePath } from './bronze-sql.js';
import { longestRow } from './csv-stream.js';

/**
 * A CSV file as a DuckDB relation, every column text. Nothing is sniffed. One scanner reads the file from start to
 * end: several must guess where rows begin, and the numbering of the rows lets one thread only through anyway.
 *
 * DuckDB's parser is fast, not exact: it drops what follows a quote that is never closed, blanks around quotes and
 * a comma at the end of a line, and does not check a gzip stream. So what it gives counts only if `inspect` has
 * found the file well formed and the numbers of rows agree.
 */
export function csvScan(path: string, columns: readonly string[], gzip: boolean): string {
  const types = columns.map((column) => `${quoted(column)}: 'VARCHAR'`).join(', ');
  return `read_csv(${onePath(path)}, auto_detect = false, header = true, delim = ',', quote = '"', escape = '"',
    comment = '', columns = {${types}}, strict_mode = true, null_padding = false, nullstr = '', allow_quoted_nulls = false,
    ignore_errors = false, parallel = false, hive_partitioning = false, encoding = 'utf-8',
    max_line_size = ${longestRow + 4096}, compression = '${gzip ? 'gzip' : 'none'}')`;
}
