import { backTest, originsOf, type Score } from './back-test.js';
import { baseline, type ForecastDay, type Forecaster, type ForecastMethod } from './method.js';

/** A forecast with the back-test that justifies it. */
export interface Forecast {
  readonly method: ForecastMethod;
  /** One a day, from the day after the last value. */
  readonly days: readonly ForecastDay[];
  readonly backTest: Score & {
    readonly origins: number;
    /** Mean absolute error of the seasonal naive forecast from the same origins. */
    readonly baselineMae: number;
  };
}

/**
 * The forecast of the days after a series, by the method asked for, or without one by that of the given methods with the
 * least mean absolute error in the back-test; of equals the first. The baseline must be among the methods. The series has
 * the days that `neededDays` says.
 */
export async function forecast(
  methods: ReadonlyMap<ForecastMethod, Forecaster>,
  values: readonly number[],
  horizon: number,
  asked: ForecastMethod | undefined,
  pause: () => Promise<void>,
): Promise<Forecast> {
  const origins = originsOf(values.length, horizon);
  const scores = new Map<ForecastMethod, Score>();
  for (const [method, forecaster] of methods) {
    if (asked === undefined || method === asked || method === baseline)
      scores.set(method, await backTest(forecaster, values, origins, horizon, pause));
  }
  const method = asked ?? best(scores);
  const forecaster = methods.get(method);
  const [score, reference] = [scores.get(method), scores.get(baseline)];
  if (!forecaster || !score || !reference) throw new Error(`${method} is not among the methods`);
  await pause();
  return {
    method,
    days: forecaster(values.length, horizon),
    backTest: { ...score, origins: origins.length, baselineMae: reference.mae },
  };
}

function best(scores: ReadonlyMap<ForecastMethod, Score>): ForecastMethod {
  let [chosen, least] = [baseline as ForecastMethod, Number.POSITIVE_INFINITY];
  for (const [method, { mae }] of scores) if (mae < least) [chosen, least] = [method, mae];
  return chosen;
}
