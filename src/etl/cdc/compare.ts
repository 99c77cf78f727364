import type { Engine } from '../engine.js';
import { name, parquet } from '../sql.js';
import { keySql, type TableColumn } from './row-hash.js';
import { refused, type StagedTable } from './source.js';

/** The state of the last capture, as a file. */
export interface Baseline {
  readonly path: string;
  readonly rows: number;
  readonly columns: readonly TableColumn[];
}

/** How a table differs from its last capture, in rows. */
export interface Comparison {
  /** Rows read. */
  readonly rows: number;
  readonly inserts: number;
  readonly updates: number;
  readonly deletes: number;
  readonly unchanged: number;
  /** Rows whose key came before in the same snapshot: the first row counts (domain.md 1.3). */
  readonly duplicates: number;
  /** Rows without a key: they cannot be followed. */
  readonly nullKeys: number;
  /** Rows of the table after the capture. */
  readonly present: number;
}

/** SQL relation with the columns of the table, `_row`, `_hash`, `_gone` and `_key`: what was read. */
export const incoming = 'incoming';
/** Key, hash and row number of the rows of `incoming` that count. */
export const counting = 'counting';
/** SQL relation with `_row`, `_hash` and `_key` beside the columns: the state before. */
export const before = 'before';
/** What changed: `_op`, and the row numbers `_now` in `incoming` and `_then` in `before`. */
export const changed = 'changed';

/**
 * Compares by hash join on the key; leaves the four relations above in the engine. They hold keys and numbers, not
 * rows, and spill to the disk.
 */
export async function compare(
  engine: Engine,
  dataset: string,
  staged: StagedTable,
  key: readonly string[],
  baseline: Baseline | undefined,
): Promise<Comparison> {
  const list = staged.columns.map((column) => name(column.name)).join(', ');
  const keyOf = (columns: readonly TableColumn[]): string => keySql(keyColumns(dataset, key, columns));
  await engine.run(
    `create or replace temp view ${incoming} as
      select ${list}, _row, _hash, _gone, ${keyOf(staged.columns)} as _key from ${staged.relation}`,
  );
  await engine.run(
    `create or replace temp table ${counting} as select _key, _hash, _row, _gone from ${incoming}`,
  );
  const [read] = await engine.rows<{ rows: bigint; null_keys: bigint }>(
    `select count(*) as rows, count(*) filter (_key is null) as null_keys from ${counting}`,
  );
  const rows = Number(read?.rows ?? 0);
  const nullKeys = Number(read?.null_keys ?? 0);
  const repeated = await dropRepeated(engine, staged.extent === 'complete' ? 'min' : 'max', nullKeys);
  await engine.run(
    baseline
      ? `create or replace temp view ${before} as
          select *, ${keyOf(baseline.columns)} as _key from ${parquet([baseline.path])}`
      : `create or replace temp view ${before} as
          select cast(null as bigint) as _row, cast(null as blob) as _hash, cast(null as varchar) as _key where false`,
  );
  await engine.run(
    `create or replace temp table ${changed} as ${staged.extent === 'complete' ? ofCompleteTable : ofChangedKeys}`,
  );
  const [found] = await engine.rows<{ inserts: bigint; updates: bigint; deletes: bigint }>(
    `select count(*) filter (_op = 'I') as inserts, count(*) filter (_op = 'U') as updates,
      count(*) filter (_op = 'D') as deletes from ${changed}`,
  );
  const [inserts, updates, deletes] = [found?.inserts, found?.updates, found?.deletes].map(Number) as [
    number,
    number,
    number,
  ];
  const present = (baseline?.rows ?? 0) + inserts - deletes;
  return {
    rows,
    inserts,
    updates,
    deletes,
    unchanged: present - inserts - updates,
    duplicates: staged.extent === 'complete' ? repeated : 0,
    nullKeys,
    present,
  };
}

/** Error: `CAPTURE_REFUSED` if the table lacks a column of the key. */
function keyColumns(
  dataset: string,
  key: readonly string[],
  columns: readonly TableColumn[],
): readonly TableColumn[] {
  return key.map((part) => {
    const found = columns.find((column) => column.name.toLowerCase() === part.toLowerCase());
    if (!found) throw refused(dataset, `its key names ${part}, which is no column of it`);
    return found;
  });
}

/** Leaves one row a key, the first or the last, and none without a key; the number of repeated ones. */
async function dropRepeated(engine: Engine, keep: 'min' | 'max', nullKeys: number): Promise<number> {
  await engine.run(
    `create or replace temp table repeated as
      select c._row from ${counting} c join (
        select _key, ${keep}(_row) as kept from ${counting} where _key is not null group by _key having count(*) > 1
      ) k on c._key = k._key where c._row <> k.kept`,
  );
  const [counted] = await engine.rows<{ n: bigint }>('select count(*) as n from repeated');
  const repeated = Number(counted?.n ?? 0);
  if (repeated + nullKeys > 0) {
    await engine.run(`delete from ${counting} where _key is null or _row in (select _row from repeated)`);
  }
  await engine.run('drop table repeated');
  return repeated;
}

const ofCompleteTable = `
  select case when b._row is null then 'I' when c._row is null then 'D' else 'U' end as _op,
    c._row as _now, b._row as _then
  from ${counting} c full join (select _key, _hash, _row from ${before}) b on c._key = b._key
  where b._row is null or c._row is null or c._hash <> b._hash`;

const ofChangedKeys = `
  select case when c._gone then 'D' when b._row is null then 'I' else 'U' end as _op,
    case when c._gone then null else c._row end as _now, b._row as _then
  from ${counting} c left join (select _key, _hash, _row from ${before}) b on c._key = b._key
  where case when c._gone then b._row is not null else b._row is null or c._hash <> b._hash end`;
