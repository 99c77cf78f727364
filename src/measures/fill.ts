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
 * is dear to make (a join of stays and days) is made once. `together`: all grains of a set of dimensions in one
 * statement, which costs less to plan and more memory.
 */
export function fillMart(gold: GoldBuilder, dialect: Dialect, plan: MartPlan, together = true): Compilable[] {
  return inserts(gold, dialect, plan, plan.name, together, (by, kept) =>
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
  together: boolean,
  cellsOf: (by: readonly string[], grains: readonly Grain[]) => DynamicQuery,
): { readonly set: number; readonly statement: Compilable }[] {
  const fills: { number: number; by: string[]; grains: Grain[] }[] = [];
  for (const [number, { by, finest }] of [...keptSets(plan)].sort(([a], [b]) => a - b)) {
    const kept = grains.filter((grain) => isFinerOrEqual(finest, grain));
    for (const some of together ? [kept] : kept.map((grain) => [grain]))
      fills.push({ number, by, grains: some });
  }
  return fills.map(({ number, by, grains: some }) => ({
    set: number,
    statement: insert(gold, dialect, plan, target, number, by, cellsOf(by, some)),
  }));
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
