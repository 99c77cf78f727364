import { Arg, Ctx, Int, Query, Resolver } from 'type-graphql';
import { releasedCount } from '../access/released-count.js';
import { MaplewoodError } from '../errors.js';
import type { Forecast } from '../forecast/forecast.js';
import { type ForecastDay, type ForecastMethod, forecastMethods } from '../forecast/method.js';
import { loadForecast } from '../loaders/forecast/load.js';
import {
  BedForecast,
  type BedForecastBacktest,
  type BedForecastDay,
  forecastFigures,
  forecastMeanings,
} from '../schema/bed-forecast.js';
import { addDays } from '../warehouse/grain.js';
import type { RequestContext } from './context.js';
import { makeEnum } from './inputs.js';

const BedForecastMethod = makeEnum(
  'BedForecastMethod',
  forecastMethods,
  'How the census is forecast.',
  forecastMeanings,
);
const longest = 90;
const figures = Object.keys(forecastFigures) as (keyof typeof forecastFigures)[];

@Resolver()
export class BedForecastResolver {
  @Query(() => BedForecast, {
    description:
      'Occupied beds expected at midnight on the days after the last day with data, from the census of the release as the role may see it. Under disclosure control it is made from the released figures and rounded and hidden as they are; where a day of the history is hidden, so is the forecast. Limits come from the errors that the method has made at the same lead, and from no other chance: the same question has the same answer. Source: Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 3rd edition.',
  })
  async bedForecast(
    @Arg('trust', () => String, {
      nullable: true,
      description: 'ODS code of a trust. Without it: all trusts in scope together.',
    })
    trust: string | null | undefined,
    @Arg('horizonDays', () => Int, { defaultValue: 28, description: 'Days to forecast, 1 to 90.' })
    horizonDays: number,
    @Arg('method', () => BedForecastMethod, {
      nullable: true,
      description: 'Without it: the method with the least error in the back-test.',
    })
    method: ForecastMethod | null | undefined,
    @Ctx() context: RequestContext,
  ): Promise<BedForecast> {
    if (horizonDays < 1 || horizonDays > longest)
      throw new MaplewoodError('BAD_USER_INPUT', `horizonDays must be from 1 to ${longest}.`);
    const loaded = await loadForecast(
      { trust: trust ?? undefined, horizonDays, method: method ?? undefined },
      context.load,
    );
    if (!loaded) return { method: null, historyFrom: null, historyTo: null, nodes: [], backtest: null };
    const { historyFrom, historyTo, forecast } = loaded;
    const nodes = Array.from({ length: horizonDays }, (_none, index) =>
      dayOf(addDays(historyTo, index + 1), forecast?.days[index], context),
    );
    for (const { suppressed } of nodes)
      if (suppressed !== null) context.provenance.hiddenCells += suppressed.split(' ').length;
    return {
      method: forecast?.method ?? null,
      historyFrom,
      historyTo,
      nodes,
      backtest: forecast ? backtestOf(forecast, horizonDays) : null,
    };
  }
}

/** A day as the role may see it: as it is to a tenth of a bed, or rounded like the census; null is hidden. */
function dayOf(date: string, day: ForecastDay | undefined, { load }: RequestContext): BedForecastDay {
  const { grant, rule } = load.plan;
  const shown = (value: number): number | null =>
    grant.profile === 'exact' ? tenth(value) : releasedCount(Math.round(value), rule);
  const row = Object.fromEntries(figures.map((name) => [name, day ? shown(day[name]) : null])) as Record<
    (typeof figures)[number],
    number | null
  >;
  const hidden = figures.filter((name) => row[name] === null);
  return { date, ...row, suppressed: hidden.length > 0 ? hidden.join(' ') : null };
}

function backtestOf({ method, backTest }: Forecast, horizonDays: number): BedForecastBacktest {
  const { origins, mae, mape, coverage95, baselineMae } = backTest;
  return {
    method,
    origins,
    horizonDays,
    mae: tenth(mae),
    mape: mape === null ? null : tenth(mape),
    coverage95: tenth(coverage95),
    baselineMae: tenth(baselineMae),
    baselineIsBetter: baselineMae < mae,
  };
}

const tenth = (value: number): number => Math.round(value * 10) / 10;
