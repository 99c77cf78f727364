import { MaplewoodError } from '../../errors.js';
import type { Lake } from '../../lake/lake.js';
import type { Engine } from '../engine.js';
import { hashFile } from '../hash-file.js';
import { name, quoted } from '../sql.js';
import { type Baseline, before, type Comparison, changed, counting, incoming } from './compare.js';
import type { SealedFile } from './manifest.js';
import { plainText, rowAsJson, type TableColumn } from './row-hash.js';
import type { StagedTable } from './source.js';

/** What a change file says beside the columns. */
export interface Stamp {
  readonly sequence: number;
  /** ISO 8601. */
  readonly capturedAt: string;
}

/**
 * Writes the change file: the columns of the source in its order (after the change, or before a deletion), `_op`,
 * `_before`, `_captured_at` and `_sequence`. A column whose type has changed since the last capture is text, so
 * that the values of both sides are exact.
 */
export async function writeChanges(
  engine: Engine,
  lake: Lake,
  file: string,
  staged: StagedTable,
  baseline: Baseline | undefined,
  counts: Comparison,
  stamp: Stamp,
): Promise<SealedFile> {
  const old = new Map(baseline?.columns.map((column) => [column.name.toLowerCase(), column]));
  const now = staged.columns.map((column) => imageOf('i', column, old.get(column.name.toLowerCase()), false));
  const parts = [
    `select ${now.join(', ')}, 'I' as _op, cast(null as varchar) as _before, i._row as _order
      from ${incoming} i join ${changed} c on i._row = c._now where c._op = 'I'`,
  ];
  if (baseline) {
    const then = staged.columns.map((column) =>
      imageOf('b', column, old.get(column.name.toLowerCase()), true),
    );
    const image = rowAsJson(baseline.columns, 'b.');
    parts.push(
      `select ${now.join(', ')}, 'U', ${image}, i._row
        from ${incoming} i join ${changed} c on i._row = c._now join ${before} b on b._row = c._then where c._op = 'U'`,
      // Deletions come last: their order is that of the state before.
      `select ${then.join(', ')}, 'D', ${image}, ${2n ** 62n} + b._row
        from ${before} b join ${changed} c on b._row = c._then where c._op = 'D'`,
    );
  }
  const list = staged.columns.map((column) => name(column.name)).join(', ');
  const sql = `select ${list}, cast(_op as varchar) as _op, _before,
    cast(${quoted(stamp.capturedAt)} as timestamp) as _captured_at, cast(${stamp.sequence} as bigint) as _sequence
    from (${parts.join(' union all ')}) order by _order`;
  return write(engine, lake, file, sql, counts.inserts + counts.updates + counts.deletes, true);
}

/** A value before or after the change under its name in the source; text where the two have different types. */
function imageOf(
  table: 'i' | 'b',
  column: TableColumn,
  old: TableColumn | undefined,
  isBefore: boolean,
): string {
  const as = `as ${name(column.name)}`;
  if (isBefore && !old) return `cast(null as ${column.type}) ${as}`;
  if (old && old.type !== column.type) return `${plainText(isBefore ? old : column, `${table}.`)} ${as}`;
  return `${table}.${name(column.name)} ${as}`;
}

/**
 * Writes the state after the capture: every row that counts, with its hash (which is not reckoned again) and a
 * number of its own. Rows that a capture of changes does not touch keep theirs.
 */
export async function writeBaseline(
  engine: Engine,
  lake: Lake,
  file: string,
  staged: StagedTable,
  counts: Comparison,
): Promise<SealedFile> {
  const list = (table: string): string =>
    staged.columns.map((column) => `${table}.${name(column.name)}`).join(', ');
  const read = (number: string): string => `select ${list('i')}, ${number} as _row, c._hash
    from ${incoming} i join ${counting} c on i._row = c._row where not c._gone`;
  if (staged.extent === 'complete') return write(engine, lake, file, read('i._row'), counts.present, false);
  const [highest] = await engine.rows<{ row: bigint | null }>(`select max(_row) as row from ${before}`);
  const sql = `select ${list('b')}, b._row, b._hash from ${before} b anti join ${counting} c on b._key = c._key
    union all ${read(`i._row + ${highest?.row ?? 0}`)}`;
  return write(engine, lake, file, sql, counts.present, false);
}

/** Writes a file of the lake and makes it durable. What a killed run left under the name is removed before. */
async function write(
  engine: Engine,
  lake: Lake,
  file: string,
  sql: string,
  expected: number,
  inOrder: boolean,
): Promise<SealedFile> {
  await lake.remove(file);
  const path = lake.path(file);
  const { rowsChanged } = await engine.connection.run(
    `copy (${sql}) to ${quoted(path)} (format parquet, compression zstd, compression_level 1${inOrder ? '' : ', preserve_order false'})`,
  );
  if (rowsChanged !== expected) {
    throw new MaplewoodError(
      'ETL_FAILED',
      `A capture wrote ${rowsChanged} rows where it had counted ${expected}; nothing was committed. Report this.`,
    );
  }
  await lake.seal(file);
  return { file, sha256: await hashFile(path), rows: expected };
}
