import { annualPattern } from './annual.js';
import { byLead, withLimits } from './limits.js';
import type { Forecaster } from './method.js';
import { at } from './series.js';
import { type Smoothed, smooth } from './smoothing.js';

/** The first `count` values smoothed around their annual pattern; the forecast with the pattern put back. */
export function smoothAroundYear(values: readonly number[], count: number, horizon: number): Smoothed {
  const annual = annualPattern(values, count);
  const rest = Float64Array.from({ length: count }, (_none, day) => at(values, day) - annual(day));
  const { forecast, paths } = smooth(rest, horizon);
  return { forecast: forecast.map((expected, index) => expected + annual(count + index)), paths };
}

/**
 * Additive Holt-Winters of period 7 around annual Fourier terms. Limits: the errors that the fitted smoothing has made
 * at the same lead.
 */
export const holtWinters =
  (values: readonly number[]): Forecaster =>
  (count, horizon) => {
    const { forecast, paths } = smoothAroundYear(values, count, horizon);
    return withLimits(forecast, byLead(paths, horizon));
  };
