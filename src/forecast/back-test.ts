import type { Forecaster } from './method.js';
import { at, week } from './series.js';

/** Days of history without which nothing is forecast. */
export const leastDays = 8 * week;
/** Days of history that an origin of the back-test must have. */
const leastBefore = 4 * week;
/** Origins of a back-test, and the days over which they are spread at most. */
const mostOrigins = 26;
const testedDays = 365;

/** Days that a forecast of this horizon needs: eight weeks, and one origin with all its days known. */
export const neededDays = (horizon: number): number => Math.max(leastDays, leastBefore + horizon);

/**
 * Numbers of known days from which the back-test forecasts, ascending: up to 26, evenly spread over the last year, all
 * with `horizon` known days behind them, and on every weekday. Empty where the series is too short.
 */
export function originsOf(length: number, horizon: number): number[] {
  if (length < neededDays(horizon)) return [];
  const last = length - horizon;
  const first = Math.max(leastBefore, last - testedDays);
  const spread = Math.max(1, Math.floor((last - first) / (mostOrigins - 1)));
  // A step of whole weeks would test one weekday only.
  const step = spread % week === 0 ? spread - 1 : spread;
  const origins: number[] = [];
  for (let count = last; count >= first && origins.length < mostOrigins; count -= step)
    origins.unshift(count);
  return origins;
}

/** How well a method did over all origins and leads. */
export interface Score {
  /** Mean absolute error, beds. */
  readonly mae: number;
  /** Mean absolute error in percent of the actual value; null where no day had a bed occupied. */
  readonly mape: number | null;
  /** Percent of days within the 95 % limits. */
  readonly coverage95: number;
}

/**
 * Forecasts from every origin with what was known then, and compares with what came. `pause` is awaited before each
 * origin, so that others get their turn; it throws to give up.
 */
export async function backTest(
  forecaster: Forecaster,
  values: readonly number[],
  origins: readonly number[],
  horizon: number,
  pause: () => Promise<void>,
): Promise<Score> {
  let [absolute, relative, relativeDays, within] = [0, 0, 0, 0];
  for (const count of origins) {
    await pause();
    forecaster(count, horizon).forEach(({ expected, lower95, upper95 }, index) => {
      const actual = at(values, count + index);
      absolute += Math.abs(actual - expected);
      if (actual >= lower95 && actual <= upper95) within += 1;
      if (actual > 0) {
        relative += Math.abs(actual - expected) / actual;
        relativeDays += 1;
      }
    });
  }
  const days = origins.length * horizon;
  return {
    mae: absolute / days,
    mape: relativeDays > 0 ? (100 * relative) / relativeDays : null,
    coverage95: (100 * within) / days,
  };
}
