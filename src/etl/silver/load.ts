import type { Lake } from '../../lake/lake.js';
import type { BronzeBatch } from '../bronze.js';
import type { Contract } from '../contracts/contract.js';
import type { Engine } from '../engine.js';
import { parquet, quoted } from '../sql.js';
import { foldedRows, type Generation, kindRows, logNames } from './log.js';
import type { Flag, Refusal, StageRules } from './rules.js';

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

/** What the log of a dataset says of all rows ever received. */
export interface SilverResult {
  readonly contract: Contract;
  readonly rules: StageRules;
  readonly balances: readonly FileBalance[];
  readonly refusals: readonly (Refusal & { readonly rows: number })[];
  readonly flags: readonly FlagCount[];
  /** Surplus rows of keys, by kind. */
  readonly identical: number;
  readonly conflicting: number;
  readonly unchanged: number;
  readonly replaced: number;
  readonly deleted: number;
  /** Rows received that could be read. */
  readonly staged: number;
  readonly current: number;
  /** Files with the counts of its coded items, to be summed. */
  readonly items: readonly string[];
}

type Counts = Readonly<Record<string, number>> & { readonly batch: number };

/**
 * Counts the outcome of every row of a dataset, and puts the refused ones into the table `quarantine`. `names`: files by
 * batch, for rows that come from deliveries of another kind.
 */
export async function accountFor(
  engine: Engine,
  lake: Lake,
  contract: Contract,
  rules: StageRules,
  batches: readonly BronzeBatch[],
  generations: readonly Generation[],
  names: ReadonlyMap<number, string>,
): Promise<SilverResult> {
  const { dataset } = contract;
  const { stage } = logNames(dataset);
  for (const batch of batches) {
    if (batch.rejectsFile) await refuseUnreadable(engine, lake, batch);
    if (batch.status === 'quarantined') {
      await engine.run('insert into quarantine values ($dataset, $batch, null, null, $rule, $reason, null)', {
        dataset,
        batch: batch.batch,
        rule: batch.rule ?? 'FILE_UNREADABLE',
        reason: batch.reason ?? 'the file could not be read',
      });
    }
  }
  await refuseStaged(engine, contract, rules, stage);

  const counted = await engine.rows<Counts>(countSql(rules, kindRows(lake, generations)));
  const folded = await engine.rows<Counts>(foldedSql(rules, foldedRows(lake, generations)));
  const byBatch = new Map(counted.map((row) => [row.batch, row]));
  const foldedBy = new Map(folded.map((row) => [row.batch, row]));
  const sum = (column: string): number =>
    counted.reduce((total, row) => total + (row[column] ?? 0), 0) +
    folded.reduce((total, row) => total + (row[column] ?? 0), 0);

  const balanceOf = (
    batch: Pick<BronzeBatch, 'batch' | 'name' | 'rows' | 'unreadable' | 'status'>,
  ): FileBalance => {
    const rows = byBatch.get(batch.batch);
    const repeated = foldedBy.get(batch.batch)?.['rows'] ?? 0;
    const duplicates =
      (rows?.['identical'] ?? 0) + (rows?.['conflicting'] ?? 0) + (rows?.['unchanged'] ?? 0) + repeated;
    const refused = rows?.['refused'] ?? 0;
    const readable = (rows?.['rows'] ?? 0) + repeated;
    return {
      batch: batch.batch,
      dataset,
      name: batch.name,
      rows: batch.rows,
      silver: readable - refused - duplicates,
      duplicates,
      // Of a file that was not read, all rows are in quarantine.
      quarantined: refused + (batch.status === 'loaded' ? batch.unreadable : batch.rows),
    };
  };
  const own = new Set(batches.map(({ batch }) => batch));
  const derived = counted.filter(({ batch }) => !own.has(batch));
  return {
    contract,
    rules,
    balances: [
      ...batches.map(balanceOf),
      ...derived.map(({ batch, rows = 0 }) =>
        balanceOf({ batch, name: names.get(batch) ?? '', rows, unreadable: 0, status: 'loaded' }),
      ),
    ],
    refusals: rules.refusals.map((refusal, index) => ({ ...refusal, rows: sum(`r${index + 1}`) })),
    flags: rules.flags.map((flag, bit) => ({ ...flag, rows: sum(`f${bit}`), kept: sum(`k${bit}`) })),
    identical: sum('identical'),
    conflicting: sum('conflicting'),
    unchanged: sum('unchanged') + folded.reduce((total, row) => total + (row['rows'] ?? 0), 0),
    replaced: sum('replaced'),
    deleted: sum('deleted'),
    staged: sum('rows'),
    current: sum('current'),
    items: generations.flatMap(({ items }) => (items === undefined ? [] : [lake.path(items)])),
  };
}

