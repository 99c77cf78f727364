import { addDays, addMonths, bucketStart, type Grain } from '../../src/warehouse/grain.js';

/** What an attacker knows of one cell: where it is, and between which numbers its figure lies. */
export interface AttackedCell {
  /** Member by dimension. */
  readonly by: Readonly<Record<string, string>>;
  readonly grain: Grain;
  readonly period: string | null;
  low: number;
  high: number;
}

export interface AttackOn {
  /** Events add up over parts; of patients the whole has at least those of each part, and at most all of them. */
  readonly kind: 'events' | 'patients';
  /** Dimensions by which every cell is split. */
  readonly fixed: readonly string[];
  /** Buckets of different length are numbers of different things. */
  readonly timeless: boolean;
}

const afterOf = (grain: Grain, first: string): string => {
  switch (grain) {
    case 'DAY':
      return addDays(first, 1);
    case 'WEEK':
      return addDays(first, 7);
    case 'MONTH':
      return addMonths(first, 1);
    case 'QUARTER':
      return addMonths(first, 3);
    default:
      return addMonths(first, 12);
  }
};

const nextAbove: Partial<Record<Grain, readonly Grain[]>> = {
  DAY: ['WEEK', 'MONTH'],
  WEEK: ['ALL'],
  MONTH: ['QUARTER'],
  QUARTER: ['YEAR'],
  YEAR: ['ALL'],
};

interface Table {
  readonly whole: AttackedCell;
  readonly parts: AttackedCell[];
}

const keyOf = (by: Readonly<Record<string, string>>, grain: Grain, period: string | null): string =>
  JSON.stringify([Object.entries(by).sort(), grain, period]);

/** Every total that is released beside its parts. */
function tablesOf(cells: readonly AttackedCell[], { fixed, timeless }: AttackOn): Table[] {
  const cellAt = new Map(cells.map((cell) => [keyOf(cell.by, cell.grain, cell.period), cell]));
  const tables = new Map<string, Table>();
  const add = (name: string, whole: AttackedCell | undefined, part: AttackedCell): void => {
    if (whole === undefined) return;
    const key = name + keyOf(whole.by, whole.grain, whole.period);
    const table = tables.get(key) ?? { whole, parts: [] };
    tables.set(key, table);
    table.parts.push(part);
  };
  for (const cell of cells) {
    const { by, grain, period } = cell;
    for (const dimension of Object.keys(by).filter((name) => !fixed.includes(name))) {
      const { [dimension]: _member, ...rest } = by;
      add(dimension, cellAt.get(keyOf(rest, grain, period)), cell);
    }
    if (timeless || period === null || grain === 'ALL') continue;
    for (const longer of nextAbove[grain] ?? [])
      add(grain, cellAt.get(keyOf(by, longer, longer === 'ALL' ? null : bucketStart(longer, period))), cell);
  }
  return [...tables.values()];
}

/** Narrows by one table. Whether a bound moved. */
function byTable({ whole, parts }: Table, kind: AttackOn['kind']): boolean {
  let moved = false;
  const narrow = (cell: AttackedCell, low: number, high: number): void => {
    if (low > cell.low || high < cell.high) moved = true;
    cell.low = Math.max(cell.low, low);
    cell.high = Math.min(cell.high, high);
  };
  const lows = parts.reduce((sum, part) => sum + part.low, 0);
  const finite = parts.filter(({ high }) => high !== Number.POSITIVE_INFINITY);
  const highs = finite.reduce((sum, part) => sum + part.high, 0);
  const endless = parts.length - finite.length;
  const most = parts.reduce((largest, { low }) => Math.max(largest, low), 0);
  narrow(whole, kind === 'events' ? lows : most, endless > 0 ? Number.POSITIVE_INFINITY : highs);
  // From what was known of all parts before: a bound that moves is used in the next round.
  for (const part of parts) {
    const isEndless = part.high === Number.POSITIVE_INFINITY;
    const others =
      endless > (isEndless ? 1 : 0) ? Number.POSITIVE_INFINITY : highs - (isEndless ? 0 : part.high);
    narrow(part, whole.low - others, whole.high - (kind === 'events' ? lows - part.low : 0));
  }
  return moved;
}

