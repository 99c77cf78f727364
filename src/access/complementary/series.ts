import { addDays, addMonths, bucketStart, type CalendarGrain, daysFrom } from '../../warehouse/grain.js';
import type { Cell, Intervals, OfferedSet } from './cell.js';
import { NearestFirst, type Ways } from './nearest-first.js';

/**
 * Closed buckets of one member whose lengths do not nest, by the days between which they lie. Where the sum up to a day is
 * P, a bucket from a to b says something about P(b) - P(a), and P never falls: constraints on differences, whose closure
 * is all that they say together.
 */
export interface Series {
  /** Days between buckets, in order. */
  readonly boundaries: number;
  /** Buckets by the places of their first day and of the day after their last one; without a cell nothing happened. */
  readonly buckets: readonly SeriesBucket[];
}

interface SeriesBucket {
  readonly cell: number | undefined;
  readonly from: number;
  readonly to: number;
}

const ends: Readonly<Record<CalendarGrain, (first: string) => string>> = {
  DAY: (first) => addDays(first, 1),
  WEEK: (first) => addDays(first, 7),
  MONTH: (first) => addMonths(first, 1),
  QUARTER: (first) => addMonths(first, 3),
  YEAR: (first) => addMonths(first, 12),
};

/** The series of every set that is released by weeks and by months, and by no day, in which both nest. */
export function seriesOf(cells: readonly Cell[], offered: readonly OfferedSet[]): Series[] {
  const sets = new Map(
    offered
      .filter(({ grains }) => grains.includes('WEEK') && grains.includes('MONTH') && !grains.includes('DAY'))
      .map(({ by, grains }) => [
        by.join(),
        grains.filter((grain): grain is CalendarGrain => grain !== 'ALL'),
      ]),
  );
  const byMember = new Map<string, { grains: readonly CalendarGrain[]; places: number[] }>();
  for (const [at, { by, members, grain, open }] of cells.entries()) {
    const grains = sets.get(by.join());
    if (!grains || grain === 'ALL' || open) continue;
    const key = JSON.stringify([by, members]);
    const known = byMember.get(key);
    if (known) known.places.push(at);
    else byMember.set(key, { grains, places: [at] });
  }
  return [...byMember.values()].map(({ grains, places }) => seriesOfMember(cells, grains, places));
}

/** Every closed bucket between the first and the last one of the member: also those in which nothing happened. */
function seriesOfMember(
  cells: readonly Cell[],
  grains: readonly CalendarGrain[],
  places: readonly number[],
): Series {
  const cellAt = new Map(places.map((at) => [`${cells[at]?.grain} ${cells[at]?.period}`, at]));
  const start = places.map((at) => cells[at]?.period ?? '').sort()[0] ?? '';
  const stop = places
    .map((at) => ends[cells[at]?.grain as CalendarGrain](cells[at]?.period ?? ''))
    .reduce((latest, day) => (day > latest ? day : latest), start);
  const all = grains.flatMap((grain) => {
    const buckets: { cell: number | undefined; first: string; after: string }[] = [];
    for (let first = bucketStart(grain, start); ends[grain](first) <= stop; first = ends[grain](first))
      buckets.push({ cell: cellAt.get(`${grain} ${first}`), first, after: ends[grain](first) });
    return buckets;
  });
  const days = [...new Set(all.flatMap(({ first, after }) => [first, after]))].sort();
  const place = new Map(days.map((day, at) => [day, at]));
  return {
    boundaries: days.length,
    buckets: all.map(({ cell, first, after }) => ({
      cell,
      from: place.get(first) ?? 0,
      to: place.get(after) ?? 0,
    })),
  };
}

/**
 * Narrows the intervals of a series to its closure: the shortest ways between the boundaries of every bucket (Johnson
 * 1977: ways are sought by lengths that a potential makes not negative, so that few boundaries are looked at). Gives the
 * cells that became narrower.
 */
export function closeSeries(series: Series, known: Intervals): number[] {
  const { boundaries, buckets } = series;
  const ways = waysOf(series, known);
  const potential = potentialOf(ways, boundaries);
  const { low, high } = known;
  // A bucket that is known exactly becomes no narrower.
  const open = buckets.filter(({ cell }) => cell !== undefined && (low[cell] ?? 0) < (high[cell] ?? 0));
  const leaving = Array.from({ length: boundaries }, (): { bucket: SeriesBucket; to: number }[] => []);
  for (const bucket of open) {
    leaving[bucket.from]?.push({ bucket, to: bucket.to });
    leaving[bucket.to]?.push({ bucket, to: bucket.from });
  }
  const narrower = new Set<number>();
  const search = new NearestFirst(ways, potential);
  for (const [from, targets] of leaving.entries()) {
    if (targets.length === 0) continue;
    const lengths = search.from(
      from,
      targets.map(({ to }) => to),
    );
    for (const [n, { bucket, to }] of targets.entries()) {
      const { cell } = bucket;
      const length = lengths[n] ?? Number.POSITIVE_INFINITY;
      if (cell === undefined) continue;
      if (to === bucket.to && length < (high[cell] ?? 0)) {
        high[cell] = length;
        narrower.add(cell);
      }
      if (to === bucket.from && -length > (low[cell] ?? 0)) {
        low[cell] = -length;
        narrower.add(cell);
      }
    }
  }
  return [...narrower];
}

/** How much the sum at a boundary can be above that at another, at most. */
function waysOf({ boundaries, buckets }: Series, { low, high }: Intervals): Ways {
  const ways = Array.from({ length: boundaries }, (): { to: number; length: number }[] => []);
  // A sum of events never falls.
  for (let at = 1; at < boundaries; at += 1) ways[at]?.push({ to: at - 1, length: 0 });
  for (const { cell, from, to } of buckets) {
    const [least, most] = cell === undefined ? [0, 0] : [low[cell] ?? 0, high[cell] ?? 0];
    if (most < Number.POSITIVE_INFINITY) ways[from]?.push({ to, length: most });
    ways[to]?.push({ to: from, length: -least });
  }
  return ways;
}

/** Sums that meet every constraint (Bellman and Ford, from all boundaries at once). Error: none do. */
function potentialOf(ways: Ways, boundaries: number): Float64Array {
  const potential = new Float64Array(boundaries);
  for (let round = 0; ; round += 1) {
    let changed = false;
    const relax = (from: number): void => {
      for (const { to, length } of ways[from] ?? []) {
        const way = (potential[from] ?? 0) + length;
        if (way < (potential[to] ?? 0)) {
          potential[to] = way;
          changed = true;
        }
      }
    };
    // Ways lead back and forth along time: both orders together need few rounds.
    for (let at = boundaries - 1; at >= 0; at -= 1) relax(at);
    for (let at = 0; at < boundaries; at += 1) relax(at);
    if (!changed) return potential;
    if (round > boundaries)
      throw new Error('complementary suppression: released figures contradict each other');
  }
}

/** Days that a bucket lasts. */
export const lengthOf = ({ grain, period }: Cell): number =>
  period === null || grain === 'ALL' ? Number.POSITIVE_INFINITY : daysFrom(period, ends[grain](period));
