import type { Lake } from '../../lake/lake.js';
import type { Contract } from '../contracts/contract.js';
import type { Engine } from '../engine.js';
import { name, parquet, quoted } from '../sql.js';
import { currentRows } from './current.js';
import { fateSql } from './fate.js';
import { itemsGone, itemsTogether, vodimSql } from './items.js';
import {
  foldedRows,
  type Generation,
  generationRows,
  isFolded,
  isNews,
  kindRows,
  kindsOf,
  logNames,
  openLog,
} from './log.js';
import { referenceTable, type StageRules } from './rules.js';
import { freshRows, judged, rowsAgain, rowsOf, type StagedFile } from './stage.js';

/** What a run has for one dataset. */
export interface Advance {
  readonly contract: Contract;
  readonly rules: StageRules;
  /** The log as the last release knows it; empty where all rows are read. */
  readonly before: readonly Generation[];
  /** Files of delivered rows that the log does not hold yet. */
  readonly files: readonly StagedFile[];
  /** Batches whose rows in the log are replaced by those of `files` (derived from a source that was read again). */
  readonly derivedAgain: readonly number[];
  /** The log is made from nothing, and nobody asks what moved. */
  readonly fromNothing: boolean;
  /** Folder of the new files in the lake. */
  readonly folder: string;
}

/** Datasets whose rows others refer to. Their keys, and of patients the birth dates, are kept in small tables. */
const referred: readonly string[] = ['patients', 'trusts', 'practices'];

/** A log with more generations than this, or with this share of rows that may no longer count, is written anew. */
const mostGenerations = 12;
const mostOverlaid = 0.5;

/** Keys whose current row may have moved in this run: came, went, or is to be derived anew. */
export const movedTable = (dataset: string): string => `moved_${dataset}`;
/** View of the current rows of the keys that this run judged: those of a moved key are all in it. */
export const newsView = (dataset: string): string => `news_${dataset}`;
/** Keys that others refer to and that came, went or changed their birth date in this run. */
const changedTable = (dataset: string): string => `changed_${dataset}`;

/**
 * Brings the log of a dataset up to date, and opens it: the views `stage_<dataset>`, `silver_<dataset>`, the table
 * `ref_<dataset>` of keys that others refer to, and, unless the log is made from nothing, `moved_<dataset>`.
 * Datasets come in load order: what others refer to first. The outcome of a key depends on its own rows and on what they
 * refer to, so it is the same whether it is judged with all others or alone.
 */
