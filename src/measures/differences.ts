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
import { events } from './parts.js';
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

/** The events of some patients, all of theirs, before the change and after it: `measuredEvents`. */
export interface ThenAndNow {
  readonly before: DynamicQuery;
  readonly after: DynamicQuery;
}

/**
 * What the events add up to by patient, `day` and full set of dimensions, before and after. The days are the first ones
 * of months where the mart keeps nothing finer. Sums are exact, in the types in which the mart keeps them.
 */
export function patientSums(
  gold: GoldBuilder,
  dialect: Dialect,
  plan: MartPlan,
  { before, after }: ThenAndNow,
): DynamicQuery {
  const typeOf = (column: string): ColumnType => columnType(plan.source, column);
  const late = (query: DynamicQuery, flag: number): DynamicQuery =>
    queryOf(gold, query.as('m')).selectAll('m').select(sql.lit(flag).as('late'));
  const both = (id: string, over: (late: RawBuilder<boolean>) => RawBuilder<unknown>) => [
    over(sql<boolean>`e.late = 0`).as(was(id)),
    over(sql<boolean>`e.late = 1`).as(is(id)),
  ];
  const when = (late: RawBuilder<boolean>, condition: Expression<boolean> | undefined) =>
    condition ? sql<boolean>`${late} and (${condition})` : late;
  const monthly = calendarGrains(plan).every((grain) => grain !== 'DAY' && grain !== 'WEEK');
  const day = monthly ? dialect.bucket('MONTH', sql.ref('e.day')) : sql.ref('e.day');
  const keys = ['patient_no', ...dimensionColumns(plan)];
  return queryOf(gold, late(before, 0).unionAll(late(after, 1)).as('e'))
    .select(keys.map((key) => sql.ref(`e.${key}`).as(key)))
    .select(day.as('day'))
    .select(both(events, (then) => wholeSum(dialect, sql`case when ${then} then 1 else 0 end`)))
    .select(
      countsOf(plan.parts).flatMap((part) =>
        both(part.id, (then) =>
          wholeSum(dialect, sql`case when ${when(then, conditionSql(part.where, typeOf))} then 1 else 0 end`),
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
 * Columns `patient_no`, `day` and the dimensions: where the mart has other cells now because of the patient. Means,
 * percentiles and peaks can change with any column that is measured: there an event of which there is one more or one less
 * counts.
 */
export function changedEvents(
  gold: GoldBuilder,
  plan: MartPlan,
  { before, after }: ThenAndNow,
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
  const signed = (query: DynamicQuery, sign: number): DynamicQuery =>
    queryOf(gold, query.as('m')).selectAll('m').select(sql.lit(sign).as('sign'));
  const uneven = queryOf(gold, signed(before, -1).unionAll(signed(after, 1)).as('e'))
    .select(columns)
    .groupBy(columns)
    .having(sql<boolean>`sum(sign) <> 0`);
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
