import { type Expression, type RawBuilder, sql } from 'kysely';
import type { Dialect, DynamicQuery } from '../warehouse/dialect.js';
import { allBucket } from './buckets.js';
import { calendarGrains, correctionTables, dimensionColumns, has } from './correction.js';
import type { MartPlan } from './mart.js';
import { dimensionOf, type GoldBuilder, queryOf } from './source.js';

/** Columns that say which cell of a mart it is; those of dimensions that its set has not are null. */
export const cellKeys = (plan: MartPlan): string[] => [
  'by_set',
  'grain',
  'period',
  ...dimensionColumns(plan),
];

/** A cell's key in a row, period being a day for ALL too. A row `m` of the mart has none there. */
const keyIn = (alias: string, key: string): RawBuilder<unknown> =>
  alias === 'm' && key === 'period'
    ? sql`coalesce(${sql.ref('m.period')}, ${allBucket})`
    : sql`${sql.ref(`${alias}.${key}`)}`;

/** The rows of a query by cell that are touched, whose columns have `alias`: `m` is the mart. */
export const joinTouched = (plan: MartPlan, query: DynamicQuery, alias: string): DynamicQuery =>
  query.innerJoin(`${correctionTables.cells} as t`, (join) =>
    cellKeys(plan).reduce(
      (joined, key) =>
        joined.on(
          sql<boolean>`${keyIn(alias, key)} ${sql.raw(dimensionColumns(plan).includes(key) ? 'is not distinct from' : '=')} ${keyIn('t', key)}`,
        ),
      join,
    ),
  );

/** First day of the bucket of a grain into which a day falls. */
export function bucketIn(
  dialect: Dialect,
  plan: MartPlan,
  grain: Expression<unknown>,
  day: Expression<unknown>,
): RawBuilder<unknown> {
  const buckets = calendarGrains(plan).map(
    (one) => sql`when ${sql.lit(one)} then ${dialect.bucket(one, day)}`,
  );
  return buckets.length === 0
    ? allBucket
    : sql`case ${grain} ${sql.join(buckets, sql` `)} else ${allBucket} end`;
}

/** The buckets into which the `day` of a row of a table falls, each once with some of its columns: `grain`, `period`. */
export function bucketsOf(
  gold: GoldBuilder,
  dialect: Dialect,
  plan: MartPlan,
  table: string,
  columns: readonly string[] = [],
): DynamicQuery {
  const grains = queryOf(gold, correctionTables.kept).select('grain').distinct();
  return queryOf(gold, `${table} as d`)
    .innerJoin(grains.as('g'), (join) => join.on(sql<boolean>`1 = 1`))
    .select(columns.map((column) => sql.ref(`d.${column}`).as(column)))
    .select(['g.grain', bucketIn(dialect, plan, sql.ref('g.grain'), sql.ref('d.day')).as('period')])
    .distinct();
}

/**
 * The cells that are made anew, by their `cellKeys`: those with an event that has changed, and all cells of the buckets in
 * which the days with data have.
 */
export function touchedCells(gold: GoldBuilder, dialect: Dialect, plan: MartPlan): DynamicQuery {
  const { changed, kept, buckets } = correctionTables;
  const events = bucketsOf(gold, dialect, plan, changed, dimensionColumns(plan));
  const ofEvents = queryOf(gold, events.as('e'))
    .innerJoin(`${kept} as k`, (join) => join.onRef('k.grain', '=', 'e.grain'))
    .select(['k.by_set', 'e.grain', 'e.period'].map((key) => sql.ref(key).as(key.slice(2))))
    .select(dimensionsInSet(plan, 'e'));
  const ofBuckets = queryOf(gold, `${plan.name} as m`)
    .innerJoin(`${buckets} as b`, (join) =>
      join.onRef('b.grain', '=', 'm.grain').on(sql<boolean>`b.period = ${keyIn('m', 'period')}`),
    )
    .select(cellKeys(plan).map((key) => keyIn('m', key).as(key)));
  return ofEvents.union(ofBuckets);
}

/** The dimensions of a row in a cell of the set `k` of `kept`: null where the set has them not. */
export const dimensionsInSet = (plan: MartPlan, alias: string) =>
  Object.keys(plan.source.dimensions).map((name) => {
    const { column } = dimensionOf(plan.source, name);
    return sql`case when ${sql.ref(`k.${has(plan, name)}`)} = 1 then ${sql.ref(`${alias}.${column}`)} end`.as(
      column,
    );
  });
