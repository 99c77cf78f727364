import type { FigureKind } from '../../measures/figures.js';
import type { DisclosureRule } from '../disclosure.js';
import type { Cell, CellFigures, Intervals } from './cell.js';
import type { GiveWay } from './in-turns.js';
import type { Group, Lattice } from './lattice.js';
import { closeSeries, type Series } from './series.js';

/**
 * What the released figures by themselves tell an attacker: zero is zero, a rounded figure is known to the width of the
 * rounding, a hidden one is small, and of what is withheld only that it would have been shown, or nothing where it is hidden
 * by itself or zero.
 */
export function knownAtFirst(
  cells: readonly Cell[],
  { values, hidden }: CellFigures,
  withheld: ReadonlySet<number>,
  { threshold, base }: DisclosureRule,
): Intervals {
  const low = new Float64Array(cells.length);
  const high = new Float64Array(cells.length).fill(Number.POSITIVE_INFINITY);
  const below = Math.floor(base / 2);
  for (let at = 0; at < cells.length; at += 1) {
    const value = values[at] ?? 0;
    if (cells[at]?.open) continue;
    if (withheld.has(at)) {
      if (value > 0 && !hidden[at]) low[at] = threshold;
    } else if (hidden[at]) {
      low[at] = Math.min(1, value);
      // A few patients can have many events.
      high[at] = Math.max(threshold - 1, value);
    } else if (value === 0) high[at] = 0;
    else {
      const shown = Math.floor((value + below) / base) * base;
      low[at] = Math.max(threshold, shown - below);
      high[at] = shown - below + base - 1;
    }
  }
  return { low, high };
}

/**
 * Narrows intervals by everything that relates the cells, until nothing more follows. A cell that becomes narrower has
 * the groups and series around it looked at again.
 */
export function propagator(
  { cells, groups, series }: Lattice,
  giveWay: GiveWay,
): (known: Intervals, kind: FigureKind) => Promise<void> {
  const around = groupsAround(cells.length, groups);
  const seriesAt = new Int32Array(cells.length).fill(-1);
  for (const [at, { buckets }] of series.entries())
    for (const { cell } of buckets) if (cell !== undefined) seriesAt[cell] = at;
  return async (known, kind) => {
    const stale = new Queue(groups.length);
    for (const at of groups.keys()) stale.add(at);
    // Patients of a bucket are no sum of those of shorter ones.
    const staleSeries = new Set(kind === 'events' ? series.keys() : []);
    const narrowed = (cell: number): void => {
      for (const group of around[cell] ?? []) stale.add(group);
      const own = seriesAt[cell] ?? -1;
      if (own >= 0 && kind === 'events') staleSeries.add(own);
    };
    const narrow = kind === 'events' ? narrowSum : narrowUnion;
    do {
      let looks = 0;
      for (let next = stale.take(); next !== undefined; next = stale.take()) {
        narrow(groups[next] as Group, known, narrowed);
        looks += 1;
        if (looks % betweenLooks === 0) await giveWay();
      }
      const some = [...staleSeries];
      staleSeries.clear();
      for (const at of some) {
        for (const cell of closeSeries(series[at] as Series, known)) narrowed(cell);
        // Nothing more follows from the series by itself.
        staleSeries.delete(at);
      }
    } while (!stale.isEmpty || staleSeries.size > 0);
  };
}

/** After how many groups it is asked whether others wait: a clock costs as much as some groups. */
const betweenLooks = 256;

/** The groups that a cell is part of or parent of. */
function groupsAround(cells: number, groups: readonly Group[]): readonly (readonly number[])[] {
  const around = Array.from({ length: cells }, (): number[] => []);
  for (const [at, { parent, children }] of groups.entries()) {
    around[parent]?.push(at);
    for (const child of children) around[child]?.push(at);
  }
  return around;
}

/** Numbers below a limit, each at most once at a time, first in first out. */
class Queue {
  private readonly waiting: Uint8Array;
  private readonly ring: Int32Array;
  private first = 0;
  private size = 0;

  constructor(limit: number) {
    this.waiting = new Uint8Array(limit);
    this.ring = new Int32Array(Math.max(1, limit));
  }

  get isEmpty(): boolean {
    return this.size === 0;
  }

  add(one: number): void {
    if (this.waiting[one]) return;
    this.waiting[one] = 1;
    this.ring[(this.first + this.size) % this.ring.length] = one;
    this.size += 1;
  }

  take(): number | undefined {
    if (this.size === 0) return undefined;
    const one = this.ring[this.first] ?? 0;
    this.first = (this.first + 1) % this.ring.length;
    this.size -= 1;
    this.waiting[one] = 0;
    return one;
  }
}

function raise(values: Float64Array, at: number, to: number): boolean {
  if (to <= (values[at] ?? 0)) return false;
  values[at] = to;
  return true;
}
function lower(values: Float64Array, at: number, to: number): boolean {
  if (to >= (values[at] ?? 0)) return false;
  values[at] = to;
  return true;
}

/** The parent is the sum of its children, or more where they are not all of it. */
function narrowSum(
  { parent, children, isSplit }: Group,
  { low, high }: Intervals,
  narrowed: (cell: number) => void,
): void {
  let [lows, highs, endless, widest] = [0, 0, 0, 0];
  for (const at of children) {
    const [from, to] = [low[at] ?? 0, high[at] ?? 0];
    lows += from;
    if (to === Number.POSITIVE_INFINITY) endless += 1;
    else highs += to;
    widest = Math.max(widest, to - from);
  }
  if (raise(low, parent, lows)) narrowed(parent);
  if (isSplit && endless === 0 && lower(high, parent, highs)) narrowed(parent);
  const most = high[parent] ?? 0;
  const least = isSplit ? (low[parent] ?? 0) : 0;
  const [lowers, raises] = [most - lows < widest, endless === 1 || (endless === 0 && highs - least < widest)];
  if (!lowers && !raises) return;
  // Each by what was known of the others before: a narrower interval makes the group stale again.
  for (const at of children) {
    const [from, to] = [low[at] ?? 0, high[at] ?? 0];
    const isEndless = to === Number.POSITIVE_INFINITY;
    const othersEndless = endless > (isEndless ? 1 : 0);
    if (!othersEndless && raise(low, at, least - (isEndless ? highs : highs - to))) narrowed(at);
    if (lower(high, at, most - (lows - from))) narrowed(at);
  }
}

/** The parent's patients are those of its children, of whom some may be in several, or more where these are not all of it. */
function narrowUnion(
  { parent, children, isSplit }: Group,
  { low, high }: Intervals,
  narrowed: (cell: number) => void,
): void {
  let [largest, highs, endless] = [0, 0, 0];
  for (const at of children) {
    const most = high[at] ?? 0;
    largest = Math.max(largest, low[at] ?? 0);
    if (most === Number.POSITIVE_INFINITY) endless += 1;
    else highs += most;
  }
  if (raise(low, parent, largest)) narrowed(parent);
  if (isSplit && endless === 0 && lower(high, parent, highs)) narrowed(parent);
  const [most, least] = [high[parent] ?? 0, isSplit ? (low[parent] ?? 0) : 0];
  for (const at of children) {
    const to = high[at] ?? 0;
    const isEndless = to === Number.POSITIVE_INFINITY;
    const othersEndless = endless > (isEndless ? 1 : 0);
    if (!othersEndless && raise(low, at, least - (isEndless ? highs : highs - to))) narrowed(at);
    if (lower(high, at, most)) narrowed(at);
  }
}
