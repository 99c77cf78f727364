import type { Lake } from '../../lake/lake.js';
import type { BronzeBatch } from '../bronze.js';
import type { Contract } from '../contracts/contract.js';
import type { Engine } from '../engine.js';
import { name, parquet, quoted } from '../sql.js';
import { fateSql, fateTable } from './fate.js';
import { type CodeLists, type Flag, type Refusal, referenceTable, type Stage, stage } from './stage.js';
import { silverType } from './typed.js';
import { silverSql } from './write.js';

/** Rows of one delivered file, by what became of them. rows = silver + duplicates + quarantined. */
export interface FileBalance {
  readonly batch: number;
  readonly dataset: string;
  readonly name: string;
  readonly rows: number;
  readonly silver: number;
  readonly duplicates: number;
  readonly quarantined: number;
}

export interface FlagCount extends Flag {
  /** Over all rows received. */
  readonly rows: number;
  /** Over the rows kept. */
  readonly kept: number;
}

export interface SilverResult {
  readonly contract: Contract;
  readonly stage: Stage | undefined;
  readonly balances: readonly FileBalance[];
  readonly refusals: readonly (Refusal & { readonly rows: number })[];
  readonly flags: readonly FlagCount[];
  /** Surplus rows of keys, by kind. */
  readonly identical: number;
  readonly conflicting: number;
  readonly unchanged: number;
  readonly replaced: number;
  /** Rows received that could be read. */
  readonly staged: number;
  readonly current: number;
}

/** Rows that are mapped from deliveries of another kind, as one file that names the batch of each row. */
export interface MappedRows {
  /** Name in the lake. */
  readonly path: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** Names of the delivered files by batch. */
  readonly names: ReadonlyMap<number, string>;
}

/**
 * Makes the silver file of one dataset from all of its bronze batches, and the view `silver_<dataset>` of its
 * current rows. The table `stage_<dataset>` stays for rules over several rows; `quarantine` gains the refused.
 */
export async function loadSilver(
  engine: Engine,
  lake: Lake,
  contract: Contract,
  batches: readonly BronzeBatch[],
  codeLists: CodeLists,
  file: string,
  mapped?: MappedRows,
): Promise<SilverResult> {
  const { dataset } = contract;
  const loaded = batches.filter((batch) => batch.status === 'loaded' && batch.file !== undefined);
  for (const batch of batches) if (batch.rejectsFile) await refuseUnreadable(engine, lake, batch.rejectsFile);
  if (loaded.length === 0 && !mapped) {
    await emptySilver(engine, contract);
    await reference(engine, contract);
    return {
      contract,
      stage: undefined,
      balances: batches.map((batch) => unloaded(batch)),
      refusals: [],
      flags: [],
      identical: 0,
      conflicting: 0,
      unchanged: 0,
      replaced: 0,
      staged: 0,
      current: 0,
    };
  }
  const staged = stage(
    contract,
    [
      ...loaded.map((batch) => ({
        batch: batch.batch,
        path: lake.path(String(batch.file)),
        columns: batch.columns,
      })),
      ...(mapped ? [{ batch: undefined, path: lake.path(mapped.path), columns: mapped.columns }] : []),
    ],
    codeLists,
  );
  await engine.run(staged.create);
  await engine.run(fateSql(contract, staged.table));
  const path = lake.path(file);
  await engine.run(silverSql(contract, staged, path));
  await lake.seal(file);
  await engine.run(`create or replace view silver_${dataset} as select * from ${parquet([path])}`);
  await refuseStaged(engine, contract, staged);
  await reference(engine, contract);

  const balance = await engine.rows<{ batch: number; rows: number; refused: number }>(
    `select _batch as batch, cast(count(*) as double) as rows, cast(count(*) filter (_reject > 0) as double) as refused from ${staged.table} group by _batch`,
  );
  const fates = await engine.rows<{ batch: number; fate: string; rows: number }>(
    `select _batch as batch, fate, cast(count(*) as double) as rows from ${fateTable(dataset)} group by all`,
  );
  const fated = (batch: number | undefined, ...kinds: string[]): number =>
    fates
      .filter((fate) => (batch === undefined || fate.batch === batch) && kinds.includes(fate.fate))
      .reduce((sum, fate) => sum + fate.rows, 0);
  const current = await engine.rows<{ rows: number }>(
    `select cast(count(*) as double) as rows from silver_${dataset}`,
  );

  const balanceOf = (
    batch: Pick<BronzeBatch, 'batch' | 'name' | 'rows' | 'unreadable'>,
    found: (typeof balance)[number],
  ): FileBalance => {
    const duplicates = fated(batch.batch, 'identical', 'conflicting', 'unchanged');
    return {
      batch: batch.batch,
      dataset,
      name: batch.name,
      rows: batch.rows,
      silver: found.rows - found.refused - duplicates,
      duplicates,
      quarantined: found.refused + batch.unreadable,
    };
  };
  return {
    contract,
    stage: staged,
    balances: [
      ...batches.map((batch) => {
        const found = balance.find((row) => row.batch === batch.batch);
        return found ? balanceOf(batch, found) : unloaded(batch);
      }),
      ...balance.flatMap((found) => {
        const name = mapped?.names.get(found.batch);
        return name === undefined
          ? []
          : [balanceOf({ batch: found.batch, name, rows: found.rows, unreadable: 0 }, found)];
      }),
    ],
    refusals: await countRefusals(engine, staged),
    flags: await countFlags(engine, staged, dataset),
    identical: fated(undefined, 'identical'),
    conflicting: fated(undefined, 'conflicting'),
    unchanged: fated(undefined, 'unchanged'),
    replaced: fated(undefined, 'replaced'),
    staged: balance.reduce((sum, row) => sum + row.rows, 0),
    current: current[0]?.rows ?? 0,
  };
}

