import type { ForecastDay } from './method.js';
import { at } from './series.js';

/** Errors from which limits may be read. With fewer, those of a shorter lead are widened. */
const enough = 12;

/**
 * Quantile of a sorted sample, 0 < p < 1, at the position p · (n + 1): 5 % of further draws fall outside those of 2.5
 * and 97.5 %, also for a small sample. Beyond the sample its ends. An empty sample gives 0.
 */
export function quantile(sorted: ArrayLike<number>, p: number): number {
  const position = Math.min(Math.max(p * (sorted.length + 1) - 1, 0), Math.max(sorted.length - 1, 0));
  const below = Math.floor(position);
  const low = at(sorted, below);
  return below + 1 < sorted.length ? low + (position - below) * (at(sorted, below + 1) - low) : low;
}

/**
 * Days with limits from earlier errors (actual less forecast): `errors[i]` are those that the same method made at lead
 * i + 1. Where a lead has too few, as at the beginning of a series, those of the longest lead that has enough are
 * widened as the errors of a random walk grow, with the root of the lead. Nobody occupies less than no bed.
 */
export function withLimits(expected: ArrayLike<number>, errors: readonly Float64Array[]): ForecastDay[] {
  let known: { lead: number; sorted: Float64Array } = {
    lead: 1,
    sorted: new Float64Array(errors[0] ?? []).sort(),
  };
  return Array.from({ length: expected.length }, (_none, index) => {
    const lead = index + 1;
    const own = errors[index] ?? new Float64Array();
    if (own.length >= enough) known = { lead, sorted: own.slice().sort() };
    const widening = Math.sqrt(lead / known.lead);
    const mean = Math.max(0, at(expected, index));
    const limit = (p: number): number => at(expected, index) + widening * quantile(known.sorted, p);
    return {
      expected: mean,
      lower80: Math.max(0, Math.min(mean, limit(0.1))),
      upper80: Math.max(mean, limit(0.9)),
      lower95: Math.max(0, Math.min(mean, limit(0.025))),
      upper95: Math.max(mean, limit(0.975)),
    };
  });
}

/** Errors by lead from errors by path: `paths[j][i]` is the error of path j at lead i + 1; some paths are shorter. */
export function byLead(paths: readonly Float64Array[], horizon: number): Float64Array[] {
  return Array.from({ length: horizon }, (_none, index) => {
    const errors = new Float64Array(paths.length);
    let length = 0;
    for (const path of paths) {
      const error = path[index];
      if (error !== undefined) errors[length++] = error;
    }
    return errors.subarray(0, length);
  });
}
