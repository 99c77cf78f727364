import { type Expression, type SqlBool, sql } from 'kysely';
import type { Dialect, DynamicQuery } from '../warehouse/dialect.js';
import { correctionTables } from './correction.js';
import { is, thenAndNow, was } from './differences.js';
import type { MartPlan } from './mart.js';
import { additiveColumns, countColumns, countsOf, sumsOf } from './part-columns.js';
import { events, type Part, personsOf, topOf } from './parts.js';
import { type GoldBuilder, queryOf } from './source.js';
import { summedInto } from './sums.js';
import { cellKeys, dimensionsInSet, joinTouched } from './touched.js';

/**
 * The touched cells as they are to be, as far as they are known from touched patients alone: columns
 * `by_set`, `grain`, `period` (a day for ALL too), the dimensions, and `countedColumns`. Counts of events and of
 * distinct patients, and sums, are sums over patients, so that the new ones are the old ones and the differences of the
 * touched patients. The largest sum of a patient is null where only all events can tell it: where a touched patient held
 * it and no touched patient has as much now.
 */
export function countedCells(gold: GoldBuilder, dialect: Dialect, plan: MartPlan): DynamicQuery {
  const all = cellsBefore(gold, plan).unionAll(changes(gold, dialect, plan));
  const largest = (column: string) => sql`max(${sql.ref(`u.${column}`)})`;
  const top = (id: string) => {
    const [old, before, after] = [topOf(id), was(topOf(id)), is(topOf(id))].map(largest);
    return sql`case when ${old} is null or ${after} >= ${old} then ${after} when ${before} is null or ${before} < ${old} then ${old} end`;
  };
  return queryOf(gold, all.as('u'))
    .select(cellKeys(plan).map((key) => sql.ref(`u.${key}`).as(key)))
    .select(countColumns(plan.parts).map((column) => dialect.sumInt(sql.ref(`u.${column}`)).as(column)))
    .select(
      sumsOf(plan.parts).flatMap((part) => [
        summedInto(dialect, part, sql`sum(${sql.ref(`u.${part.id}`)})`).as(part.id),
        summedInto(dialect, part, top(part.id)).as(topOf(part.id)),
      ]),
    )
    .groupBy(cellKeys(plan).map((key) => sql.ref(`u.${key}`)))
    .having(dialect.sumInt(sql.ref(`u.${events}`)), '>', sql.lit(0));
}

const countIds = ({ parts }: MartPlan): string[] => [events, ...countsOf(parts).map(({ id }) => id)];
const sumIds = ({ parts }: MartPlan): string[] => sumsOf(parts).map(({ id }) => id);
const nothing = sql`null`;

/** The touched cells as the mart has them. */
function cellsBefore(gold: GoldBuilder, plan: MartPlan): DynamicQuery {
  return joinTouched(plan, queryOf(gold, `${plan.name} as m`), 'm')
    .select(cellKeys(plan).map((key) => sql.ref(`t.${key}`).as(key)))
    .select(additiveColumns(plan.parts).map((column) => sql.ref(`m.${column}`).as(column)))
    .select(
      sumIds(plan).flatMap((id) => [
        sql.ref(`m.${topOf(id)}`).as(topOf(id)),
        nothing.as(was(topOf(id))),
        nothing.as(is(topOf(id))),
      ]),
    );
}

/** What the touched patients change of each touched cell, and the largest of their sums before and after. */
function changes(gold: GoldBuilder, dialect: Dialect, plan: MartPlan): DynamicQuery {
  const one = (column: string) => sql`case when ${sql.ref(`p.${column}`)} > 0 then 1 else 0 end`;
  const cells = queryOf(gold, patientsInCells(gold, dialect, plan).as('p'))
    .select(cellKeys(plan).map((key) => sql.ref(`p.${key}`).as(key)))
    .select(
      countIds(plan).flatMap((id) => [
        dialect.sumInt(sql`${sql.ref(`p.${is(id)}`)} - ${sql.ref(`p.${was(id)}`)}`).as(id),
        dialect.sumInt(sql`${one(is(id))} - ${one(was(id))}`).as(personsOf(id)),
      ]),
    )
    .select(sumIds(plan).map((id) => sql`sum(${sql.ref(`p.${is(id)}`)} - ${sql.ref(`p.${was(id)}`)})`.as(id)))
    .select(
      sumIds(plan).flatMap((id) => [
        nothing.as(topOf(id)),
        ...[was, is].map((then) =>
          sql`max(case when ${sql.ref(`p.${then(events)}`)} > 0 then ${sql.ref(`p.${then(id)}`)} end)`.as(
            then(topOf(id)),
          ),
        ),
      ]),
    )
    .groupBy(cellKeys(plan).map((key) => sql.ref(`p.${key}`)));
  return joinTouched(plan, queryOf(gold, cells.as('c')), 'c').selectAll('c');
}

/** The touched patients in every kept cell that they are or were in, with what they add up to there. */
function patientsInCells(gold: GoldBuilder, dialect: Dialect, plan: MartPlan): DynamicQuery {
  const counts = thenAndNow(countIds(plan));
  const sums = thenAndNow(sumIds(plan));
  const expanded = queryOf(gold, `${correctionTables.differences} as d`)
    .innerJoin(`${correctionTables.kept} as k`, (join) => join.onRef('k.grain', '=', 'd.grain'))
    .select(['k.by_set', 'd.grain', 'd.period', 'd.patient_no'].map((key) => sql.ref(key).as(key.slice(2))))
    .select(dimensionsInSet(plan, 'd'))
    .select([...counts, ...sums].map((column) => sql.ref(`d.${column}`).as(column)));
  const keys = cellKeys(plan).map((key) => sql.ref(`x.${key}`).as(key));
  // The only row of a patient in a bucket is the patient's row in every cell of it.
  const only = queryOf(gold, expanded.where(sql<boolean>`d.of_bucket = 1`).as('x'))
    .select(keys)
    .select([...counts, ...sums].map((column) => sql.ref(`x.${column}`).as(column)));
  const several = queryOf(gold, expanded.where(sql<boolean>`d.of_bucket > 1`).as('x'))
    .select(keys)
    .select(counts.map((column) => dialect.sumInt(sql.ref(`x.${column}`)).as(column)))
    .select(sums.map((column) => sql`sum(${sql.ref(`x.${column}`)})`.as(column)))
    .groupBy([...cellKeys(plan), 'patient_no'].map((key) => sql.ref(`x.${key}`)));
  return several.unionAll(only);
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
    : queryOf(gold, correctionTables.counted)
        .select(['by_set', 'grain'])
        .distinct()
        .where(largestUnknown(parts));
