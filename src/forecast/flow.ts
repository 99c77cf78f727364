import { smoothAroundYear } from './holt-winters.js';
import { byLead, withLimits } from './limits.js';
import type { Forecaster } from './method.js';
import { normalFrom } from './random.js';
import { at, sum } from './series.js';
import { pooledRates, type StayCounts, stratumRates, survival } from './survival.js';

/** Stays as known at the end of a day, one entry a stratum (admission type, age band and specialty). */
export type StaysAt = readonly StayCounts[];

export interface FlowInput {
  /** Admissions a day that stay for a midnight at least; the same days as the census. */
  readonly admissions: readonly number[];
  /** Stays by number of days known. Only the counts that are asked for need be there. */
  readonly staysAfter: ReadonlyMap<number, StaysAt>;
  readonly seed: number;
}

/**
 * Occupancy from the flow of patients. In h days there are, of the patients who are here now after l midnights,
 * Σ S(l + h) / S(l), with S the survival of their stratum; and of those who will come, the expected admissions of each
 * day between, convolved with S. Admissions are expected by Holt-Winters with annual terms. Limits by simulation: past
 * errors of the admissions, convolved alike, and the chance in who leaves, from a fixed seed.
 * Error: the counts of stays of that day were not given.
 */
export const flow =
  ({ admissions, staysAfter, seed }: FlowInput): Forecaster =>
  (count, horizon) => {
    const stays = staysAfter.get(count);
    if (!stays) throw new Error(`no stays after ${count} days`);
    const coming = smoothAroundYear(admissions, count, horizon);
    const curves = curvesOf(stays, horizon);
    const shares = sharesOf(stays);
    const mixed = mixture(curves, shares, horizon);
    const daily = coming.forecast.map((expected) => Math.max(0, expected));

    const expected: number[] = [];
    const deviation: number[] = [];
    for (let lead = 1; lead <= horizon; lead += 1) {
      let [mean, variance] = staying(stays, curves, lead);
      for (let day = 1; day <= lead; day += 1) {
        const arrivals = at(daily, day - 1);
        const stillHere = at(mixed.mean, lead - day);
        mean += arrivals * stillHere;
        variance += arrivals * (stillHere - at(mixed.square, lead - day));
      }
      expected.push(mean);
      deviation.push(Math.sqrt(Math.max(0, variance)));
    }
    const normal = normalFrom(seed);
    const paths = coming.paths.map((path) => {
      const chance = normal();
      return path.map((_error, index) => {
        const lead = index + 1;
        let error = chance * at(deviation, lead - 1);
        for (let day = 1; day <= lead; day += 1)
          error += (path[day - 1] ?? 0) * (mixed.mean[lead - day] ?? 0);
        return error;
      });
    });
    return withLimits(expected, byLead(paths, horizon));
  };

/** Survival by stratum, long enough for the longest present stay and the horizon. */
function curvesOf(stays: StaysAt, horizon: number): Float64Array[] {
  const longest =
    Math.max(1, ...stays.map(({ ended, present }) => Math.max(ended.length, present.length))) + horizon;
  const pool = { ended: new Float64Array(longest + 1), present: new Float64Array(longest + 1) };
  for (const { ended, present } of stays) {
    for (let length = 0; length <= longest; length += 1) {
      pool.ended[length] = at(pool.ended, length) + at(ended, length);
      pool.present[length] = at(pool.present, length) + at(present, length);
    }
  }
  const rates = pooledRates(pool, longest);
  return stays.map((counts) => survival(stratumRates(counts, rates)));
}

/** Share of each stratum in all stays that began. */
function sharesOf(stays: StaysAt): number[] {
  const began = stays.map(({ ended, present }) => sum(ended) + sum(present));
  const all = sum(began);
  return began.map((number) => (all > 0 ? number / all : 0));
}

/** Of a mixed admission: mean share still here after l midnights, and the mean of its square. */
function mixture(
  curves: readonly Float64Array[],
  shares: readonly number[],
  horizon: number,
): { mean: Float64Array; square: Float64Array } {
  const mean = new Float64Array(horizon);
  const square = new Float64Array(horizon);
  curves.forEach((curve, stratum) => {
    for (let length = 0; length < horizon; length += 1) {
      const left = at(curve, length);
      mean[length] = at(mean, length) + at(shares, stratum) * left;
      square[length] = at(square, length) + at(shares, stratum) * left * left;
    }
  });
  return { mean, square };
}

/** Patients of today who are still here in `lead` days: expected number and its variance. */
function staying(
  stays: StaysAt,
  curves: readonly Float64Array[],
  lead: number,
): [mean: number, variance: number] {
  let [mean, variance] = [0, 0];
  stays.forEach(({ present }, stratum) => {
    const curve = curves[stratum] ?? new Float64Array();
    for (let length = 0; length < present.length; length += 1) {
      const patients = at(present, length);
      if (patients === 0) continue;
      const here = at(curve, length);
      const left = here > 0 ? at(curve, length + lead) / here : 0;
      mean += patients * left;
      variance += patients * left * (1 - left);
    }
  });
  return [mean, variance];
}
