import {
  BedForecastBacktest,
  BedForecastDay,
  backtestFigures,
  forecastFigures,
} from '../../schema/bed-forecast.js';
import { BedOccupancy } from '../../schema/bed-occupancy.js';
import { type Edge, edge, end } from './edge.js';

const figures = Object.keys(forecastFigures);
const errors = [...Object.keys(backtestFigures), 'baselineIsBetter'];
/** How long stays last, and what tells those apart that are compared. */
const stays = [
  'admission_date',
  'discharge_date',
  'bed_until',
  'in_census',
  'is_emergency',
  'admission_method',
  'specialty_code',
  'age_at_event',
];

/** From the daily census, and for FLOW from the stays themselves, to the forecast of beds. */
export const forecastEdges = (): Edge[] =>
  [
    ...figures.map((name) => end('api', BedForecastDay.name, name)),
    ...errors.map((name) => end('api', BedForecastBacktest.name, name)),
  ].flatMap((to) => [
    edge(end('api', BedOccupancy.name, 'occupiedBedDays'), to, 'derived', 'forecast from its daily history'),
    edge(end('api', BedOccupancy.name, 'isPartial'), to, 'filter', 'days with a complete census'),
    ...stays.map((column) =>
      edge(end('gold', 'fact_spell', column), to, 'derived', 'method FLOW: survival of stays like it'),
    ),
  ]);