/** A file of which no row could be read: all of it is quarantined, or it had none. */
const unloaded = (batch: BronzeBatch): FileBalance => ({
  batch: batch.batch,
  dataset: batch.dataset,
  name: batch.name,
  rows: batch.rows,
  silver: 0,
  duplicates: 0,
  quarantined: batch.rows,
});

async function emptySilver(engine: Engine, contract: Contract): Promise<void> {
  const columns = Object.entries(contract.columns).map(
    ([columnName, column]) => `cast(null as ${silverType(column.type)}) as ${name(columnName)}`,
  );
  await engine.run(
    `create or replace view silver_${contract.dataset} as select ${columns.join(', ')}, cast(null as integer) as _batch, cast(null as bigint) as _row, cast(0 as bigint) as _flags where false`,
  );
}

/** Keys that other datasets refer to. */
async function reference(engine: Engine, contract: Contract): Promise<void> {
  const [key] = contract.key;
  if (!key || contract.key.length > 1) return;
  const birth = 'date_of_birth' in contract.columns ? ', date_of_birth' : '';
  if (!['patients', 'trusts', 'practices'].includes(contract.dataset)) return;
  await engine.run(
    `create or replace table ${referenceTable(contract.dataset)} as select ${name(key)} as key${birth} from silver_${contract.dataset}`,
  );
}

export const quarantineTable =
  'create or replace table quarantine (dataset varchar, batch integer, row bigint, column_name varchar, rule varchar, reason varchar, raw varchar)';

async function refuseStaged(engine: Engine, contract: Contract, staged: Stage): Promise<void> {
  const pick = (value: (refusal: Refusal) => string | null): string =>
    `case _reject ${staged.refusals.map((refusal, index) => `when ${index + 1} then ${literal(value(refusal))}`).join(' ')} end`;
  await engine.run(`insert into quarantine
select ${quoted(contract.dataset)}, _batch, _row, ${pick((refusal) => refusal.column)}, ${pick((refusal) => refusal.rule)}, ${pick((refusal) => refusal.reason)}, _reject_raw
from ${staged.table} where _reject > 0`);
}

const literal = (value: string | null): string => (value === null ? 'null' : quoted(value));

export async function refuseUnreadable(engine: Engine, lake: Lake, rejectsFile: string): Promise<void> {
  const dataset = rejectsFile.split('/')[1] ?? '';
  const batch = Number(/(\d{8})\.rejects/.exec(rejectsFile)?.[1] ?? 0);
  await engine.run(
    `insert into quarantine select ${quoted(dataset)}, ${batch}, _row, null, rule, reason, left(raw, 200) from ${parquet([lake.path(rejectsFile)])}`,
  );
}

async function countRefusals(engine: Engine, staged: Stage): Promise<(Refusal & { rows: number })[]> {
  const counts = await engine.rows<{ code: number; rows: number }>(
    `select cast(_reject as integer) as code, cast(count(*) as double) as rows from ${staged.table} where _reject > 0 group by 1`,
  );
  const byCode = new Map(counts.map(({ code, rows }) => [code, rows]));
  return staged.refusals.map((refusal, index) => ({ ...refusal, rows: byCode.get(index + 1) ?? 0 }));
}

async function countFlags(engine: Engine, staged: Stage, dataset: string): Promise<FlagCount[]> {
  if (staged.flags.length === 0) return [];
  const select = staged.flags
    .map((_flag, bit) => `cast(count(*) filter ((_flags & ${2 ** bit}) <> 0) as double) as f${bit}`)
    .join(', ');
  const [all] = await engine.rows<Record<string, number>>(`select ${select} from ${staged.table}`);
  const [kept] = await engine.rows<Record<string, number>>(`select ${select} from silver_${dataset}`);
  return staged.flags.map((flag, bit) => ({
    ...flag,
    rows: all?.[`f${bit}`] ?? 0,
    kept: kept?.[`f${bit}`] ?? 0,
  }));
}
