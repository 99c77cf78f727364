import { type MartPlan, martTable } from '../../measures/mart.js';
import type { GoldBuilder } from '../../measures/source.js';
import { duckdbDialect } from '../../warehouse/duckdb/dialect.js';
import { cdsResult, cdsTables, resultTables } from '../../warehouse/gold/cds.js';
import { tablesOf } from '../../warehouse/tables-of.js';
import type { Engine } from '../engine.js';
import { emptyAgain } from './correct.js';
import { buildMart, type GoldInputs, inRelease } from './load.js';
import { movedRows, notedIn } from './moved-rows.js';
import { withholdCells } from './withhold.js';

const ofResults: ReadonlySet<string> = new Set(cdsTables.map(({ name }) => name));

/** Whether a mart counts results of decision support, which are there when all else of a release is. */
export const readsResults = (gold: GoldBuilder, { source }: MartPlan): boolean =>
  tablesOf(source.relation(gold, duckdbDialect)).some((table) => ofResults.has(table));

/** The marts of a release that come from its facts alone. */
export const martsOfFacts = ({ gold, marts }: Pick<GoldInputs, 'gold' | 'marts'>): MartPlan[] =>
  marts.filter((mart) => !readsResults(gold, mart));

type MartInputs = Pick<GoldInputs, 'gold' | 'marts' | 'disclosure'> & {
  readonly days: Pick<GoldInputs['days'], 'dataAsOf'>;
};

/** Who fills the tables of results of the release that is in use. */
export type FillResults = (engine: Engine) => Promise<void>;

/**
 * Fills the tables of results, or leaves nothing in them where nobody does, and then their marts: by `correct` where of a corrected
 * release only results of some patients were made anew, else from nothing.
 */
export async function fillResults(
  engine: Engine,
  inputs: MartInputs,
  fill: FillResults | undefined,
  correct?: (mart: MartPlan) => Promise<void>,
): Promise<void> {
  if (fill) await inRelease(engine, () => fill(engine));
  else for (const table of resultTables) await emptyAgain(engine, table);
  const { gold, marts } = inputs;
  const isCorrected = (await notedIn(engine)).has(movedRows(cdsResult.name));
  for (const mart of marts.filter((one) => readsResults(gold, one))) {
    if (correct && isCorrected) await correct(mart);
    else {
      await emptyAgain(engine, martTable(mart));
      await buildMart(engine, inputs, mart);
    }
    await withholdCells(engine, inputs, mart);
  }
}
