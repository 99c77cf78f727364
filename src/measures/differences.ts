import { type Expression, type RawBuilder, type SqlBool, sql } from 'kysely';
import type { Dialect, DynamicQuery } from '../warehouse/dialect.js';
import type { ColumnType } from '../warehouse/table.js';
import { allBucket } from './buckets.js';
import { conditionSql } from './condition.js';
import {
  calendarGrains,
  correctionTables,
  dimensionColumns,
  has,
  measuredColumns,
  needsEvents,
} from './correction.js';
import type { MartPlan } from './mart.js';
import { additiveColumns, countColumns, countsOf, sumsOf } from './part-columns.js';
import { events, type Part, personsOf, topOf } from './parts.js';
import { columnType, dimensionOf, type GoldBuilder } from './source.js';
import { summedInto, sumOver } from './sums.js';

/** A number of a patient before the change, and after it. */
const was = (id: string): string => `was__${id}`;
const is = (id: string): string => `is__${id}`;
const thenAndNow = (ids: readonly string[]): string[] => ids.flatMap((id) => [was(id), is(id)]);

/** The events of some patients, all of theirs, before the change and after it: `measuredEvents`. */
export interface ThenAndNow {
  readonly before: DynamicQuery;
  readonly after: DynamicQuery;
}

/**
 * What the events add up to by patient, `day` and full set of dimensions, before and after. The days are the first ones
 * of months where the mart keeps nothing finer. Sums are exact, in the narrowest type that surely holds those of a patient.
 */
export function patientSums(
  gold: GoldBuilder,
  dialect: Dialect,
  plan: MartPlan,
  { before, after }: ThenAndNow,
): DynamicQuery {
  const typeOf = (column: string): ColumnType => columnType(plan.source, column);
  const late = (query: DynamicQuery, flag: number): DynamicQuery =>
    from(gold, query.as('m') as never)
      .selectAll('m')
      .select(sql.lit(flag).as('late'));
  const number = (expression: RawBuilder<unknown>): RawBuilder<unknown> =>
    sql`cast(${expression} as ${sql.raw(dialect.columnType({ kind: 'int64' }))})`;
  const both = (id: string, over: (late: RawBuilder<boolean>) => RawBuilder<unknown>) => [
    over(sql<boolean>`e.late = 0`).as(was(id)),
    over(sql<boolean>`e.late = 1`).as(is(id)),
  ];
  const when = (late: RawBuilder<boolean>, condition: Expression<boolean> | undefined) =>
    condition ? sql<boolean>`${late} and (${condition})` : late;
  const monthly = calendarGrains(plan).every((grain) => grain !== 'DAY' && grain !== 'WEEK');
  const day = monthly ? dialect.bucket('MONTH', sql.ref('e.day')) : sql.ref('e.day');
  const keys = ['patient_no', ...dimensionColumns(plan)];
  return from(gold, late(before, 0).unionAll(late(after, 1)).as('e') as never)
    .select(keys.map((key) => sql.ref(`e.${key}`).as(key)))
    .select(day.as('day'))
    .select(both(events, (then) => number(dialect.sumInt(sql`case when ${then} then 1 else 0 end`))))
    .select(
      countsOf(plan.parts).flatMap((part) =>
        both(part.id, (then) =>
          number(
            dialect.sumInt(sql`case when ${when(then, conditionSql(part.where, typeOf))} then 1 else 0 end`),
          ),
        ),
      ),
    )
    .select(
      sumsOf(plan.parts).flatMap((part) =>
        both(part.id, (then) =>
          summedInto(dialect, part, sumOver(dialect, part, when(then, conditionSql(part.where, typeOf)))),
        ),
      ),
    )
    .groupBy([...keys.map((key) => sql.ref(`e.${key}`)), day]);
}

/**
 * Columns `patient_no` and `day`: where the mart has other cells now because of the patient. Means, percentiles and peaks
 * can change with any column that is measured: there an event of which there is one more or one less counts.
 */
export function changedDays(gold: GoldBuilder, plan: MartPlan, { before, after }: ThenAndNow): DynamicQuery {
  const keys = ['patient_no', 'day'];
  if (!needsEvents(plan)) {
    const different = [events, ...[...countsOf(plan.parts), ...sumsOf(plan.parts)].map(({ id }) => id)].map(
      (id) => sql`${sql.ref(was(id))} <> ${sql.ref(is(id))}`,
    );
    return from(gold, correctionTables.sums as never)
      .select(keys)
      .distinct()
      .where(sql<boolean>`(${sql.join(different, sql` or `)})`);
  }
  const columns = measuredColumns(plan);
  const signed = (query: DynamicQuery, sign: number): DynamicQuery =>
    from(gold, query.as('m') as never)
      .selectAll('m')
      .select(sql.lit(sign).as('sign'));
  const uneven = from(gold, signed(before, -1).unionAll(signed(after, 1)).as('e') as never)
    .select(columns)
    .groupBy(columns)
    .having(sql<boolean>`sum(sign) <> 0`);
  return from(gold, uneven.as('u') as never)
    .select(keys)
    .distinct();
}