export async function advanceLog(engine: Engine, lake: Lake, advance: Advance): Promise<Generation[]> {
  const { contract, rules, before, files, fromNothing } = advance;
  const { dataset } = contract;
  const keys = contract.key.map(name).join(', ');
  if (fromNothing || before.length === 0) {
    const generations =
      files.length === 0
        ? []
        : [await write(engine, lake, advance, freshRows(contract, rules, files), 1, undefined)];
    await openLog(engine, lake, contract, generations);
    await keepReferred(engine, contract);
    if (!fromNothing) {
      await openLog(engine, lake, contract, [], '_before');
      const current = `select ${keys} from silver_${dataset}`;
      await engine.run(`create or replace view ${newsView(dataset)} as select * from silver_${dataset}`);
      await engine.run(`create or replace table ${movedTable(dataset)} as ${current}`);
      if (referred.includes(dataset)) {
        await engine.run(
          `create or replace table ${changedTable(dataset)} as select key from ${referenceTable(dataset)}`,
        );
      }
    }
    return generations;
  }

  const old = await openLog(engine, lake, contract, before, '_before');
  await engine.run(
    `create or replace table fresh as ${files.length > 0 ? freshRows(contract, rules, files) : `${rowsAgain(contract, rules, old.stage)} where false`}`,
  );
  const reached = [
    ...contract.references.map(
      (reference) =>
        `select ${keys} from ${old.stage} where ${name(reference.column)} in (select key from ${changedTable(reference.dataset)})`,
    ),
    ...(advance.derivedAgain.length > 0
      ? [`select ${keys} from ${old.stage} where _batch in (${advance.derivedAgain.join(', ')})`]
      : []),
  ];
  await engine.run(
    `create or replace table reached as ${reached.join(' union ') || `select ${keys} from ${old.stage} where false`}`,
  );
  const noKey = contract.key.map((key) => `${name(key)} is null`).join(' or ');
  await engine.run(
    `create or replace table touched as select ${keys} from fresh where not (${noKey}) union select ${keys} from reached where not (${noKey})`,
  );
  const [found] = await engine.rows<{ fresh: number; touched: number }>(
    'select cast((select count(*) from fresh) as double) as fresh, cast((select count(*) from touched) as double) as touched',
  );
  let generations = [...before];
  let moved = `select ${keys} from touched`;
  let news = `select * from ${old.silver} where false`;
  if ((found?.fresh ?? 0) > 0 || (found?.touched ?? 0) > 0) {
    const derived = advance.derivedAgain.length > 0;
    const kept = derived ? `_batch not in (${advance.derivedAgain.join(', ')})` : 'true';
    await engine.run(
      `create or replace table again as select *, ${isFolded(contract, old.stage)} as _folded from ${old.stage} semi join touched using (${keys})`,
    );
    const next = Math.max(...before.map(({ generation }) => generation)) + 1;
    const rows = `${rowsOf(contract, 'fresh')} union all ${rowsAgain(contract, rules, 'again')} where not _folded and ${kept}`;
    const added: Generation = {
      ...(await write(engine, lake, advance, rows, next, 'again')),
      keys: await copy(
        engine,
        lake,
        `${advance.folder}/${dataset}.keys.parquet`,
        `select *, cast(${next} as integer) as _gen from touched`,
      ),
      folded: await copy(
        engine,
        lake,
        `${advance.folder}/${dataset}.folded.parquet`,
        `select _batch, _flags, count(*) as rows from again where _folded and ${kept} group by all`,
      ),
    };
    generations.push(added);
    // A derived row may change while the row that it is derived from stays.
    const identity = derived ? '* exclude (_loaded_at)' : `${keys}, _batch, _row, _flags`;
    const was = `select ${identity} from (${currentRows(contract, 'again')})`;
    news = currentRows(contract, `(${generationRows(lake, added)})`);
    const is = `select ${identity} from (${news})`;
    moved = `select distinct ${keys} from (((${was}) except (${is})) union all ((${is}) except (${was}))) union select ${keys} from reached`;
  }
  await engine.run(`create or replace table ${movedTable(dataset)} as ${moved}`);
  await engine.run(`create or replace view ${newsView(dataset)} as ${news}`);
  await openLog(engine, lake, contract, generations);
  if (referred.includes(dataset)) {
    const known = 'date_of_birth' in contract.columns ? 'key, date_of_birth' : 'key';
    await engine.run(`create or replace table known_before as ${referenceRows(contract, old.silver)}`);
    await keepReferred(engine, contract);
    await engine.run(
      `create or replace table ${changedTable(dataset)} as select distinct key from (
  (select ${known} from known_before except select ${known} from ${referenceTable(dataset)})
  union all (select ${known} from ${referenceTable(dataset)} except select ${known} from known_before))`,
    );
    await engine.run('drop table known_before');
  }
  const overlaid = generations.slice(1).reduce((sum, { count }) => sum + count, 0);
  if (generations.length > mostGenerations || overlaid > mostOverlaid * (generations[0]?.count ?? 0))
    generations = await rewrite(engine, lake, advance, generations);
  for (const table of ['fresh', 'reached', 'touched', 'again'])
    await engine.run(`drop table if exists ${table}`);
  return generations;
}

/**
 * Writes rows as a generation: the rows judged, the fates of those that are not current, and both counted. `instead`:
 * relation of the rows of the log that no longer count for them.
 */
