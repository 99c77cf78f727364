import { measuredEvents } from '../../measures/correction.js';
import type { MartPlan } from '../../measures/mart.js';
import { duckdbDialect } from '../../warehouse/duckdb/dialect.js';
import { tablesOf } from '../../warehouse/tables-of.js';
import type { Engine } from '../engine.js';
import { inLanes } from '../lanes.js';
import { buildOmop, type OmopInputs } from '../omop/build.js';
import { checkOmop } from '../omop/check.js';
import { correctOmop } from '../omop/correct.js';
import type { QualityResult } from '../quality/check.js';
import type { ReleaseInTheMaking } from '../results.js';
import { correctStar } from './correct.js';
import { correctedMart } from './correct-marts.js';
import { buildMart, buildStar, catalogue, type GoldInputs, generalise, inRelease } from './load.js';
import { narrow } from './narrow.js';
import { fillResults, martsOfFacts } from './result-marts.js';
import { withholdCells } from './withhold.js';

export interface ReleaseInputs {
  readonly gold: GoldInputs;
  /** Undefined where the release has no OMOP tables. */
  readonly omop: OmopInputs | undefined;
  /** Who runs the rules of decision support; `narrow` as in `ReleaseInTheMaking`. Undefined where nobody does. */
  readonly results: ((engine: Engine, narrow?: ReleaseInTheMaking['narrow']) => Promise<void>) | undefined;
  /** Called at the end of each step, with its name. */
  readonly ended: (step: string) => void;
}

/**
 * Makes the tables of a release in `draft`, which is a copy of the release in `released` that is corrected, or does not
 * exist: the star schema, the marts, OMOP, and what rules of decision support say. Gives what the checks of OMOP have found.
 */
export async function buildRelease(
  engine: Engine,
  draft: string,
  released: string | undefined,
  inputs: ReleaseInputs,
): Promise<QualityResult[]> {
  const found = await (released === undefined
    ? build(engine, draft, inputs)
    : correct(engine, draft, released, inputs));
  const { marts, progress } = inputs.gold;
  progress('', marts.length, marts.length);
  return found;
}

async function build(
  engine: Engine,
  draft: string,
  { gold, omop, results, ended }: ReleaseInputs,
): Promise<QualityResult[]> {
  await buildStar(engine, draft, gold);
  await generalise(engine, gold);
  ended('gold');
  // One after the other: a mart in the making may need all of the memory.
  const marts = martsOfFacts(gold);
  for (const [done, mart] of marts.entries()) {
    gold.progress(mart.name, done, marts.length);
    await buildMart(engine, gold, mart);
  }
  ended('marts');
  for (const mart of marts) await withholdCells(engine, gold, mart);
  ended('disclosure');
  const found: QualityResult[] = [];
  if (omop) {
    await inRelease(engine, () => buildOmop(engine, omop));
    ended('omop');
    found.push(...(await inRelease(engine, () => checkOmop(engine, omop))));
    ended('omop checks');
  }
  await fillResults(engine, gold, results);
  if (results) ended('rules of decision support');
  return found;
}

async function correct(
  engine: Engine,
  draft: string,
  released: string,
  { gold, omop, results, ended }: ReleaseInputs,
): Promise<QualityResult[]> {
  // Whoever writes would wait for whoever brings the log into the file: that is done once, at the end.
  await engine.run("set checkpoint_threshold = '1GB'");
  const before = await correctStar(engine, draft, released, gold);
  ended('gold');
  const found: QualityResult[] = [];
  const ofOmop = async (lane: Engine, inputs: OmopInputs): Promise<void> => {
    await inRelease(lane, () => correctOmop(lane, inputs));
    found.push(...(await inRelease(lane, () => checkOmop(lane, inputs))));
  };
  const ofRules = (lane: Engine): Promise<void> =>
    fillResults(lane, gold, results && (() => results(lane, (queries) => narrow(lane, queries))), (mart) =>
      correctedMart(lane, gold, mart, before),
    );
  const marts = await dearestFirst(engine, gold);
  await inLanes(engine, [
    (lane) => generalise(lane, gold),
    ...(omop ? [(lane: Engine) => ofOmop(lane, omop)] : []),
    ofRules,
    ...marts.map((mart, done) => async (lane: Engine) => {
      gold.progress(mart.name, done, marts.length);
      await correctedMart(lane, gold, mart, before);
      await withholdCells(lane, gold, mart);
    }),
  ]);
  ended('marts, omop and rules');
  return found;
}

/** The marts, first those that read the most rows: what is done at the end is done by one lane alone. */
async function dearestFirst(engine: Engine, inputs: GoldInputs): Promise<MartPlan[]> {
  const { gold } = inputs;
  const sizes = await engine.rows<{ name: string; rows: number }>(
    `select table_name as name, cast(estimated_size as double) as rows from duckdb_tables() where database_name = '${catalogue}'`,
  );
  const rowsOf = new Map(sizes.map(({ name, rows }) => [name, rows]));
  const read = (mart: MartPlan): number =>
    tablesOf(measuredEvents(gold, duckdbDialect, mart)).reduce(
      (sum, table) => sum + (rowsOf.get(table) ?? 0),
      0,
    );
  return martsOfFacts(inputs)
    .map((mart) => ({ mart, rows: read(mart) }))
    .sort((a, b) => b.rows - a.rows)
    .map(({ mart }) => mart);
}
