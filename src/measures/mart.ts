import { sql } from 'kysely';
import type { DynamicQuery } from '../warehouse/dialect.js';
import { type Grain, isFinerOrEqual } from '../warehouse/grain.js';
import {
  boolean,
  type ColumnDeclaration,
  date,
  int32,
  int64,
  nullable,
  type TableDeclaration,
  table,
  text,
} from '../warehouse/table.js';
import { type Figure, withheldOf } from './figures.js';
import { events, type Part, partColumns, personsOf } from './parts.js';
import { type EventSource, type GoldBuilder, splitBy } from './source.js';

/** What a mart keeps ready: the parts of cells for sets of dimensions, from a finest grain up to ALL. */
export interface MartPlan {
  readonly name: string;
  readonly source: EventSource;
  readonly parts: readonly Part[];
  /** Finest grain kept for a set of dimensions and all its subsets; `null`: not kept. */
  readonly cubes: readonly { readonly by: readonly string[]; readonly mart: Grain | null }[];
  /** Days of data that must follow an event before it counts. */
  readonly followed?: number;
  /** What roles with published figures may ask for; undefined where there is no such role. */
  readonly published?: Published;
}

/** What of a mart is published. */
export interface Published {
  /** Sets of dimensions, fixed ones among them in the order of the source, with their grains. */
  readonly sets: readonly { readonly by: readonly string[]; readonly grains: readonly Grain[] }[];
  readonly figures: readonly Figure[];
  /** Buckets of different length are numbers of different things. */
  readonly timeless: boolean;
}

/** Columns that the fill leaves empty: which figures are withheld is known when all cells are. */
const withheldColumns = ({ published }: MartPlan): Record<string, ColumnDeclaration> =>
  Object.fromEntries(
    (published?.figures ?? []).map(({ column }) => [
      withheldOf(column),
      nullable(boolean(`${column} is not published, so that a hidden figure cannot be worked out`)),
    ]),
  );

/** Number of a set of dimensions: bit i for the i-th dimension of the source. Fixed ones are always in it. */
export function setNumber(source: EventSource, by: readonly string[]): number {
  const names = Object.keys(source.dimensions);
  return splitBy(source, by).reduce((sum, name) => sum + 2 ** names.indexOf(name), 0);
}

/** Every set of dimensions that the cubes contain, with the finest grain kept for it. */
export function keptSets(plan: MartPlan): Map<number, { by: string[]; finest: Grain }> {
  const kept = new Map<number, { by: string[]; finest: Grain }>();
  for (const cube of plan.cubes) {
    if (cube.mart === null) continue;
    for (const by of subsets(cube.by)) {
      const number = setNumber(plan.source, by);
      const known = kept.get(number);
      if (!known || isFinerOrEqual(cube.mart, known.finest))
        kept.set(number, { by: splitBy(plan.source, by), finest: cube.mart });
    }
  }
  return kept;
}

/** All subsets of a list, each in its order. */
export function subsets(names: readonly string[]): string[][] {
  const [first, ...rest] = names;
  if (first === undefined) return [[]];
  const without = subsets(rest);
  return without.concat(without.map((set) => [first, ...set]));
}

/** The table of the mart: one row a set of dimensions, grain, bucket and member. */
export function martTable(plan: MartPlan): TableDeclaration {
  const dimensionColumns = Object.fromEntries(
    Object.entries(plan.source.dimensions).map(([name, dimension]): [string, ColumnDeclaration] => [
      dimension.column,
      {
        type: dimension.type,
        nullable: true,
        description: `member of ${name}; null where it is not split by`,
      },
    ]),
  );
  return table({
    name: plan.name,
    description: `Cells of ${plan.source.name} ready for the common questions, with the patients behind them.`,
    columns: {
      by_set: int32('set of dimensions, as a bit mask in their order'),
      grain: text(8)('DAY WEEK MONTH QUARTER YEAR ALL'),
      period: nullable(date('first day of the bucket; null for ALL')),
      ...dimensionColumns,
      [events]: int64('events of the cell'),
      [personsOf(events)]: int64('distinct patients of the cell'),
      ...Object.assign({}, ...plan.parts.filter((part) => part.id !== events).map(partColumns)),
      ...withheldColumns(plan),
    },
    sortedBy: ['by_set', 'grain', 'period', ...Object.keys(dimensionColumns)],
  });
}

/** Columns of the mart that a fill gives. */
export function filledColumns(plan: MartPlan): string[] {
  const withheld = withheldColumns(plan);
  return Object.keys(martTable(plan).columns).filter((column) => !Object.hasOwn(withheld, column));
}

/** Cells as the mart keeps them, or undefined where it does not keep this question. */
export function martCells(
  gold: GoldBuilder,
  plan: MartPlan,
  kept: ReadonlyMap<number, { readonly finest: Grain }>,
  by: readonly string[],
  grain: Grain,
): DynamicQuery | undefined {
  const number = setNumber(plan.source, by);
  const found = kept.get(number);
  if (!found || !isFinerOrEqual(found.finest, grain)) return undefined;
  return (gold.selectFrom(plan.name as never) as unknown as DynamicQuery)
    .selectAll()
    .where('by_set', '=', sql.lit(number))
    .where('grain', '=', sql.lit(grain));
}
