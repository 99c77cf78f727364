import type { Lake } from '../../lake/lake.js';
import type { Contract } from '../contracts/contract.js';
import type { Engine } from '../engine.js';
import { name, parquet } from '../sql.js';
import { currentRows } from './current.js';
import { silverType } from './typed.js';

/**
 * Silver is a log. Each run that has news of a dataset adds a generation: all rows ever received of the keys that the
 * news touch, judged anew. Rows of these keys in earlier generations no longer count. Files are never changed.
 */
export interface Generation {
  readonly generation: number;
  /** Names in the lake. `keys` is not there for a generation that holds all keys. */
  readonly rows: string;
  readonly fates: string;
  /** Rows counted by batch and outcome; those of the same keys in earlier generations are taken off: their sum counts all. */
  readonly kinds: string;
  /** Coded items by class, counted the same way; undefined where the dataset has none. */
  readonly items?: string;
  readonly keys?: string;
  /** Rows that only repeat the version before, counted by batch and warnings: later runs need no more of them. */
  readonly folded?: string;
  readonly count: number;
}

/** Names of the tables and views of one state of a log. */
export interface LogNames {
  /** All rows that count, with `_fate`. */
  readonly stage: string;
  /** Those of them that are news: no deletion, and no repetition of the version before. */
  readonly received: string;
  /** Current rows in silver form. */
  readonly silver: string;
}

export const logNames = (dataset: string, suffix = ''): LogNames => ({
  stage: `stage_${dataset}${suffix}`,
  received: `received_${dataset}${suffix}`,
  silver: `silver_${dataset}${suffix}`,
});

/**
 * Makes the views of a log. `stage`: columns of the contract as delivered, `_batch`, `_row`, `_loaded_at`, `_op`
 * (`D` deletes), `_reject` (0 stays, else the number of the refusal), `_reject_raw`, `_flags` (bit i: the i-th
 * warning), `_fate` (null: the current row of its key). `silver`: the current rows.
 */
export async function openLog(
  engine: Engine,
  lake: Lake,
  contract: Contract,
  generations: readonly Generation[],
  suffix = '',
): Promise<LogNames> {
  const names = logNames(contract.dataset, suffix);
  if (generations.length === 0) {
    return define(engine, contract, names, emptyStage(contract));
  }
  const paths = (pick: (generation: Generation) => string | undefined): string[] =>
    generations.flatMap((generation) => pick(generation) ?? []).map((file) => lake.path(file));
  const fate = `fate_${contract.dataset}${suffix}`;
  await engine.run(
    `create or replace table ${fate} as select * from ${parquet(paths(({ fates }) => fates))}`,
  );
  const later = paths(({ keys }) => keys);
  let rows = `select * from ${parquet(paths((generation) => generation.rows))}`;
  if (later.length > 0) {
    const gone = `gone_${contract.dataset}${suffix}`;
    const keys = contract.key.map(name);
    await engine.run(
      `create or replace table ${gone} as select ${keys.join(', ')}, max(_gen) as _gen from ${parquet(later)} group by all`,
    );
    const same = keys.map((key) => `l.${key} = g.${key}`).join(' and ');
    rows = `select l.* from (${rows}) l anti join ${gone} g on ${same} and l._gen < g._gen`;
  }
  return define(
    engine,
    contract,
    names,
    `select s.* exclude (_gen), f.fate as _fate from (${rows}) s left join ${fate} f on s._gen = f._gen and s._batch = f._batch and s._row = f._row`,
  );
}

async function define(engine: Engine, contract: Contract, names: LogNames, stage: string): Promise<LogNames> {
  await engine.run(`create or replace view ${names.stage} as ${stage}`);
  await engine.run(
    `create or replace view ${names.received} as select * from ${names.stage} where ${isNews}`,
  );
  await engine.run(`create or replace view ${names.silver} as ${currentRows(contract, names.stage)}`);
  return names;
}

/** All rows of one generation, with `_fate`. */
export const generationRows = (lake: Lake, generation: Pick<Generation, 'rows' | 'fates'>): string =>
  `select s.* exclude (_gen), f.fate as _fate from ${parquet([lake.path(generation.rows)])} s left join ${parquet([lake.path(generation.fates)])} f on s._batch = f._batch and s._row = f._row`;

/** What a row of the log is news of: no deletion, and no repetition of the version before. */
export const isNews = "_fate is distinct from 'unchanged' and _op is distinct from 'D'";

/**
 * Whether a row of `stage` only repeats the version before, so that later runs need no more of it. The first row of its key
 * in a file stays with the surplus rows of that file, which would be taken for the first one without it. Surplus rows are
 * few: the others are looked up among them, not counted by key.
 */
export function isFolded(contract: Contract, stage: string): string {
  const place = `row(${[...contract.key.map(name), '_batch'].join(', ')})`;
  return `(_fate is not distinct from 'unchanged' and ${place} not in (select ${place} from ${stage} where _fate in ('identical', 'conflicting')))`;
}

/** Rows counted by outcome: `_batch`, `_reject`, `_flags`, `_fate`, `n`. */
export const kindsOf = (stage: string): string =>
  `select _batch, _reject, _flags, _fate, count(*) as n from ${stage} group by all`;

/** The rows of a whole log counted by outcome. */
export function kindRows(lake: Lake, generations: readonly Generation[]): string {
  if (generations.length === 0)
    return 'select 0 as _batch, 0 as _reject, 0 as _flags, cast(null as varchar) as _fate, 0 as n where false';
  const files = parquet(generations.map(({ kinds }) => lake.path(kinds)));
  return `select * replace (cast(n as bigint) as n) from (select _batch, _reject, _flags, _fate, sum(n) as n from ${files} group by all) where n <> 0`;
}

/** The folded rows of a log: `_batch`, `_flags`, `rows`. */
export function foldedRows(lake: Lake, generations: readonly Generation[]): string {
  const files = generations.flatMap(({ folded }) => folded ?? []).map((file) => lake.path(file));
  return files.length === 0
    ? 'select cast(null as integer) as _batch, cast(0 as bigint) as _flags, cast(0 as bigint) as rows where false'
    : `select * from ${parquet(files)}`;
}

function emptyStage(contract: Contract): string {
  const columns = Object.entries(contract.columns).map(
    ([columnName, column]) => `cast(null as ${silverType(column.type)}) as ${name(columnName)}`,
  );
  return `select ${columns.join(', ')}, cast(null as integer) as _batch, cast(null as bigint) as _row,
  cast(null as timestamp) as _loaded_at, cast(null as varchar) as _op, cast(0 as smallint) as _reject,
  cast(null as varchar) as _reject_raw, cast(0 as bigint) as _flags, cast(null as varchar) as _fate where false`;
}
