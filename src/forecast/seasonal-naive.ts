import { withLimits } from './limits.js';
import type { Forecaster } from './method.js';
import { at, week } from './series.js';

/**
 * Every day as the last known day of the same weekday. Limits: what this has missed at the same distance in weeks.
 */
export const seasonalNaive =
  (values: readonly number[]): Forecaster =>
  (count, horizon) => {
    const back = (lead: number): number => week * Math.ceil(lead / week);
    const errorsAt = new Map<number, Float64Array>();
    for (let lag = week; lag <= back(horizon); lag += week) {
      const errors = new Float64Array(Math.max(0, count - lag));
      for (let day = lag; day < count; day += 1) errors[day - lag] = at(values, day) - at(values, day - lag);
      errorsAt.set(lag, errors);
    }
    const leads = Array.from({ length: horizon }, (_none, index) => index + 1);
    return withLimits(
      leads.map((lead) => at(values, count - 1 + lead - back(lead))),
      leads.map((lead) => errorsAt.get(back(lead)) ?? new Float64Array()),
    );
  };
