import type { Lake } from '../../lake/lake.js';
import type { BronzeBatch } from '../bronze.js';
import type { Contract } from '../contracts/contract.js';
import type { Engine } from '../engine.js';
import { parquet, quoted } from '../sql.js';
import { foldedRows, type Generation, kindRows, logNames } from './log.js';
import type { Flag, Refusal, StageRules } from './rules.js';
import { type Folded, type Kind, refusedSql, tally } from './tally.js';

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

  const kinds = await engine.rows<Kind>(
    `select _batch as batch, cast(_reject as double) as reject, cast(_flags as double) as flags, _fate as fate, cast(n as double) as n from (${kindRows(lake, generations)})`,
  );
  const folded = await engine.rows<Folded>(
    `select _batch as batch, cast(_flags as double) as flags, cast(rows as double) as n from (${foldedRows(lake, generations)})`,
  );
  const { byBatch, fates, staged, current, refused, flagged } = tally(rules, kinds, folded);
  const balanceOf = (
    batch: Pick<BronzeBatch, 'batch' | 'name' | 'rows' | 'unreadable' | 'status'>,
  ): FileBalance => {
    const found = byBatch.get(batch.batch) ?? { rows: 0, refused: 0, duplicates: 0 };
    return {
      batch: batch.batch,
      dataset,
      name: batch.name,
      rows: batch.rows,
      silver: found.rows - found.refused - found.duplicates,
      duplicates: found.duplicates,
      // Of a file that was not read, all rows are in quarantine.
      quarantined: found.refused + (batch.status === 'loaded' ? batch.unreadable : batch.rows),
    };
  };
  const own = new Set(batches.map(({ batch }) => batch));
  return {
    contract,
    rules,
    balances: [
      ...batches.map(balanceOf),
      ...[...byBatch]
        .filter(([batch]) => !own.has(batch))
        .map(([batch, { rows }]) =>
          balanceOf({ batch, name: names.get(batch) ?? '', rows, unreadable: 0, status: 'loaded' }),
        ),
    ],
    refusals: rules.refusals.map((refusal, index) => ({ ...refusal, rows: refused[index] ?? 0 })),
    flags: rules.flags.map((flag, bit) => ({ ...flag, ...(flagged[bit] ?? { rows: 0, kept: 0 }) })),
    identical: fates.get('identical') ?? 0,
    conflicting: fates.get('conflicting') ?? 0,
    unchanged: fates.get('unchanged') ?? 0,
    replaced: fates.get('replaced') ?? 0,
    deleted: fates.get('deleted') ?? 0,
    staged,
    current,
    items: generations.flatMap(({ items }) => (items === undefined ? [] : [lake.path(items)])),
  };
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
from ${stage} where ${refusedSql}`);
}

const literal = (value: string | null): string => (value === null ? 'null' : quoted(value));

export async function refuseUnreadable(engine: Engine, lake: Lake, batch: BronzeBatch): Promise<void> {
  await engine.run(
    `insert into quarantine select ${quoted(batch.dataset)}, ${batch.batch}, _row, null, rule, reason, left(raw, 200) from ${parquet([lake.path(String(batch.rejectsFile))])}`,
  );
}

/** The bit of a flag among those of a dataset's rows; 0 where there is no such flag. */
export function flagBit(silver: SilverResult | undefined, rule: string): number {
  const bit = silver?.rules.flags.findIndex((flag) => flag.rule === rule) ?? -1;
  return bit < 0 ? 0 : 2 ** bit;
}