/** Rows in quarantine: a repetition of a row that is there already is a duplicate. */
const refused = "_reject > 0 and (_fate is null or _fate not in ('identical', 'conflicting', 'unchanged'))";

/** Everything that is counted, by batch, from the rows counted by outcome. */
function countSql(rules: StageRules, kinds: string): string {
  // What a row refers to may change after the row was folded, so of repetitions such warnings are never counted.
  const linked = new Set(rules.linked.flags.map(({ bit }) => bit));
  const count = (label: string, where = 'true'): string =>
    `cast(coalesce(sum(n) filter (${where}), 0) as double) as ${label}`;
  const columns = [
    count('rows'),
    count('refused', refused),
    count('current', '_reject = 0 and _fate is null'),
    ...['identical', 'conflicting', 'unchanged', 'replaced', 'deleted'].map((fate) =>
      count(fate, `_fate = '${fate}'`),
    ),
    ...rules.refusals.map((_refusal, index) =>
      count(`r${index + 1}`, `_reject = ${index + 1} and ${refused}`),
    ),
    ...rules.flags.flatMap((_flag, bit) => [
      count(
        `f${bit}`,
        `(_flags & ${2 ** bit}) <> 0${linked.has(bit) ? " and _fate is distinct from 'unchanged'" : ''}`,
      ),
      count(`k${bit}`, `(_flags & ${2 ** bit}) <> 0 and _reject = 0 and _fate is null`),
    ]),
  ];
  return `select _batch as batch, ${columns.join(', ')}
from (${kinds}) group by _batch`;
}

function foldedSql(rules: StageRules, folded: string): string {
  const flags = rules.own.flags.map(
    ({ bit }) => `cast(coalesce(sum(rows) filter ((_flags & ${2 ** bit}) <> 0), 0) as double) as f${bit}`,
  );
  return `select _batch as batch, ${['cast(sum(rows) as double) as rows', ...flags].join(', ')} from (${folded}) group by _batch`;
}

export const quarantineTable =
  'create or replace table quarantine (dataset varchar, batch integer, row bigint, column_name varchar, rule varchar, reason varchar, raw varchar)';

async function refuseStaged(
  engine: Engine,
  contract: Contract,
  rules: StageRules,
  stage: string,
): Promise<void> {
  const pick = (value: (refusal: Refusal) => string | null): string =>
    `case _reject ${rules.refusals.map((refusal, index) => `when ${index + 1} then ${literal(value(refusal))}`).join(' ')} end`;
  await engine.run(`insert into quarantine
select ${quoted(contract.dataset)}, _batch, _row, ${pick((refusal) => refusal.column)}, ${pick((refusal) => refusal.rule)}, ${pick((refusal) => refusal.reason)}, _reject_raw
from ${stage} where ${refused}`);
}

const literal = (value: string | null): string => (value === null ? 'null' : quoted(value));

export async function refuseUnreadable(engine: Engine, lake: Lake, batch: BronzeBatch): Promise<void> {
  await engine.run(
    `insert into quarantine select ${quoted(batch.dataset)}, ${batch.batch}, _row, null, rule, reason, left(raw, 200) from ${parquet([lake.path(String(batch.rejectsFile))])}`,
  );
}
