/** How a census can be forecast, the simplest first. */
export const forecastMethods = ['SEASONAL_NAIVE', 'HOLT_WINTERS', 'FLOW'] as const;
export type ForecastMethod = (typeof forecastMethods)[number];

/** The method that every other one has to beat. */
export const baseline = 'SEASONAL_NAIVE' satisfies ForecastMethod;

/** Beds expected on a day, with limits between which 80 and 95 of 100 days should lie. */
export interface ForecastDay {
  readonly expected: number;
  readonly lower80: number;
  readonly upper80: number;
  readonly lower95: number;
  readonly upper95: number;
}

/**
 * The forecast of the `horizon` days after the first `count` days of a series, made from these `count` days alone.
 * Deterministic: the same series, count and horizon give the same forecast.
 */
export type Forecaster = (count: number, horizon: number) => ForecastDay[];
