import { addDays, bucketStart, type CalendarGrain, type Grain } from '../../warehouse/grain.js';
import type { Cell, OfferedSet } from './cell.js';
import type { GiveWay } from './in-turns.js';
import { type Series, seriesOf } from './series.js';

/** A cell and parts of it, by one dimension or by time. Numbers are places in the list of cells. */
export interface Group {
  readonly parent: number;
  readonly children: readonly number[];
  /** The parts are all there is of the whole; else some is left over, as the ends of a month beside its weeks. */
  readonly isSplit: boolean;
  /** Parts in time, of ALL. */
  readonly wholeTime: boolean;
}

/** The cells of all sets that are released, and what everybody knows of how they relate. */
export interface Lattice {
  readonly cells: readonly Cell[];
  readonly groups: readonly Group[];
  /** Of each cell the number of its level, a set of dimensions at a grain: from 0. */
  readonly levels: Int32Array;
  /** Cells of one member in time, where weeks and months are released, which do not nest. */
  readonly series: readonly Series[];
}

export interface LatticeOf {
  readonly offered: readonly OfferedSet[];
  /** Dimensions by which every cell is split: no total over them is released. */
  readonly fixed: readonly string[];
  /** Buckets of different length are numbers of different things: none is the sum of others. */
  readonly timeless: boolean;
}

/** Buckets that are split into those of a grain, nearest first; weeks nest in none but the whole. */
const above: Readonly<Record<CalendarGrain, readonly Grain[]>> = {
  DAY: ['WEEK', 'MONTH'],
  WEEK: ['ALL'],
  MONTH: ['QUARTER'],
  QUARTER: ['YEAR'],
  YEAR: ['ALL'],
};

/** A bucket that holds another, and how. */
type Whole = Pick<Group, 'isSplit' | 'wholeTime'> & { readonly grain: Grain; readonly period: string | null };

function wholesOf(grain: CalendarGrain, period: string): readonly Whole[] {
  const nesting = above[grain].map((longer) => ({
    grain: longer,
    period: longer === 'ALL' ? null : bucketStart(longer, period),
    isSplit: true,
    wholeTime: longer === 'ALL',
  }));
  if (grain !== 'WEEK') return nesting;
  // The shortest bucket that holds the whole week.
  const sunday = addDays(period, 6);
  const around = (['MONTH', 'QUARTER', 'YEAR'] as const).find(
    (longer) => bucketStart(longer, period) === bucketStart(longer, sunday),
  );
  return around === undefined
    ? nesting
    : [...nesting, { grain: around, period: bucketStart(around, period), isSplit: false, wholeTime: false }];
}

/** Relates cells. A cell that is not in the list has no event, and everybody sees that. It takes long, and gives way to others. */
export async function latticeOf(
  cells: readonly Cell[],
  { offered, fixed, timeless }: LatticeOf,
  giveWay: GiveWay,
): Promise<Lattice> {
  const keys = new Keys(cells);
  const keyAt = Float64Array.from(cells, (cell) => keys.of(cell));
  const places = new Map(Array.from(keyAt, (key, at) => [key, at]));
  const grainsOf = memo(
    (by: readonly string[]) =>
      new Set(offered.find((set) => set.by.join() === by.join())?.grains ?? ([] as const)),
  );
  const wholes = memo((grain: CalendarGrain) => memo((period: string) => wholesOf(grain, period)));
  const groups: Group[] = [];
  /** By what is split: of each cell the number of the group that it is split into, or -1. */
  const splits = memo((_split: string) => new Int32Array(cells.length).fill(-1));
  const children: number[][] = [];
  const join = (
    child: number,
    split: string,
    key: number,
    { isSplit, wholeTime }: Pick<Group, 'isSplit' | 'wholeTime'>,
  ): void => {
    const parent = places.get(key);
    if (parent === undefined) return;
    const groupAt = splits.of(split);
    const known = children[groupAt[parent] ?? -1];
    if (known) {
      known.push(child);
      return;
    }
    groupAt[parent] = groups.length;
    const own = [child];
    children.push(own);
    groups.push({ parent, children: own, isSplit, wholeTime });
  };
  await giveWay();
  for (const [at, cell] of cells.entries()) {
    if (at % betweenLooks === 0) await giveWay();
    const { by, members, grain, period } = cell;
    const key = keyAt[at] as number;
    for (const [place, dimension] of by.entries())
      if (!fixed.includes(dimension))
        join(at, dimension, key - keys.digit(dimension, members[place]), wholly);
    if (timeless || grain === 'ALL' || period === null) continue;
    for (const whole of wholes.of(grain).of(period))
      if (grainsOf.of(by).has(whole.grain))
        join(at, grain, key + keys.bucket(whole) - keys.bucket(cell), whole);
  }
  await giveWay();
  return { cells, groups, levels: levelsOf(cells), series: timeless ? [] : seriesOf(cells, offered) };
}

/** After how many cells it is asked whether others wait. */
const betweenLooks = 1024;

/** How members of a dimension are parts of a whole. */
const wholly = { isSplit: true, wholeTime: false } as const;

function levelsOf(cells: readonly Cell[]): Int32Array {
  let levels = 0;
  const numbers = memo((_level: string) => levels++);
  const ofSet = memo((by: readonly string[]) => memo((grain: Grain) => numbers.of(`${by.join()} ${grain}`)));
  return Int32Array.from(cells, ({ by, grain }) => ofSet.of(by).of(grain));
}

/** A function of which each answer is kept. */
function memo<K, V>(make: (key: K) => V): { of(key: K): V } {
  const made = new Map<K, V>();
  return {
    of(key) {
      const known = made.get(key);
      if (known !== undefined) return known;
      const value = make(key);
      made.set(key, value);
      return value;
    },
  };
}

/**
 * One whole number a cell: a digit for the member of each dimension, where zero is that it is not split, and one for its
 * bucket. Error: the cube has more possible cells than a double tells apart.
 */
class Keys {
  private readonly digits = new Map<
    string,
    { readonly weight: number; readonly members: Map<string, number> }
  >();
  private bucketCount = 0;
  private readonly buckets = memo((_grain: Grain) => memo((_period: string | null) => this.bucketCount++));
  private readonly weightOfTime: number;

  constructor(cells: readonly Cell[]) {
    const members = new Map<string, Map<string, number>>();
    for (const cell of cells)
      for (const [place, dimension] of cell.by.entries()) {
        const own = members.get(dimension) ?? new Map<string, number>();
        members.set(dimension, own);
        const member = cell.members[place] ?? '';
        if (!own.has(member)) own.set(member, own.size + 1);
      }
    let weight = 1;
    for (const [dimension, own] of members) {
      this.digits.set(dimension, { weight, members: own });
      weight *= own.size + 1;
    }
    this.weightOfTime = weight;
    for (const cell of cells) this.bucket(cell);
    if (weight * (this.bucketCount + 1) > Number.MAX_SAFE_INTEGER)
      throw new Error('complementary suppression: a mart has too many dimensions');
  }

  of(cell: Cell): number {
    let key = this.bucket(cell);
    for (const [place, dimension] of cell.by.entries()) key += this.digit(dimension, cell.members[place]);
    return key;
  }

  digit(dimension: string, member: string | undefined): number {
    const { weight, members } = this.digits.get(dimension) ?? { weight: 0, members: undefined };
    return weight * (members?.get(member ?? '') ?? 0);
  }

  /** Buckets that no cell has get a number as well, and find none. */
  bucket({ grain, period }: Pick<Cell, 'grain' | 'period'>): number {
    return this.buckets.of(grain).of(period) * this.weightOfTime;
  }
}
