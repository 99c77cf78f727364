import type { Role } from '../access/role.js';
import { forecastMethods } from '../forecast/method.js';
import { bedForecastRoles, flowRoles, forecastMeanings } from './bed-forecast.js';
import type { CatalogueColumn, CatalogueEntry } from './catalogue-entry.js';

const source = 'Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 3rd edition';
const days = 'days after the last one with a complete census, from 1 to `horizonDays` ahead';
const origins =
  'forecasts of the same horizon from days of the last year, each with the data up to its day only';

const beds = (name: string, description: string, edgeCases: string): CatalogueColumn => ({
  name,
  description,
  kind: 'measure',
  type: 'Float',
  unit: 'beds',
  sensitivity: 'Q',
  dimension: null,
  numerator: null,
  denominator: days,
  edgeCases,
  source,
});

const hidden = 'hidden where a day of the history is hidden from the role';
const limit = (share: number, side: 'lower' | 'upper'): CatalogueColumn =>
  beds(
    `${side}${share}`,
    `${side === 'lower' ? 'Lower' : 'Upper'} limit between which ${share} of 100 days should lie.`,
    `from the errors that the method has made at the same lead; ${hidden}`,
  );

const backTest = (
  name: string,
  unit: string,
  description: string,
  edgeCases: string | null,
): CatalogueColumn => ({
  ...beds(`backtest.${name}`, description, ''),
  unit,
  denominator: origins,
  edgeCases,
});

const columns: readonly CatalogueColumn[] = [
  beds('expected', 'Occupied beds expected at the midnight that ends the day.', hidden),
  limit(80, 'lower'),
  limit(80, 'upper'),
  limit(95, 'lower'),
  limit(95, 'upper'),
  backTest('mae', 'beds', 'Mean absolute error of the method.', null),
  backTest(
    'mape',
    'percent',
    'Mean absolute error in percent of the beds that were occupied.',
    'null where no bed was occupied',
  ),
  backTest('coverage95', 'percent', 'Share of days that lay within the limits of 95 %.', null),
  backTest('baselineMae', 'beds', 'Mean absolute error of the baseline, SEASONAL_NAIVE.', null),
];

/** The forecast of beds in the catalogue: it is asked for by day, and by nothing else. */
export function bedForecastEntry(role: Role): CatalogueEntry | undefined {
  if (!bedForecastRoles.includes(role)) return undefined;
  const methods = forecastMethods.filter((method) => method !== 'FLOW' || flowRoles.includes(role));
  return {
    key: 'bedForecast',
    title: 'Forecast of occupied beds',
    description:
      'Occupied beds expected at midnight on the next days, from the census of the release as the role may see it, with the back-test that justifies them. A method that does worse than the baseline says so.',
    kind: 'forecast',
    columns,
    dimensions: [],
    allowed: [],
    arguments: [
      {
        name: 'trust',
        description: 'ODS code of a trust; without it all trusts in scope together.',
        default: 'none',
        values: [],
      },
      { name: 'horizonDays', description: 'Days to forecast.', default: '28', values: ['1 to 90'] },
      {
        name: 'method',
        description: `Without it the one with the least error. ${methods.map((method) => `${method}: ${forecastMeanings[method]}`).join(' ')}`,
        default: 'none',
        values: methods,
      },
    ],
  };
}