/** Weeks against months: the sum up to a day never falls, and each bucket bounds the difference of two of them. */
function bySeries(cells: readonly AttackedCell[]): boolean {
  const dated = cells.filter((cell) => cell.period !== null && cell.grain !== 'ALL');
  const grains = [...new Set(dated.map(({ grain }) => grain))];
  const first = dated.map(({ period }) => period ?? '').sort()[0] ?? '';
  const last =
    dated
      .map(({ grain, period }) => afterOf(grain, period ?? ''))
      .sort()
      .at(-1) ?? '';
  const known = new Map(dated.map((cell) => [`${cell.grain} ${cell.period}`, cell]));
  const buckets = grains.flatMap((grain) => {
    const all: { from: string; to: string; cell: AttackedCell | undefined }[] = [];
    if (grain === 'ALL') return all;
    for (let from = bucketStart(grain, first); afterOf(grain, from) <= last; from = afterOf(grain, from))
      all.push({ from, to: afterOf(grain, from), cell: known.get(`${grain} ${from}`) });
    return all;
  });
  const days = [...new Set(buckets.flatMap(({ from, to }) => [from, to]))].sort();
  const at = new Map(days.map((day, place) => [day, place]));
  const n = days.length;
  // most[a * n + b]: how far the sum at b can lie above that at a.
  const most = new Float64Array(n * n).fill(Number.POSITIVE_INFINITY);
  const bound = (a: number, b: number, value: number): void => {
    most[a * n + b] = Math.min(most[a * n + b]!, value);
  };
  for (let a = 0; a < n; a += 1) {
    bound(a, a, 0);
    if (a > 0) bound(a, a - 1, 0);
  }
  for (const { from, to, cell } of buckets) {
    bound(at.get(from)!, at.get(to)!, cell?.high ?? 0);
    bound(at.get(to)!, at.get(from)!, -(cell?.low ?? 0));
  }
  // Floyd and Warshall.
  for (let via = 0; via < n; via += 1)
    for (let a = 0; a < n; a += 1) {
      const head = most[a * n + via]!;
      if (head === Number.POSITIVE_INFINITY) continue;
      for (let b = 0; b < n; b += 1) {
        const way = head + most[via * n + b]!;
        if (way < most[a * n + b]!) most[a * n + b] = way;
      }
    }
  let moved = false;
  for (const { from, to, cell } of buckets) {
    if (cell === undefined) continue;
    const [low, high] = [-most[at.get(to)! * n + at.get(from)!]!, most[at.get(from)! * n + at.get(to)!]!];
    if (low > cell.low || high < cell.high) moved = true;
    cell.low = Math.max(cell.low, low);
    cell.high = Math.min(cell.high, high);
  }
  return moved;
}

/** Narrows all cells by all that relates them, until nothing moves: sums of tables, and of buckets that do not nest. */
export function attack(cells: readonly AttackedCell[], on: AttackOn): void {
  const tables = tablesOf(cells, on);
  const lines = new Map<string, AttackedCell[]>();
  if (!on.timeless && on.kind === 'events')
    for (const cell of cells) {
      const member = keyOf(cell.by, 'ALL', null);
      lines.set(member, [...(lines.get(member) ?? []), cell]);
    }
  const uneven = [...lines.values()].filter(
    (line) => line.some(({ grain }) => grain === 'WEEK') && !line.some(({ grain }) => grain === 'DAY'),
  );
  for (;;) {
    while (tables.map((table) => byTable(table, on.kind)).includes(true));
    if (!uneven.map(bySeries).includes(true)) return;
  }
}
