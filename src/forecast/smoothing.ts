import { at, week } from './series.js';

/**
 * Additive exponential smoothing with seasons of a week and a damped trend (Holt 1957, Winters 1960; the damping:
 * Gardner and McKenzie, Management Science 31, 1985), in the form of error correction:
 *
 *     forecast of day t + h   level + (φ + … + φ^h) · trend + season of its weekday
 *     error of day t          value − forecast of the day before
 *     level += φ · trend + α · error    trend = φ · trend + β · error    season of the weekday += γ · error
 */
export interface Smoothing {
  readonly alpha: number;
  readonly beta: number;
  readonly gamma: number;
}

/** Share φ of the trend that is left a day later: it fades, so that no far forecast runs away. */
const damping = 0.98;

/** Values tried of each parameter, from slow to quick to learn. */
const tried = {
  alpha: [0.01, 0.03, 0.06, 0.1, 0.2, 0.35, 0.5, 0.7, 0.85, 0.99],
  gamma: [0, 0.01, 0.03, 0.08, 0.2],
  beta: [0, 0.005, 0.02, 0.06, 0.15],
} as const;

interface State {
  level: number;
  trend: number;
  /** By index of the day modulo 7. */
  readonly seasons: Float64Array;
}

/** Days that the state begins from, whose own errors do not count: two weeks, four once there are eight. */
const startDays = (count: number): number => (count < 8 * week ? 2 : 4) * week;

function begin(values: Float64Array, days: number): State {
  const seasons = new Float64Array(week);
  let level = 0;
  for (let day = 0; day < days; day += 1) {
    level += at(values, day) / days;
    seasons[day % week] = at(seasons, day % week) + (at(values, day) * week) / days;
  }
  return { level, trend: 0, seasons: seasons.map((mean) => mean - level) };
}

/** Takes the value of a day into the state. Returns the error of its forecast. */
function learn(state: State, { alpha, beta, gamma }: Smoothing, day: number, value: number): number {
  const season = state.seasons[day % week] ?? 0;
  const fading = damping * state.trend;
  const error = value - (state.level + fading + season);
  state.level += fading + alpha * error;
  state.trend = fading + beta * error;
  state.seasons[day % week] = season + gamma * error;
  return error;
}

/** The forecast of a state for the days after `day`. */
function ahead(state: State, day: number, horizon: number): Float64Array {
  const forecast = new Float64Array(horizon);
  let [factor, faded] = [1, 0];
  for (let lead = 1; lead <= horizon; lead += 1) {
    factor *= damping;
    faded += factor;
    forecast[lead - 1] = state.level + faded * state.trend + (state.seasons[(day + lead) % week] ?? 0);
  }
  return forecast;
}

function squaredError(values: Float64Array, smoothing: Smoothing): number {
  const start = startDays(values.length);
  const state = begin(values, start);
  let total = 0;
  for (let day = 0; day < values.length; day += 1) {
    const error = learn(state, smoothing, day, values[day] ?? 0);
    if (day >= start) total += error * error;
  }
  return total;
}

/**
 * The parameters with the least squared error of the next day, looked for one after the other until none gets better.
 */
export function fitSmoothing(values: Float64Array): Smoothing {
  let best: Smoothing = { alpha: 0.2, beta: 0, gamma: 0.03 };
  let least = squaredError(values, best);
  for (let better = true; better; ) {
    better = false;
    for (const [name, candidates] of Object.entries(tried)) {
      for (const value of candidates) {
        const other = { ...best, [name]: value };
        const error = squaredError(values, other);
        if (error < least * (1 - 1e-9)) [best, least, better] = [other, error, true];
      }
    }
  }
  return best;
}

export interface Smoothed {
  /** Of the days after the last value. */
  readonly forecast: Float64Array;
  /** What the forecasts of earlier days have missed: one array a day, of as many leads as there are values for. */
  readonly paths: readonly Float64Array[];
}

/** Earlier days, evenly spread, of which the errors are kept. */
const keptPaths = 120;

/** Forecast of a series by its best parameters, and the errors that these have made within it. At least 14 values. */
export function smooth(values: Float64Array, horizon: number): Smoothed {
  const smoothing = fitSmoothing(values);
  const { length } = values;
  const start = startDays(length);
  const stride = Math.max(1, Math.floor((length - start) / keptPaths));
  const state = begin(values, start);
  const paths: Float64Array[] = [];
  for (let day = 0; day < length; day += 1) {
    learn(state, smoothing, day, values[day] ?? 0);
    if (day < start - 1 || day === length - 1 || (day - start + 1) % stride !== 0) continue;
    const leads = Math.min(horizon, length - 1 - day);
    paths.push(ahead(state, day, leads).map((expected, index) => at(values, day + 1 + index) - expected));
  }
  return { forecast: ahead(state, length - 1, horizon), paths };
}