/**
 * What touched patients add up to in the buckets in which something of theirs has changed: one row a patient, bucket
 * and full set of dimensions. Columns `patient_no`, `grain`, `period`, the dimensions, for each sum over patients one
 * before and one after, and `of_bucket`: how many rows the patient has in the bucket. In all other buckets a patient is
 * what it was.
 */
export function patientDifferences(gold: GoldBuilder, dialect: Dialect, plan: MartPlan): DynamicQuery {
  const counts = [events, ...countsOf(plan.parts).map(({ id }) => id)];
  const buckets = calendarGrains(plan).map(
    (grain) => sql`when ${sql.lit(grain)} then ${dialect.bucket(grain, sql.ref('s.day'))}`,
  );
  const period =
    buckets.length === 0 ? allBucket : sql`case t.grain ${sql.join(buckets, sql` `)} else ${allBucket} end`;
  const keys = [
    't.patient_no',
    't.grain',
    't.period',
    ...dimensionColumns(plan).map((column) => `s.${column}`),
  ];
  const rows = from(gold, `${correctionTables.sums} as s` as never)
    .innerJoin(`${correctionTables.touched} as t`, (join) =>
      join.onRef('t.patient_no', '=', 's.patient_no').on(sql<boolean>`t.period = ${period}`),
    )
    .select(keys.map((key) => sql.ref(key).as(key.slice(2))))
    .select(
      thenAndNow(counts).map((column) =>
        sql`cast(${dialect.sumInt(sql.ref(`s.${column}`))} as ${sql.raw(dialect.columnType({ kind: 'int64' }))})`.as(
          column,
        ),
      ),
    )
    .select(
      sumsOf(plan.parts).flatMap((part) =>
        thenAndNow([part.id]).map((column) =>
          summedInto(dialect, part, sql`sum(${sql.ref(`s.${column}`)})`).as(column),
        ),
      ),
    )
    .groupBy(keys.map((key) => sql.ref(key)));
  return from(gold, rows.as('r') as never)
    .selectAll('r')
    .select(sql`count(*) over (partition by r.patient_no, r.grain, r.period)`.as('of_bucket'));
}

/**
 * The cells in the touched buckets as they are to be, as far as they are known from touched patients alone: columns
 * `by_set`, `grain`, `period` (a day for ALL too), the dimensions, and `countedColumns`. Counts of events and of
 * distinct patients, and sums, are sums over patients, so that the new ones are the old ones and the differences of the
 * touched patients. The largest sum of a patient is null where only all events can tell it: where a touched patient held
 * it and no touched patient has as much now.
 */
