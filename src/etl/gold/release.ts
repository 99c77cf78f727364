import { copy } from '../../lake/durable.js';
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
import { correctStar } from './correct.js';
import { correctedMart } from './correct-marts.js';
import { buildMart, buildStar, catalogue, type GoldInputs, generalise, inRelease } from './load.js';
import { withholdCells } from './withhold.js';

/**
 * Makes the tables of a release in `draft`, from nothing or as a corrected copy of the release in `released`: the star
 * schema, the marts, and OMOP where `omop` is given. Gives what the checks of OMOP have found.
 */
export async function buildRelease(
  engine: Engine,
  draft: string,
  released: string | undefined,
  inputs: GoldInputs,
  omop: OmopInputs | undefined,
  ended: (step: string) => void,
): Promise<QualityResult[]> {
  const { marts } = inputs;
  const each = async (work: (mart: MartPlan) => Promise<void>): Promise<void> => {
    for (const mart of marts) await work(mart);
  };
  let started = 0;
  const begin = ({ name }: MartPlan): void => inputs.progress(name, started++, marts.length);
  let found: QualityResult[] = [];

  if (released === undefined) {
    await buildStar(engine, draft, inputs);
    await generalise(engine, inputs);
    ended('gold');
    // One after the other: a mart in the making may need all of the memory.
    await each((mart) => {
      begin(mart);
      return buildMart(engine, inputs, mart);
    });
    ended('marts');
    await each((mart) => withholdCells(engine, inputs, mart));
    ended('disclosure');
    if (omop) {
      await inRelease(engine, () => buildOmop(engine, omop));
      ended('omop');
      found = await inRelease(engine, () => checkOmop(engine, omop));
      ended('omop checks');
    }
  } else {
    await copy(released, draft, 'release');
    const before = await correctStar(engine, draft, released, inputs);
    ended('gold');
    await inLanes(engine, [
      (lane) => generalise(lane, inputs),
      async (lane) => {
        if (!omop) return;
        await inRelease(lane, () => correctOmop(lane, omop));
        found = await inRelease(lane, () => checkOmop(lane, omop));
      },
      ...(await dearestFirst(engine, inputs)).map((mart) => async (lane: Engine) => {
        begin(mart);
        await correctedMart(lane, inputs, mart, before);
        await withholdCells(lane, inputs, mart);
      }),
    ]);
    ended('marts and omop');
  }
  inputs.progress('', marts.length, marts.length);
  return found;
}

/** The marts, first those that read the most rows: what is done at the end is done by one lane alone. */
async function dearestFirst(engine: Engine, { gold, marts }: GoldInputs): Promise<MartPlan[]> {
  const sizes = await engine.rows<{ name: string; rows: number }>(
    `select table_name as name, cast(estimated_size as double) as rows from duckdb_tables() where database_name = '${catalogue}'`,
  );
  const rowsOf = new Map(sizes.map(({ name, rows }) => [name, rows]));
  const read = (mart: MartPlan): number =>
    tablesOf(measuredEvents(gold, duckdbDialect, mart)).reduce(
      (sum, table) => sum + (rowsOf.get(table) ?? 0),
      0,
    );
  return marts
    .map((mart) => ({ mart, rows: read(mart) }))
    .sort((a, b) => b.rows - a.rows)
    .map(({ mart }) => mart);
}
