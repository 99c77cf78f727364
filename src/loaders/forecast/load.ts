import { setImmediate as turn } from 'node:timers/promises';
import { abortReason, MaplewoodError } from '../../errors.js';
import { neededDays, originsOf } from '../../forecast/back-test.js';
import { flow } from '../../forecast/flow.js';
import { type Forecast, forecast } from '../../forecast/forecast.js';
import { holtWinters } from '../../forecast/holt-winters.js';
import type { Forecaster, ForecastMethod } from '../../forecast/method.js';
import { seasonalNaive } from '../../forecast/seasonal-naive.js';
import { addDays } from '../../warehouse/grain.js';
import type { LoadContext } from '../load.js';
import { type Census, loadCensus } from './census.js';
import { loadFlow } from './stays.js';

export interface ForecastQuestion {
  /** ODS code; all trusts in scope without it. */
  readonly trust: string | undefined;
  readonly horizonDays: number;
  /** The best of the back-test without it. */
  readonly method: ForecastMethod | undefined;
}

/** A forecast and the days of the census that it was made from. */
export interface LoadedForecast {
  readonly historyFrom: string;
  readonly historyTo: string;
  /** Undefined where a day of the history is hidden from the role. */
  readonly forecast: Forecast | undefined;
}

/**
 * The forecast of the census after the last complete day, from what the grant may see. Undefined where nobody is
 * counted. Errors: `BAD_USER_INPUT` while there are too few days, with the first day from which it works;
 * `REQUEST_CANCELLED` and `DEADLINE_EXCEEDED` between two origins of the back-test as in a statement.
 */
export async function loadForecast(
  { trust, horizonDays, method }: ForecastQuestion,
  context: LoadContext,
): Promise<LoadedForecast | undefined> {
  if (method === 'FLOW' && context.plan.grant.profile !== 'exact')
    throw new MaplewoodError('POLICY_VIOLATION');
  const census = await loadCensus(trust, context);
  if (!census) return undefined;
  const { first, values } = census;
  const needed = neededDays(horizonDays);
  if (values.length < needed) {
    throw new MaplewoodError(
      'BAD_USER_INPUT',
      `A forecast of ${horizonDays} days needs ${needed} days of complete census: it works when the data reach ${addDays(first, needed - 1)}.`,
    );
  }
  const history = { historyFrom: first, historyTo: addDays(first, values.length - 1) };
  if (census.hiddenDays > 0) return { ...history, forecast: undefined };

  const methods = await methodsFor(census, { trust, horizonDays, method }, context);
  const { signal } = context;
  const pause = async (): Promise<void> => {
    await turn();
    if (signal.aborted) throw abortReason(signal);
  };
  return { ...history, forecast: await forecast(methods, values, horizonDays, method, pause) };
}

/** The methods that the question needs, of those that the grant may use: stays are read for exact figures only. */
async function methodsFor(
  census: Census,
  { trust, horizonDays, method }: ForecastQuestion,
  context: LoadContext,
): Promise<ReadonlyMap<ForecastMethod, Forecaster>> {
  const { values } = census;
  const methods = new Map<ForecastMethod, Forecaster>([
    ['SEASONAL_NAIVE', seasonalNaive(values)],
    ['HOLT_WINTERS', holtWinters(values)],
  ]);
  if (context.plan.grant.profile === 'exact' && (method === undefined || method === 'FLOW')) {
    const counts = [...originsOf(values.length, horizonDays), values.length];
    methods.set('FLOW', flow(await loadFlow(census, counts, trust, context)));
  }
  return methods;
}
