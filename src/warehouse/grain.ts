/** Calendar buckets, by local (Europe/London) days. Weeks begin on Monday; `ALL` is one bucket without bounds. */
export const grains = ['DAY', 'WEEK', 'MONTH', 'QUARTER', 'YEAR', 'ALL'] as const;
export type Grain = (typeof grains)[number];
export type CalendarGrain = Exclude<Grain, 'ALL'>;

/** True if `a` is as fine as `b` or finer; a week is finer than a month although it does not nest in it. */
export const isFinerOrEqual = (a: Grain, b: Grain): boolean => grains.indexOf(a) <= grains.indexOf(b);

const dayMillis = 86_400_000;
const at = (day: string): Date => new Date(`${day}T00:00:00Z`);
const iso = (time: Date): string => time.toISOString().slice(0, 10);

/** A day plus whole days. */
export const addDays = (day: string, days: number): string =>
  iso(new Date(at(day).getTime() + days * dayMillis));

/** The first day of a month plus whole months. */
export function addMonths(first: string, months: number): string {
  const time = at(first);
  return iso(new Date(Date.UTC(time.getUTCFullYear(), time.getUTCMonth() + months, 1)));
}

/** Whole days from one day to another. */
export const daysFrom = (from: string, to: string): number =>
  Math.round((at(to).getTime() - at(from).getTime()) / dayMillis);

/** First day of the first bucket that is not over on a day. */
export const firstOpenBucket = (grain: CalendarGrain, day: string): string =>
  bucketStart(grain, addDays(day, 1));

/** First day of the bucket that holds the day. */
export function bucketStart(grain: CalendarGrain, day: string): string {
  const time = at(day);
  const [year, month] = [time.getUTCFullYear(), time.getUTCMonth()];
  switch (grain) {
    case 'DAY':
      return day;
    case 'WEEK':
      return addDays(day, -((time.getUTCDay() + 6) % 7));
    case 'MONTH':
      return iso(new Date(Date.UTC(year, month, 1)));
    case 'QUARTER':
      return iso(new Date(Date.UTC(year, month - (month % 3), 1)));
    case 'YEAR':
      return iso(new Date(Date.UTC(year, 0, 1)));
  }
}
