import { addDays, addMonths, bucketStart } from '../../warehouse/grain.js';

/** Closed periods of twelve months that end with the data, or all of them. */
export const windows = ['LAST_CALENDAR_YEAR', 'LAST_FINANCIAL_YEAR', 'LAST_12_MONTHS', 'ALL'] as const;
export type Window = (typeof windows)[number];

/** First day, and the first day after: null where the window has no bound. */
export interface Period {
  readonly from: string | null;
  readonly before: string | null;
  /** First day of the last six whole months of it, and of the six before. */
  readonly half: { readonly later: string; readonly earlier: string; readonly before: string };
}

/** The days of a window, by the last day with data. NHS financial years begin on 1 April. */
export function periodOf(window: Window, dataAsOf: string): Period {
  const next = addDays(dataAsOf, 1);
  const month = bucketStart('MONTH', next);
  const january = bucketStart('YEAR', next);
  const april = addMonths(january, 3);
  const before = {
    LAST_CALENDAR_YEAR: january,
    LAST_FINANCIAL_YEAR: april <= next ? april : addMonths(april, -12),
    LAST_12_MONTHS: month,
    ALL: month,
  }[window];
  const half = { later: addMonths(before, -6), earlier: addMonths(before, -12), before };
  return window === 'ALL'
    ? { from: null, before: null, half }
    : { from: addMonths(before, -12), before, half };
}
