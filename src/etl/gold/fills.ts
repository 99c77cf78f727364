import { clinicalFactFills } from './clinical-fact-fills.js';
import { dimensionFills } from './dimension-fills.js';
import { factFills } from './fact-fills.js';
import { fillerOf, type GoldContext, type GoldFill } from './fill.js';
import { findingFills } from './findings.js';

/** The tables of gold that come row by row from silver, in the order in which they are filled. */
export function goldFills(context: GoldContext): GoldFill[] {
  const filler = fillerOf(context);
  return [
    ...dimensionFills(filler),
    ...factFills(filler),
    ...clinicalFactFills(filler),
    ...findingFills(filler),
  ];
}
