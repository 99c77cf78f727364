import { copy } from '../../lake/durable.js';
import type { Engine } from '../engine.js';
import { correctStar } from './correct.js';
import { correctMarts } from './correct-marts.js';
import { buildMarts, buildStar, type GoldInputs } from './load.js';
import { withholdCells } from './withhold.js';

/** Makes the tables of a release in `draft`, from nothing or as a corrected copy of the release in `released`. */
export async function buildRelease(
  engine: Engine,
  draft: string,
  released: string | undefined,
  inputs: GoldInputs,
  ended: (step: string) => void,
): Promise<void> {
  if (released === undefined) {
    await buildStar(engine, draft, inputs);
    ended('gold');
    await buildMarts(engine, inputs);
  } else {
    await copy(released, draft, 'release');
    const before = await correctStar(engine, draft, released, inputs);
    ended('gold');
    await correctMarts(engine, inputs, before);
  }
  ended('marts');
  await withholdCells(engine, inputs);
  ended('disclosure');
}
