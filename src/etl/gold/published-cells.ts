import type { Cell, CellFigures } from '../../access/complementary/cell.js';
import type { GiveWay } from '../../access/complementary/in-turns.js';
import { type Lattice, latticeOf } from '../../access/complementary/lattice.js';
import { type DisclosureRule, dominant } from '../../access/disclosure.js';
import { type Figure, withheldOf } from '../../measures/figures.js';
import { type MartPlan, type Published, setNumber } from '../../measures/mart.js';
import { dimensionOf } from '../../measures/source.js';
import { addDays, firstOpenBucket, type Grain } from '../../warehouse/grain.js';
import type { Engine } from '../engine.js';
import { name, quoted } from '../sql.js';

/** The cells of a mart that may be asked for by roles with published figures, in the order of their keys. */
export interface PublishedCells {
  /** How they relate: dear to make, and not needed where nothing is hidden. */
  lattice(): Promise<Lattice>;
  /** Where each cell is in the mart, as the engine counts rows. */
  readonly rowIds: readonly number[];
  /** One figure of every cell: its value, and whether it is hidden for what it is. */
  figures(figure: Figure): CellFigures;
  /** Whether it is marked as withheld in the mart, of every cell. */
  marked(figure: Figure): readonly boolean[];
}

/**
 * Reads the published cells of a mart of the release that is in use. Buckets are open that end after the day `dataAsOf`,
 * less the days by which the mart lets an event ripen.
 */
export async function publishedCells(
  engine: Engine,
  mart: MartPlan,
  published: Published,
  dataAsOf: string,
  { threshold }: DisclosureRule,
  giveWay: GiveWay,
): Promise<PublishedCells> {
  const { sets, timeless } = published;
  const columns = await engine.columns(publishedSql(mart, published));
  const numbers = (column: string): readonly number[] => columns[column] as number[];
  return {
    lattice: () =>
      latticeOf(
        cellsOf(mart, published, columns, dataAsOf),
        { offered: sets, fixed: mart.source.fixed, timeless },
        giveWay,
      ),
    rowIds: numbers('row_id'),
    figures({ column, persons, top }) {
      const [values, people] = [numbers(column), numbers(persons)];
      const most = top === undefined ? undefined : numbers(top);
      const [few, hidden] = [new Uint8Array(values.length), new Uint8Array(values.length)];
      for (let at = 0; at < values.length; at += 1) {
        const value = values[at] ?? 0;
        const isFew = value > 0 && (value < threshold || (people[at] ?? 0) < threshold);
        few[at] = isFew ? 1 : 0;
        // Of a sum, one patient may have nearly all.
        hidden[at] = isFew || (most?.[at] ?? 0) * 100 > value * dominant ? 1 : 0;
      }
      return { values, hidden, few };
    },
    marked: ({ column }) => columns[withheldOf(column)] as boolean[],
  };
}

function cellsOf(
  mart: MartPlan,
  { sets }: Published,
  columns: Readonly<Record<string, readonly unknown[]>>,
  dataAsOf: string,
): Cell[] {
  const isOpen = openAfter(addDays(dataAsOf, -(mart.followed ?? 0)));
  const dimensions = new Map(
    sets.map(({ by }) => [
      setNumber(mart.source, by),
      { by, members: by.map((one) => columns[dimensionOf(mart.source, one).column] ?? []) },
    ]),
  );
  const periods = columns.period as readonly (string | null)[];
  const grains = columns.grain as readonly Grain[];
  return (columns.by_set as readonly number[]).map((set, at): Cell => {
    const { by, members } = dimensions.get(set) ?? { by: [], members: [] };
    const [grain, period] = [grains[at] ?? 'ALL', periods[at] ?? null];
    return { by, members: members.map((own) => String(own[at])), grain, period, open: isOpen(grain, period) };
  });
}

/** Buckets are closed whose last day lies in the data. */
function openAfter(last: string): (grain: Grain, period: string | null) => boolean {
  const open = new Map<Grain, string>();
  return (grain, period) => {
    if (grain === 'ALL' || period === null) return false;
    const from = open.get(grain) ?? firstOpenBucket(grain, last);
    open.set(grain, from);
    return period >= from;
  };
}

function publishedSql(mart: MartPlan, { sets, figures }: Published): string {
  const dimensions = Object.values(mart.source.dimensions).map(({ column }) => name(column));
  const numbers = new Set(
    figures.flatMap(({ column, persons, top }) => [column, persons, ...(top === undefined ? [] : [top])]),
  );
  const selected = [
    'cast(rowid as double) as row_id',
    'by_set',
    'grain',
    'cast(period as varchar) as period',
    ...dimensions.map((column) => `cast(${column} as varchar) as ${column}`),
    ...[...numbers].map((column) => `coalesce(cast(${name(column)} as double), 0) as ${name(column)}`),
    ...figures.map(
      ({ column }) => `coalesce(${name(withheldOf(column))}, false) as ${name(withheldOf(column))}`,
    ),
  ];
  const asked = sets.map(
    ({ by, grains }) =>
      `(by_set = ${setNumber(mart.source, by)} and grain in (${grains.map(quoted).join(', ')}))`,
  );
  const key = [
    'by_set',
    'grain',
    `${mart.name}.period`,
    ...dimensions.map((column) => `${mart.name}.${column}`),
  ];
  return `select ${selected.join(', ')} from ${mart.name} where ${asked.join(' or ')} order by ${key.join(', ')}`;
}
