import { type Compilable, sql } from 'kysely';
import type { Dialect, DynamicQuery } from '../warehouse/dialect.js';
import { type Grain, grains, isFinerOrEqual } from '../warehouse/grain.js';
import { bucketColumns, bucketedSource } from './buckets.js';
import { cellsQuery } from './cells.js';
import { filledColumns, keptSets, type MartPlan } from './mart.js';
import { dimensionOf, type GoldBuilder, subquery } from './source.js';

/** An order stands only beside a number of rows in the portable subset: this is more than any set of cells has. */
const allRows = 2 ** 31 - 1;

/**
 * Statements that fill the mart, in order. They read the events from the table `stagedEvents`, so that a relation that
 * is dear to make (a join of stays and days) is made once. All grains of a set of dimensions are one statement, which costs
 * little to plan, and memory: `fillLargeMart` is for more events than a million or two.
 */
export function fillMart(gold: GoldBuilder, dialect: Dialect, plan: MartPlan): Compilable[] {
  return inserts(gold, dialect, plan, plan.name, (by, kept) =>
    cellsQuery(gold, dialect, {
      source: bucketedSource(gold, dialect, plan, kept),
      by,
      grain: 'ALL',
      parts: plan.parts,
      persons: true,
    }),
  ).map(({ statement }) => statement);
}

/**
 * INSERTs into `target`, which has the columns of the mart, for every kept set of dimensions and grain. Cells have
 * `grain` and `bucket` beside the columns of their dimensions.
 */
export function inserts(
  gold: GoldBuilder,
  dialect: Dialect,
  plan: MartPlan,
  target: string,
  cellsOf: (by: readonly string[], grains: readonly Grain[]) => DynamicQuery,
): { readonly set: number; readonly statement: Compilable }[] {
  const sets = [...keptSets(plan)].sort(([a], [b]) => a - b);
  return sets.map(([number, { by, finest }]) => {
    const kept = grains.filter((grain) => isFinerOrEqual(finest, grain));
    return { set: number, statement: insert(gold, dialect, plan, target, number, by, cellsOf(by, kept)) };
  });
}

/** INSERT into `target` of cells of all sets, which have `by_set` and `bucket` beside the columns of the mart. */
export function insertWhole(
  gold: GoldBuilder,
  plan: MartPlan,
  target: string,
  cells: DynamicQuery,
): Compilable {
  const columns = filledColumns(plan);
  const own = Object.values(plan.source.dimensions).map(({ column }) => column);
  return ordered(
    gold,
    target,
    columns,
    subquery(gold, cells, 'm').select(columns.map((column) => kept(column))),
    ['by_set', ...bucketColumns, ...own],
  );
}

/** A column of the mart from cells `m`, whose bucket stands for the period of ALL too. */
const kept = (column: string) =>
  column === 'period'
    ? sql`case when ${sql.ref('m.grain')} <> 'ALL' then ${sql.ref('m.bucket')} end`.as(column)
    : sql.ref(`m.${column}`).as(column);

/** INSERT of a selection from `m`, in the order of some of its columns. */
function ordered(
  gold: GoldBuilder,
  target: string,
  columns: string[],
  selection: DynamicQuery,
  by: readonly string[],
): Compilable {
  const rows = by.reduce((query, column) => query.orderBy(sql.ref(`m.${column}`)), selection.top(allRows));
  return (
    gold as unknown as {
      insertInto(name: string): { columns(names: string[]): { expression(query: unknown): Compilable } };
    }
  )
    .insertInto(target)
    .columns(columns)
    .expression(rows);
}

/** INSERT into the mart of cells of one set of dimensions, which have `grain` and `bucket` beside their columns. */
export const insertCells = (
  gold: GoldBuilder,
  dialect: Dialect,
  plan: MartPlan,
  { number, by }: { readonly number: number; readonly by: readonly string[] },
  cells: DynamicQuery,
): Compilable => insert(gold, dialect, plan, plan.name, number, by, cells);

function insert(
  gold: GoldBuilder,
  dialect: Dialect,
  plan: MartPlan,
  target: string,
  number: number,
  by: readonly string[],
  cells: DynamicQuery,
): Compilable {
  const columns = filledColumns(plan);
  const own = by.map((name) => dimensionOf(plan.source, name).column);
  const dimensions = new Map(
    Object.values(plan.source.dimensions).map((dimension) => [dimension.column, dimension.type]),
  );
  const select = subquery(gold, cells, 'm').select(
    columns.map((column) => {
      const type = dimensions.get(column);
      if (column === 'by_set') return sql.lit(number).as(column);
      if (type && !own.includes(column))
        return sql`cast(null as ${sql.raw(dialect.columnType(type))})`.as(column);
      return kept(column);
    }),
  );
  return ordered(gold, target, columns, select, [...bucketColumns, ...own]);
}
