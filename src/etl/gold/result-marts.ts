import { type MartPlan, martTable } from '../../measures/mart.js';
import type { GoldBuilder } from '../../measures/source.js';
import { duckdbDialect } from '../../warehouse/duckdb/dialect.js';
import { cdsTables } from '../../warehouse/gold/cds.js';
import { tablesOf } from '../../warehouse/tables-of.js';
import type { Engine } from '../engine.js';
import { emptyAgain } from './correct.js';
import { buildMart, type GoldInputs } from './load.js';
import { withholdCells } from './withhold.js';

const resultTables: ReadonlySet<string> = new Set(cdsTables.map(({ name }) => name));

/** Whether a mart counts results of decision support, which are there when all else of a release is. */
export const readsResults = (gold: GoldBuilder, { source }: MartPlan): boolean =>
  tablesOf(source.relation(gold, duckdbDialect)).some((table) => resultTables.has(table));

/** The marts of a release that come from its facts alone. */
export const martsOfFacts = ({ gold, marts }: Pick<GoldInputs, 'gold' | 'marts'>): MartPlan[] =>
  marts.filter((mart) => !readsResults(gold, mart));

/**
 * Makes the marts of results, whatever they held, of a release whose results are there, and marks what they withhold. They
 * are never corrected: a run makes all results anew.
 */
export async function fillResultMarts(
  engine: Engine,
  inputs: Pick<GoldInputs, 'gold' | 'marts' | 'disclosure'> & {
    readonly days: Pick<GoldInputs['days'], 'dataAsOf'>;
  },
): Promise<void> {
  const { gold, marts } = inputs;
  for (const mart of marts.filter((one) => readsResults(gold, one))) {
    await emptyAgain(engine, martTable(mart));
    await buildMart(engine, inputs, mart);
    await withholdCells(engine, inputs, mart);
  }
}
