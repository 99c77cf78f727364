import { type Compilable, sql } from 'kysely';
import type { Dialect, DynamicQuery } from '../warehouse/dialect.js';
import { type CalendarGrain, type Grain, grains, isFinerOrEqual } from '../warehouse/grain.js';
import {
  type ColumnDeclaration,
  date,
  int32,
  int64,
  nullable,
  type TableDeclaration,
  table,
  text,
} from '../warehouse/table.js';
import { cellsQuery } from './cells.js';
import { events, type Part, partColumns, personsOf } from './parts.js';
import { dimensionOf, type EventSource, type GoldBuilder, splitBy } from './source.js';

/** What a mart keeps ready: the parts of cells for sets of dimensions, from a finest grain up to ALL. */
export interface MartPlan {
  readonly name: string;
  readonly source: EventSource;
  readonly parts: readonly Part[];
  /** Finest grain kept for a set of dimensions and all its subsets; `null`: not kept. */
  readonly cubes: readonly { readonly by: readonly string[]; readonly mart: Grain | null }[];
  /** Days of data that must follow an event before it counts. */
  readonly followed?: number;
}

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

function subsets(names: readonly string[]): string[][] {
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
    },
    sortedBy: ['by_set', 'grain', 'period', ...Object.keys(dimensionColumns)],
  });
}

/** Name of the table that holds the events of a mart while it is filled: the rows of `stagedQuery`. */
export const stagedEvents = (plan: MartPlan): string => `staged_${plan.source.name}`;

/** The calendar grains that are not the day itself, with the column of the staged events for their bucket. */
const stagedPeriods: Readonly<Partial<Record<CalendarGrain, string>>> = {
  WEEK: 'week_start',
  MONTH: 'month_start',
  QUARTER: 'quarter_start',
  YEAR: 'year_start',
};

/** The events of a mart with the buckets they fall into, which many statements would have to find again. */
export const stagedQuery = (gold: GoldBuilder, dialect: Dialect, { source }: MartPlan): DynamicQuery =>
  (gold.selectFrom(source.relation(gold, dialect).as('r')) as unknown as DynamicQuery)
    .selectAll('r')
    .select(
      Object.entries(stagedPeriods).map(([grain, column]) =>
        dialect.bucket(grain as CalendarGrain, sql.ref('r.day')).as(column),
      ),
    );

/** An order stands only beside a number of rows in the portable subset: this is more than any set of cells has. */
const allRows = 2 ** 31 - 1;

/**
 * Statements that fill the mart, in order: one a set of dimensions and grain. They read the events from the table
 * `stagedEvents`, so that a relation that is dear to make (a join of stays and days) is made once.
 */
export function fillMart(gold: GoldBuilder, dialect: Dialect, plan: MartPlan): Compilable[] {
  const source = eventsIn(gold, plan, stagedEvents(plan));
  return inserts(gold, dialect, plan, plan.name, (by, grain) =>
    cellsQuery(gold, dialect, { source, by, grain, parts: plan.parts, persons: true }),
  );
}

/** The source of a plan with its events in a table that was made by `stagedQuery`. */
export const eventsIn = (gold: GoldBuilder, plan: MartPlan, name: string): EventSource => ({
  ...plan.source,
  periods: stagedPeriods,
  relation: () => (gold.selectFrom(name as never) as unknown as DynamicQuery).selectAll(),
});

/** One INSERT into `target`, which has the columns of the mart, for every kept set of dimensions and grain. */
export function inserts(
  gold: GoldBuilder,
  dialect: Dialect,
  plan: MartPlan,
  target: string,
  cellsOf: (by: readonly string[], grain: Grain) => DynamicQuery,
): Compilable[] {
  const columns = Object.keys(martTable(plan).columns);
  const fills: { number: number; by: string[]; grain: Grain }[] = [];
  for (const [number, { by, finest }] of [...keptSets(plan)].sort(([a], [b]) => a - b)) {
    for (const grain of grains) if (isFinerOrEqual(finest, grain)) fills.push({ number, by, grain });
  }
  return fills.map(({ number, by, grain }) => {
    const cells = cellsOf(by, grain);
    const own = new Set(by.map((name) => dimensionOf(plan.source, name).column));
    const dimensions = new Map(
      Object.values(plan.source.dimensions).map((dimension) => [dimension.column, dimension.type]),
    );
    const select = (gold.selectFrom(cells.as('m')) as unknown as DynamicQuery).select(
      columns.map((column) => {
        const type = dimensions.get(column);
        if (column === 'by_set') return sql.lit(number).as(column);
        if (column === 'grain') return sql.lit(grain).as(column);
        if (column === 'period' && grain === 'ALL') {
          return sql`cast(null as ${sql.raw(dialect.columnType({ kind: 'date' }))})`.as(column);
        }
        if (type && !own.has(column))
          return sql`cast(null as ${sql.raw(dialect.columnType(type))})`.as(column);
        return sql.ref(`m.${column}`).as(column);
      }),
    );
    const ordered = [...(grain === 'ALL' ? [] : ['m.period']), ...[...own].map((column) => `m.${column}`)];
    return (
      gold as unknown as {
        insertInto(name: string): { columns(names: string[]): { expression(query: unknown): Compilable } };
      }
    )
      .insertInto(target)
      .columns(columns)
      .expression(ordered.reduce((query, column) => query.orderBy(sql.ref(column)), select.top(allRows)));
  });
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
