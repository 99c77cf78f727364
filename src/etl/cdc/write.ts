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
  return write(engine, lake, file, sql, counts.inserts + counts.updates + counts.deletes);
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

/** Writes the state after the capture: every row that counts, numbered, with its hash. */
export async function writeBaseline(
  engine: Engine,
  lake: Lake,
  file: string,
  staged: StagedTable,
  counts: Comparison,
): Promise<SealedFile> {
  const list = staged.columns.map((column) => name(column.name)).join(', ');
  const dropped = counts.duplicates + counts.nullKeys > 0;
  const rows =
    staged.extent === 'complete'
      ? `select ${list}, _hash from ${incoming}${dropped ? ` where _row in (select _row from ${counting})` : ''}`
      : `select ${list}, _hash from ${before} where _key not in (select _key from ${counting})
          union all select ${list}, _hash from ${incoming} where _row in (select _row from ${counting} where not _gone)`;
  return write(
    engine,
    lake,
    file,
    `select ${list}, row_number() over () as _row, _hash from (${rows})`,
    counts.present,
  );
}

/** Writes a file of the lake and makes it durable. What a killed run left under the name is removed before. */
async function write(
  engine: Engine,
  lake: Lake,
  file: string,
  sql: string,
  expected: number,
): Promise<SealedFile> {
  await lake.remove(file);
  const path = lake.path(file);
  const { rowsChanged } = await engine.connection.run(
    `copy (${sql}) to ${quoted(path)} (format parquet, compression zstd, compression_level 1)`,
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