export function countedCells(gold: GoldBuilder, dialect: Dialect, plan: MartPlan): DynamicQuery {
  const keys = ['by_set', 'grain', 'period', ...dimensionColumns(plan)];
  const counts = [events, ...countsOf(plan.parts).map(({ id }) => id)];
  const sums = sumsOf(plan.parts);
  const columns = additiveColumns(plan.parts);
  const nothing = sql`null`;

  const period = sql`coalesce(${sql.ref('m.period')}, ${allBucket})`;
  const old = from(gold, sql`${sql.table(plan.name)}`.as('m') as never)
    .innerJoin(`${correctionTables.buckets} as b`, (join) =>
      join.onRef('b.grain', '=', 'm.grain').on(sql<boolean>`b.period = ${period}`),
    )
    .select(keys.map((key) => (key === 'period' ? period : sql.ref(`m.${key}`)).as(key)))
    .select(columns.map((column) => sql.ref(`m.${column}`).as(column)))
    .select(
      sums.flatMap(({ id }) => [
        sql.ref(`m.${topOf(id)}`).as(topOf(id)),
        nothing.as(was(topOf(id))),
        nothing.as(is(topOf(id))),
      ]),
    );

  const expanded = from(gold, `${correctionTables.differences} as d` as never)
    .innerJoin(`${correctionTables.kept} as k`, (join) => join.onRef('k.grain', '=', 'd.grain'))
    .select(['k.by_set', 'd.grain', 'd.period', 'd.patient_no'].map((key) => sql.ref(key).as(key.slice(2))))
    .select(
      Object.keys(plan.source.dimensions).map((name) => {
        const { column } = dimensionOf(plan.source, name);
        return sql`case when ${sql.ref(`k.${has(plan, name)}`)} = 1 then ${sql.ref(`d.${column}`)} end`.as(
          column,
        );
      }),
    )
    .select(
      thenAndNow([...counts, ...sums.map(({ id }) => id)]).map((column) => sql.ref(`d.${column}`).as(column)),
    );
  // The only row of a patient in a bucket is the patient's row in every cell of it.
  const several = from(gold, expanded.where(sql<boolean>`d.of_bucket > 1`).as('x') as never)
    .select(keys.map((key) => sql.ref(`x.${key}`).as(key)))
    .select(thenAndNow(counts).map((column) => dialect.sumInt(sql.ref(`x.${column}`)).as(column)))
    .select(
      thenAndNow(sums.map(({ id }) => id)).map((column) => sql`sum(${sql.ref(`x.${column}`)})`.as(column)),
    )
    .groupBy([...keys, 'patient_no'].map((key) => sql.ref(`x.${key}`)));
  const only = from(gold, expanded.where(sql<boolean>`d.of_bucket = 1`).as('x') as never)
    .select(keys.map((key) => sql.ref(`x.${key}`).as(key)))
    .select(
      thenAndNow([...counts, ...sums.map(({ id }) => id)]).map((column) => sql.ref(`x.${column}`).as(column)),
    );
  const byPatient = several.unionAll(only);
  const one = (column: string) => sql`case when ${sql.ref(`p.${column}`)} > 0 then 1 else 0 end`;
  const difference = from(gold, byPatient.as('p') as never)
    .select(keys.map((key) => sql.ref(`p.${key}`).as(key)))
    .select(
      counts.flatMap((id) => [
        dialect.sumInt(sql`${sql.ref(`p.${is(id)}`)} - ${sql.ref(`p.${was(id)}`)}`).as(id),
        dialect.sumInt(sql`${one(is(id))} - ${one(was(id))}`).as(personsOf(id)),
      ]),
    )
    .select(sums.map(({ id }) => sql`sum(${sql.ref(`p.${is(id)}`)} - ${sql.ref(`p.${was(id)}`)})`.as(id)))
    .select(
      sums.flatMap(({ id }) => [
        nothing.as(topOf(id)),
        ...[was, is].map((then) =>
          sql`max(case when ${sql.ref(`p.${then(events)}`)} > 0 then ${sql.ref(`p.${then(id)}`)} end)`.as(
            then(topOf(id)),
          ),
        ),
      ]),
    )
    .groupBy(keys.map((key) => sql.ref(`p.${key}`)));

  const largest = (column: string) => sql`max(${sql.ref(`u.${column}`)})`;
  const top = (id: string) => {
    const [old, before, after] = [topOf(id), was(topOf(id)), is(topOf(id))].map(largest);
    return sql`case when ${old} is null or ${after} >= ${old} then ${after} when ${before} is null or ${before} < ${old} then ${old} end`;
  };
  return from(gold, old.unionAll(difference).as('u') as never)
    .select(keys.map((key) => sql.ref(`u.${key}`).as(key)))
    .select(countColumns(plan.parts).map((column) => dialect.sumInt(sql.ref(`u.${column}`)).as(column)))
    .select(
      sums.flatMap((part) => [
        summedInto(dialect, part, sql`sum(${sql.ref(`u.${part.id}`)})`).as(part.id),
        summedInto(dialect, part, top(part.id)).as(topOf(part.id)),
      ]),
    )
    .groupBy(keys.map((key) => sql.ref(`u.${key}`)))
    .having(dialect.sumInt(sql.ref(`u.${events}`)), '>', sql.lit(0));
}

/** Whether a largest sum of a counted cell is one that only all events can tell. */
export const largestUnknown = (parts: readonly Part[]): Expression<SqlBool> =>
  sql<SqlBool>`(${sql.join(
    sumsOf(parts).map(({ id }) => sql`${sql.ref(topOf(id))} is null`),
    sql` or `,
  )})`;

/** Columns `by_set` and `grain` of such cells. */
export const doubtfulCells = (gold: GoldBuilder, { parts }: MartPlan): DynamicQuery | undefined =>
  sumsOf(parts).length === 0
    ? undefined
    : from(gold, correctionTables.counted as never)
        .select(['by_set', 'grain'])
        .distinct()
        .where(largestUnknown(parts));

const from = (gold: GoldBuilder, relation: never): DynamicQuery =>
  gold.selectFrom(relation) as unknown as DynamicQuery;
