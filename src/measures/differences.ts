import { type Expression, type RawBuilder, sql } from 'kysely';
import type { Dialect, DynamicQuery } from '../warehouse/dialect.js';
import type { ColumnType } from '../warehouse/table.js';
import { conditionSql } from './condition.js';
import {
  calendarGrains,
  correctionTables,
  dimensionColumns,
  isMadeOfEvents,
  measuredColumns,
} from './correction.js';
import type { MartPlan } from './mart.js';
import { countsOf, sumsOf } from './part-columns.js';
import { events, type Part } from './parts.js';
import { columnType, type GoldBuilder, queryOf } from './source.js';
import { summedInto, sumOver } from './sums.js';
import { bucketIn } from './touched.js';

/** A number of a patient before the change, and after it. */
export const was = (id: string): string => `was__${id}`;
export const is = (id: string): string => `is__${id}`;
export const thenAndNow = (ids: readonly string[]): string[] => ids.flatMap((id) => [was(id), is(id)]);

/** Sum of whole numbers in the type of a count: engines give sums in wider ones, which cost more to sum again. */
const wholeSum = (dialect: Dialect, expression: Expression<unknown>): RawBuilder<unknown> =>
  sql`cast(${dialect.sumInt(expression)} as ${sql.raw(dialect.columnType({ kind: 'int64' }))})`;

/** `measuredEvents`, and how often each is there before the change and after it: -1 is once less. */
export interface WeighedEvents {
  readonly events: DynamicQuery;
  readonly was: -1 | 0 | 1;
  readonly is: 0 | 1;
}

/** All events of some patients, as they were and as they are. */
export const thenAndNowOf = (before: DynamicQuery, after: DynamicQuery): WeighedEvents[] => [
  { events: before, was: 1, is: 0 },
  { events: after, was: 0, is: 1 },
];

/** The same from the events as they are, and those that went and came, of which there are few. */
export const nowAndMoved = (after: DynamicQuery, went: DynamicQuery, came: DynamicQuery): WeighedEvents[] => [
  { events: after, was: 1, is: 1 },
  { events: went, was: 1, is: 0 },
  { events: came, was: -1, is: 0 },
];

/** The events of all together, as `e`, with their weights. */
function weighed(gold: GoldBuilder, changes: readonly WeighedEvents[]): DynamicQuery {
  const [first, ...others] = changes.map(({ events: query, was: then, is: now }) =>
    queryOf(gold, query.as('m'))
      .selectAll('m')
      .select([sql.lit(then).as('was'), sql.lit(now).as('is')]),
  );
  if (!first) throw new Error('no events');
  return queryOf(gold, others.reduce((all, one) => all.unionAll(one), first).as('e'));
}

/**
 * What the events add up to by patient, `day` and full set of dimensions, before and after. The days are the first ones
 * of months where the mart keeps nothing finer. Sums are exact, in the types in which the mart keeps them.
 */
export function patientSums(
  gold: GoldBuilder,
  dialect: Dialect,
  plan: MartPlan,
  changes: readonly WeighedEvents[],
): DynamicQuery {
  const typeOf = (column: string): ColumnType => columnType(plan.source, column);
  const both = (id: string, over: (weight: RawBuilder<number>) => RawBuilder<unknown>) => [
    over(sql<number>`e.was`).as(was(id)),
    over(sql<number>`e.is`).as(is(id)),
  ];
  const conditionOf = (part: Part & { kind: 'count' | 'sum' }) => conditionSql(part.where, typeOf);
  const monthly = calendarGrains(plan).every((grain) => grain !== 'DAY' && grain !== 'WEEK');
  const day = monthly ? dialect.bucket('MONTH', sql.ref('e.day')) : sql.ref('e.day');
  const keys = ['patient_no', ...dimensionColumns(plan)];
  return weighed(gold, changes)
    .select(keys.map((key) => sql.ref(`e.${key}`).as(key)))
    .select(day.as('day'))
    .select(both(events, (weight) => wholeSum(dialect, weight)))
    .select(
      countsOf(plan.parts).flatMap((part) =>
        both(part.id, (weight) => wholeSum(dialect, weightWhere(weight, conditionOf(part)))),
      ),
    )
    .select(
      sumsOf(plan.parts).flatMap((part) =>
        both(part.id, (weight) =>
          summedInto(dialect, part, sumOver(dialect, part, conditionOf(part), weight)),
        ),
      ),
    )
    .groupBy([...keys.map((key) => sql.ref(`e.${key}`)), day]);
}

const weightWhere = (weight: RawBuilder<number>, condition: Expression<boolean> | undefined) =>
  condition ? sql`case when ${condition} then ${weight} else 0 end` : weight;

/**
 * Columns `patient_no`, `day` and the dimensions: where the mart has other cells now because of the patient. Means,
 * percentiles and peaks can change with any column that is measured: there an event of which there is one more or one less
 * counts.
 */
export function changedEvents(
  gold: GoldBuilder,
  plan: MartPlan,
  changes: readonly WeighedEvents[],
): DynamicQuery {
  const keys = ['patient_no', 'day', ...dimensionColumns(plan)];
  if (!isMadeOfEvents(plan)) {
    const different = [events, ...[...countsOf(plan.parts), ...sumsOf(plan.parts)].map(({ id }) => id)].map(
      (id) => sql`${sql.ref(was(id))} <> ${sql.ref(is(id))}`,
    );
    return queryOf(gold, correctionTables.sums)
      .select(keys)
      .distinct()
      .where(sql<boolean>`(${sql.join(different, sql` or `)})`);
  }
  const columns = measuredColumns(plan);
  const moved = changes.filter(({ was: then, is: now }) => then !== now);
  const uneven = weighed(gold, moved)
    .select(columns)
    .groupBy(columns)
    .having(sql<boolean>`sum(e.is) <> sum(e.was)`);
  return queryOf(gold, uneven.as('u')).select(keys).distinct();
}

/**
 * What touched patients add up to in the buckets in which something of theirs has changed: one row a patient, bucket
 * and full set of dimensions. Columns `patient_no`, `grain`, `period`, the dimensions, for each sum over patients one
 * before and one after, and `of_bucket`: how many rows the patient has in the bucket. In all other buckets a patient is
 * what it was.
 */
export function patientDifferences(gold: GoldBuilder, dialect: Dialect, plan: MartPlan): DynamicQuery {
  const counts = [events, ...countsOf(plan.parts).map(({ id }) => id)];
  const period = bucketIn(dialect, plan, sql.ref('t.grain'), sql.ref('s.day'));
  const keys = [
    't.patient_no',
    't.grain',
    't.period',
    ...dimensionColumns(plan).map((column) => `s.${column}`),
  ];
  const rows = queryOf(gold, `${correctionTables.sums} as s`)
    .innerJoin(`${correctionTables.touched} as t`, (join) =>
      join.onRef('t.patient_no', '=', 's.patient_no').on(sql<boolean>`t.period = ${period}`),
    )
    .select(keys.map((key) => sql.ref(key).as(key.slice(2))))
    .select(thenAndNow(counts).map((column) => wholeSum(dialect, sql.ref(`s.${column}`)).as(column)))
    .select(
      sumsOf(plan.parts).flatMap((part) =>
        thenAndNow([part.id]).map((column) =>
          summedInto(dialect, part, sql`sum(${sql.ref(`s.${column}`)})`).as(column),
        ),
      ),
    )
    .groupBy(keys.map((key) => sql.ref(key)));
  return queryOf(gold, rows.as('r'))
    .selectAll('r')
    .select(sql`count(*) over (partition by r.patient_no, r.grain, r.period)`.as('of_bucket'));
}
