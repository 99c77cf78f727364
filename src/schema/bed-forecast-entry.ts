import type { Role } from '../access/role.js';
import { forecastMethods } from '../forecast/method.js';
import {
  backtestFigures,
  bedForecastRoles,
  flowRoles,
  forecastFigures,
  forecastMeanings,
} from './bed-forecast.js';
import type { CatalogueColumn, CatalogueEntry } from './catalogue-entry.js';

const source = 'Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 3rd edition';
const days = 'days after the last one with a complete census, from 1 to `horizonDays` ahead';
const origins =
  'forecasts of the same horizon from days of the last year, each with the data up to its day only';

const measure = (
  name: string,
  unit: string,
  description: string,
  denominator: string,
  edgeCases: string | null,
): CatalogueColumn => ({
  ...{ name, description, unit, denominator, edgeCases, source },
  ...{ kind: 'measure', type: 'Float', sensitivity: 'Q', dimension: null, numerator: null },
});

const columns: readonly CatalogueColumn[] = [
  ...Object.entries(forecastFigures).map(([name, meaning]) =>
    measure(name, 'beds', meaning, days, 'hidden where a day of the history is hidden from the role'),
  ),
  ...Object.entries(backtestFigures).map(([name, { unit, meaning }]) =>
    measure(`backtest.${name}`, unit, meaning, origins, null),
  ),
];

/** What the catalogue lists the forecast as. */
export const bedForecastListing = {
  key: 'bedForecast',
  title: 'Forecast of occupied beds',
  roles: bedForecastRoles,
} as const;

/** The forecast of beds in the catalogue: it is asked for by day, and by nothing else. */
export function bedForecastEntry(role: Role): CatalogueEntry | undefined {
  if (!bedForecastRoles.includes(role)) return undefined;
  const methods = forecastMethods.filter((method) => method !== 'FLOW' || flowRoles.includes(role));
  return {
    key: bedForecastListing.key,
    title: bedForecastListing.title,
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
