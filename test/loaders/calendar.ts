/** Calendar arithmetic of the oracle, written apart from the product's own. */

export const plus = (day: string, days: number): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);

export const daysFrom = (from: string, to: string): number =>
  (Date.parse(to) - Date.parse(from)) / 86_400_000;

export const daysBetween = (first: string, last: string): string[] =>
  Array.from({ length: daysFrom(first, last) + 1 }, (_none, index) => plus(first, index));

/** 1 = Monday … 7 = Sunday. */
export const weekdayOf = (day: string): number => ((new Date(day).getUTCDay() + 6) % 7) + 1;

const lastSunday = (year: number, month: number): number => {
  const last = new Date(Date.UTC(year, month + 1, 0));
  return Date.UTC(year, month, last.getUTCDate() - last.getUTCDay(), 1);
};

/** Local day and hour in London of an instant in seconds: summer time from 01:00 UTC of the last Sunday of March to that of October. */
export function london(seconds: number): { day: string; hour: number } {
  const year = new Date(seconds * 1000).getUTCFullYear();
  const summer = seconds * 1000 >= lastSunday(year, 2) && seconds * 1000 < lastSunday(year, 9);
  const local = new Date(seconds * 1000 + (summer ? 3_600_000 : 0)).toISOString();
  return { day: local.slice(0, 10), hour: Number(local.slice(11, 13)) };
}

/** First day of the bucket of a day. */
export function bucketOf(grain: string, day: string): string | null {
  const [year, month] = [day.slice(0, 4), Number(day.slice(5, 7))];
  switch (grain) {
    case 'DAY':
      return day;
    case 'WEEK':
      return plus(day, 1 - weekdayOf(day));
    case 'MONTH':
      return `${day.slice(0, 7)}-01`;
    case 'QUARTER':
      return `${year}-${String(3 * Math.ceil(month / 3) - 2).padStart(2, '0')}-01`;
    case 'YEAR':
      return `${year}-01-01`;
    default:
      return null;
  }
}

/** Last day of the bucket that begins on a day. */
export function lastDayOf(grain: string, first: string): string {
  let last = first;
  while (bucketOf(grain, plus(last, 1)) === first) last = plus(last, 1);
  return last;
}
