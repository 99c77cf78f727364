import { at, sum } from './series.js';

/** Stays of one kind of patient by length, as known on some day. Lengths are midnights spent. */
export interface StayCounts {
  /** `ended[l]`: stays that ended after l midnights; l ≥ 1. */
  readonly ended: ArrayLike<number>;
  /** `present[l]`: patients still here after their day of admission and l further midnights; l ≥ 0. */
  readonly present: ArrayLike<number>;
}

/** Stays of the pool that weigh in the curve of a stratum: a rare stratum is like all others. */
const poolWeight = 10;
/** Stays at risk below which the pool has no rate of its own for a length. */
const leastAtRisk = 5;
/** Lengths from the last well known one back, whose mean rate holds for longer stays. */
const tailLengths = 14;

/** Ended after l midnights, and at risk of it (reached l midnights), by length. */
function table(
  { ended, present }: StayCounts,
  longest: number,
): { ended: Float64Array; atRisk: Float64Array } {
  const events = new Float64Array(longest + 1);
  const atRisk = new Float64Array(longest + 1);
  let risk = 0;
  for (let length = longest; length >= 1; length -= 1) {
    risk += at(ended, length) + at(present, length);
    atRisk[length] = risk;
    events[length] = at(ended, length);
  }
  return { ended: events, atRisk };
}

/** Share that ends at each length of those who reach it: Kaplan and Meier (1958), patients still here censored. */
export function pooledRates(counts: StayCounts, longest: number): Float64Array {
  const { ended, atRisk } = table(counts, longest);
  let last = 0;
  for (let length = 1; length <= longest; length += 1) if (at(atRisk, length) >= leastAtRisk) last = length;
  const from = Math.max(1, last - tailLengths + 1);
  const risk = sum(atRisk.subarray(from, last + 1));
  const tail = risk > 0 ? sum(ended.subarray(from, last + 1)) / risk : 1;
  return ended.map((events, length) => (length > last ? tail : events / Math.max(1, at(atRisk, length))));
}

/** The rates of one stratum, drawn towards those of the pool where it has few stays. */
export function stratumRates(counts: StayCounts, pool: Float64Array): Float64Array {
  const { ended, atRisk } = table(counts, pool.length - 1);
  return pool.map(
    (rate, length) => (at(ended, length) + poolWeight * rate) / (at(atRisk, length) + poolWeight),
  );
}

/** S: share of stays that are still here after l midnights. S(0) = 1. */
export function survival(rates: Float64Array): Float64Array {
  const curve = new Float64Array(rates.length);
  let left = 1;
  for (let length = 0; length < rates.length; length += 1) {
    if (length > 0) left *= 1 - at(rates, length);
    curve[length] = left;
  }
  return curve;
}
