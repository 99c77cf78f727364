import { type Expression, sql } from 'kysely';
import type { Dialect, DynamicQuery } from '../warehouse/dialect.js';
import type { CalendarGrain, Grain } from '../warehouse/grain.js';
import type { MartPlan } from './mart.js';
import { type EventSource, type GoldBuilder, queryOf } from './source.js';

/** Stands for the one bucket of ALL where a value is needed. */
export const allPeriod = '1900-01-01';
export const allBucket = sql`cast(${sql.lit(allPeriod)} as date)`;

/** Name of the table that holds the events of a mart while it is filled: the rows of `stagedQuery`. */
export const stagedEvents = (plan: MartPlan): string => `staged_${plan.source.name}`;

/** The column of the staged events for their bucket. */
const stagedPeriods: Readonly<Record<CalendarGrain, string>> = {
  DAY: 'day',
  WEEK: 'week_start',
  MONTH: 'month_start',
  QUARTER: 'quarter_start',
  YEAR: 'year_start',
};

/** The events of a mart with the buckets they fall into, which many statements would have to find again. */
export const stagedQuery = (gold: GoldBuilder, dialect: Dialect, { source }: MartPlan): DynamicQuery =>
  queryOf(gold, source.relation(gold, dialect).as('r'))
    .selectAll('r')
    .select(
      Object.entries(stagedPeriods)
        .filter(([, column]) => column !== 'day')
        .map(([grain, column]) => dialect.bucket(grain as CalendarGrain, sql.ref('r.day')).as(column)),
    );

/** Names of the dimensions that the buckets are, and their columns. */
const grainOf = { name: 'GRAIN', column: 'grain' } as const;
const bucketOf = { name: 'BUCKET', column: 'bucket' } as const;
export const bucketColumns = [grainOf.column, bucketOf.column] as const;

/**
 * The staged events once for every grain: the grain and the first day of the bucket are two more dimensions, by which
 * everything is split, so that cells of all grains are one question. `only`: query of the cells that are asked for, with
 * `grain`, `period` and the columns named. `events`: table with some of the staged events.
 */
export function bucketedSource(
  gold: GoldBuilder,
  dialect: Dialect,
  plan: MartPlan,
  grains: readonly Grain[],
  {
    only,
    events = stagedEvents(plan),
  }: {
    readonly only?: { readonly cells: DynamicQuery; readonly dimensions: readonly string[] };
    readonly events?: string;
  } = {},
): EventSource {
  const { source } = plan;
  const grainList = sql<{ grain: string }>`(${sql.join(
    grains.map((grain) => sql`select ${sql.lit(grain)} as grain`),
    sql` union all `,
  )})`;
  const calendar = grains.filter((grain): grain is CalendarGrain => grain !== 'ALL');
  const inBuckets = (
    relation: unknown,
    dimensions: readonly string[],
    period: (grain: CalendarGrain) => Expression<unknown>,
  ): DynamicQuery => {
    const first =
      calendar.length === 0
        ? allBucket
        : sql`case g.grain ${sql.join(
            calendar.map((grain) => sql`when ${sql.lit(grain)} then ${period(grain)}`),
            sql` `,
          )} else ${allBucket} end`;
    const expanded = queryOf(gold, relation)
      .innerJoin(grainList.as('g'), (join) => join.on(sql<boolean>`1 = 1`))
      .selectAll('r')
      .select([sql.ref('g.grain').as(grainOf.column), first.as(bucketOf.column)]);
    if (only === undefined) return expanded;
    const asked = queryOf(gold, only.cells.as('o'))
      .select(['grain', 'period', ...dimensions])
      .distinct();
    return queryOf(gold, expanded.as('x'))
      .innerJoin(asked.as('b'), (join) =>
        dimensions.reduce(
          (joined, column) => joined.onRef(`b.${column}`, '=', `x.${column}`),
          join.onRef('b.grain', '=', 'x.grain').onRef('b.period', '=', `x.${bucketOf.column}`),
        ),
      )
      .selectAll('x');
  };
  const { samples } = source;
  return {
    ...source,
    dimensions: {
      [grainOf.name]: { column: grainOf.column, type: { kind: 'text', length: 8 } },
      [bucketOf.name]: { column: bucketOf.column, type: { kind: 'date' } },
      ...source.dimensions,
    },
    fixed: [grainOf.name, bucketOf.name, ...source.fixed],
    calendar: [grainOf.name, bucketOf.name],
    relation: () =>
      inBuckets(`${events} as r`, only?.dimensions ?? [], (grain) => sql.ref(`r.${stagedPeriods[grain]}`)),
    ...(samples
      ? {
          samples: {
            ...samples,
            relation: () =>
              inBuckets(samples.relation(gold).as('r'), [], (grain) =>
                dialect.bucket(grain, sql.ref('r.day')),
              ),
          },
        }
      : {}),
  };
}