async function write(
  engine: Engine,
  lake: Lake,
  { contract, rules, folder }: Advance,
  rows: string,
  number: number,
  instead: string | undefined,
): Promise<Generation> {
  const stem = `${folder}/${contract.dataset}`;
  const file = `${stem}.parquet`;
  const count = await copyRows(engine, lake, file, judged(rules, rows, number));
  const stage = parquet([lake.path(file)]);
  const fates = await copy(
    engine,
    lake,
    `${stem}.fates.parquet`,
    `select _batch, _row, fate, cast(${number} as integer) as _gen from (${fateSql(contract, rules, stage)})`,
  );
  const generation = { generation: number, rows: file, fates, count };
  const own = `(${generationRows(lake, generation)})`;
  const kinds = await copy(
    engine,
    lake,
    `${stem}.kinds.parquet`,
    instead === undefined
      ? kindsOf(own)
      : `${kindsOf(own)} union all select * replace (0 - n as n) from (${kindsOf(instead)})`,
  );
  const itemsOf = (relation: string): string | undefined =>
    vodimSql(contract, rules.flags, `(from ${relation} where ${isNews})`);
  const items = itemsOf(own);
  if (items === undefined) return { ...generation, kinds };
  const gone = instead === undefined ? undefined : itemsOf(instead);
  const counted = gone === undefined ? items : `from (${items}) union all ${itemsGone(gone)}`;
  return { ...generation, kinds, items: await copy(engine, lake, `${stem}.items.parquet`, counted) };
}

/** One generation in place of many, with the same content. */
async function rewrite(
  engine: Engine,
  lake: Lake,
  { contract, folder }: Advance,
  generations: readonly Generation[],
): Promise<Generation[]> {
  const { stage } = logNames(contract.dataset);
  const all = `(select *, ${isFolded(contract, stage)} as _folded from ${stage})`;
  const kept = `(select * exclude (_folded) from ${all} where not _folded)`;
  const generation = Math.max(...generations.map((each) => each.generation)) + 1;
  const stem = `${folder}/${contract.dataset}.whole`;
  const marked = `cast(${generation} as integer) as _gen`;
  const items = generations.flatMap((each) => (each.items === undefined ? [] : [lake.path(each.items)]));
  const whole: Generation = {
    generation,
    kinds: await copy(
      engine,
      lake,
      `${stem}.kinds.parquet`,
      `from (${kindRows(lake, generations)}) where _fate is distinct from 'unchanged'
  union all ${kindsOf(`(from ${kept} where _fate = 'unchanged')`)}`,
    ),
    ...(items.length === 0
      ? {}
      : { items: await copy(engine, lake, `${stem}.items.parquet`, itemsTogether(parquet(items))) }),
    rows: `${stem}.parquet`,
    count: await copyRows(
      engine,
      lake,
      `${stem}.parquet`,
      `select * exclude (_fate), ${marked} from ${kept}`,
    ),
    fates: await copy(
      engine,
      lake,
      `${stem}.fates.parquet`,
      `select _batch, _row, _fate as fate, ${marked} from ${kept} where _fate is not null`,
    ),
    folded: await copy(
      engine,
      lake,
      `${stem}.folded.parquet`,
      `select _batch, _flags, cast(sum(rows) as bigint) as rows from (${foldedRows(lake, generations)}
  union all select _batch, _flags, count(*) as rows from ${all} where _folded group by all) group by all`,
    ),
  };
  await openLog(engine, lake, contract, [whole]);
  return [whole];
}

const copy = async (engine: Engine, lake: Lake, file: string, select: string): Promise<string> => {
  await copyRows(engine, lake, file, select);
  return file;
};

/** Writes a durable Parquet file into the lake; the number of its rows. */
async function copyRows(engine: Engine, lake: Lake, file: string, select: string): Promise<number> {
  const { rowsChanged } = await engine.connection.run(
    `copy (${select}) to ${quoted(lake.path(file))} (format parquet, compression zstd, compression_level 1)`,
  );
  await lake.seal(file);
  return rowsChanged;
}

async function keepReferred(engine: Engine, contract: Contract): Promise<void> {
  if (!referred.includes(contract.dataset)) return;
  await engine.run(
    `create or replace table ${referenceTable(contract.dataset)} as ${referenceRows(contract, logNames(contract.dataset).silver)}`,
  );
}

function referenceRows(contract: Contract, silver: string): string {
  const birth = 'date_of_birth' in contract.columns ? ', date_of_birth' : '';
  return `select ${name(contract.key[0] ?? '')} as key${birth} from ${silver}`;
}
