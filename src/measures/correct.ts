import { type Compilable, type Expression, sql } from 'kysely';
import type { Dialect, DynamicQuery } from '../warehouse/dialect.js';
import { type CalendarGrain, grains, isFinerOrEqual } from '../warehouse/grain.js';
import type { ColumnType } from '../warehouse/table.js';
import { allBucket, bucketedSource } from './buckets.js';
import { cellsQuery } from './cells.js';
import { conditionSql } from './condition.js';
import { inserts } from './fill.js';
import { keptSets, type MartPlan, setNumber } from './mart.js';
import { events, type Part, personsOf } from './parts.js';
import { columnType, dimensionOf, type GoldBuilder, splitBy } from './source.js';
import { summedInto } from './sums.js';

/** Tables that a correction reads and makes, beside the mart as it was and `stagedEvents`, all events as they are. */
export const correctionTables = {
  /** All events, as they were and as they are, of the patients of whom one has changed. */
  before: 'events_before',
  after: 'events_after',
  /** Columns `grain` and `period`: buckets in which an event, or the days with data, have changed, and one for ALL. */
  buckets: 'touched_bucket',
  /** The rows of `keptCells`. */
  kept: 'kept_set',
  /** The counts of the cells in these buckets, as they are to be: keys and count columns of the mart. */
  counted: 'counted_cells',
  /** Gains the cells that replace those of the mart in these buckets. It has the columns of the mart. */
  corrected: 'corrected_cells',
} as const;

/** What a mart keeps, as rows of the table `kept_set`: number of the set, grain, and 1 for each dimension in it. */
export function keptCells(plan: MartPlan): Record<string, string | number>[] {
  return [...keptSets(plan)].flatMap(([number, { by, finest }]) =>
    grains
      .filter((grain) => isFinerOrEqual(finest, grain))
      .map((grain) => ({
        by_set: number,
        grain,
        ...Object.fromEntries(
          Object.keys(plan.source.dimensions).map((name) => [has(plan, name), by.includes(name) ? 1 : 0]),
        ),
      })),
  );
}

/**
 * The events of a mart with the columns that it measures, and no others: an event of which only another column has
 * changed is the same to the mart.
 */
export function measuredEvents(gold: GoldBuilder, dialect: Dialect, plan: MartPlan): DynamicQuery {
  const { source } = plan;
  const measured = plan.parts.flatMap((part) => [
    ...('where' in part ? Object.keys(part.where) : []),
    ...('column' in part ? [part.column] : []),
    ...(part.kind === 'peak' && source.samples ? [source.samples.key] : []),
  ]);
  const columns = new Set(['day', 'patient_no', ...dimensionColumns(plan), ...measured]);
  return (gold.selectFrom(source.relation(gold, dialect).as('m')) as unknown as DynamicQuery).select(
    [...columns].map((column) => sql.ref(`m.${column}`).as(column)),
  );
}

const has = (plan: MartPlan, dimension: string): string =>
  `has_${dimensionOf(plan.source, dimension).column}`;

const dimensionColumns = (plan: MartPlan): string[] =>
  Object.values(plan.source.dimensions).map(({ column }) => column);

const countColumns = (plan: MartPlan): string[] => [
  ...new Set([events, ...countsOf(plan).map(({ id }) => id)].flatMap((id) => [id, personsOf(id)])),
];

const sumsOf = (plan: MartPlan): (Part & { kind: 'sum' })[] =>
  plan.parts.filter((part) => part.kind === 'sum');

/** What of a cell is a sum over its patients. */
const additiveColumns = (plan: MartPlan): string[] => [
  ...countColumns(plan),
  ...sumsOf(plan).map(({ id }) => id),
];

const countsOf = (plan: MartPlan): (Part & { kind: 'count' })[] =>
  plan.parts.filter((part): part is Part & { kind: 'count' } => part.kind === 'count' && part.id !== events);

/**
 * The counts and sums of all cells in the touched buckets. Counts of events and of distinct patients are sums over
 * patients, so the new ones are the old ones less those of the touched patients as they were, plus those as they are:
 * exact, and without a look at the events of anybody else.
 */
export function countedCells(gold: GoldBuilder, dialect: Dialect, plan: MartPlan): DynamicQuery {
  const keys = ['by_set', 'grain', 'period', ...dimensionColumns(plan)];
  const columns = additiveColumns(plan);
  const period = sql`coalesce(${sql.ref('m.period')}, ${allBucket})`;
  const old = (gold.selectFrom(sql`${sql.table(plan.name)}`.as('m') as never) as unknown as DynamicQuery)
    .innerJoin(`${correctionTables.buckets} as b`, (join) =>
      join.onRef('b.grain', '=', 'm.grain').on(sql<boolean>`b.period = ${period}`),
    )
    .select([
      ...keys.map((key) => (key === 'period' ? period : sql.ref(`m.${key}`)).as(key)),
      ...columns.map((column) => sql.ref(`m.${column}`).as(column)),
    ]);
  const all = old
    .unionAll(ofPatients(gold, dialect, plan, correctionTables.before, '-'))
    .unionAll(ofPatients(gold, dialect, plan, correctionTables.after, '+'));
  return (gold.selectFrom(all.as('u')) as unknown as DynamicQuery)
    .select(keys.map((key) => sql.ref(`u.${key}`).as(key)))
    .select(countColumns(plan).map((column) => dialect.sumInt(sql.ref(`u.${column}`)).as(column)))
    .select(
      sumsOf(plan).map((part) => summedInto(dialect, part, sql`sum(${sql.ref(`u.${part.id}`)})`).as(part.id)),
    )
    .groupBy(keys.map((key) => sql.ref(`u.${key}`)))
    .having(dialect.sumInt(sql.ref(`u.${events}`)), '>', sql.lit(0));
}

/** Counts of the events of a few patients in all cells at once: each event once for every set and grain kept. */
function ofPatients(
  gold: GoldBuilder,
  dialect: Dialect,
  plan: MartPlan,
  table: string,
  sign: '+' | '-',
): DynamicQuery {
  const typeOf = (column: string): ColumnType => columnType(plan.source, column);
  const keys = ['by_set', 'grain', 'period', ...dimensionColumns(plan)];
  const counts = countsOf(plan);
  const sums = sumsOf(plan);
  const buckets = grains
    .filter((grain): grain is CalendarGrain => grain !== 'ALL')
    .map((grain) => sql`when ${sql.lit(grain)} then ${dialect.bucket(grain, sql.ref('e.day'))}`);
  const one = (condition: Expression<boolean> | undefined) =>
    condition ? sql`case when ${condition} then 1 else 0 end` : sql.lit(1);
  const summand = (part: Part & { kind: 'sum' }, condition: Expression<boolean> | undefined) =>
    condition
      ? sql`case when ${condition} then ${sql.ref(`e.${part.column}`)} end`
      : sql.ref(`e.${part.column}`);
  const expanded = (gold.selectFrom(`${table} as e` as never) as unknown as DynamicQuery)
    .innerJoin(`${correctionTables.kept} as k`, (join) => join.on(sql<boolean>`1 = 1`))
    .select([
      sql.ref('k.by_set').as('by_set'),
      sql.ref('k.grain').as('grain'),
      sql`case k.grain ${sql.join(buckets, sql` `)} else ${allBucket} end`.as('period'),
      sql.ref('e.patient_no').as('patient_no'),
      ...Object.keys(plan.source.dimensions).map((name) => {
        const { column } = dimensionOf(plan.source, name);
        return sql`case when ${sql.ref(`k.${has(plan, name)}`)} = 1 then ${sql.ref(`e.${column}`)} end`.as(
          column,
        );
      }),
      ...counts.map((part) => one(conditionSql(part.where, typeOf)).as(part.id)),
      ...sums.map((part) => summand(part, conditionSql(part.where, typeOf)).as(part.id)),
    ]);
  const byPatient = (gold.selectFrom(expanded.as('x')) as unknown as DynamicQuery)
    .innerJoin(`${correctionTables.buckets} as b`, (join) =>
      join.onRef('b.grain', '=', 'x.grain').onRef('b.period', '=', 'x.period'),
    )
    .select(keys.map((key) => sql.ref(`x.${key}`).as(key)))
    .select(dialect.countAll().as(events))
    .select(counts.map((part) => dialect.sumInt(sql.ref(`x.${part.id}`)).as(part.id)))
    .select(sums.map((part) => sql`coalesce(sum(${sql.ref(`x.${part.id}`)}), 0)`.as(part.id)))
    .groupBy([...keys, 'patient_no'].map((key) => sql.ref(`x.${key}`)));
  const signed = (expression: Expression<unknown>): Expression<unknown> & { as(name: string): unknown } =>
    (sign === '+' ? sql`${expression}` : sql`0 - ${expression}`) as never;
  return (gold.selectFrom(byPatient.as('p')) as unknown as DynamicQuery)
    .select(keys.map((key) => sql.ref(`p.${key}`).as(key)))
    .select(
      [events, ...counts.map(({ id }) => id)].flatMap((id) => [
        signed(dialect.sumInt(sql.ref(`p.${id}`))).as(id),
        signed(dialect.sumInt(sql`case when ${sql.ref(`p.${id}`)} > 0 then 1 else 0 end`)).as(personsOf(id)),
      ]) as never[],
    )
    .select(sums.map(({ id }) => signed(sql`sum(${sql.ref(`p.${id}`)})`).as(id)) as never[])
    .groupBy(keys.map((key) => sql.ref(`p.${key}`)));
}

/**
 * Statements that complete the counted cells, one a set of dimensions: means, percentiles, peaks and the largest share of
 * a sum are no sums over patients, and are computed from all events of the touched buckets.
 */
export function correctMart(gold: GoldBuilder, dialect: Dialect, plan: MartPlan): Compilable[] {
  return inserts(gold, dialect, plan, correctionTables.corrected, true, (by, kept) => {
    const dimensions = splitBy(plan.source, by).map((name) => dimensionOf(plan.source, name).column);
    const counted = (gold.selectFrom(correctionTables.counted as never) as unknown as DynamicQuery)
      .select([
        sql.ref('grain').as('grain'),
        sql.ref('period').as('bucket'),
        ...[...dimensions, ...additiveColumns(plan)].map((column) => sql.ref(column).as(column)),
      ])
      .where('by_set', '=', sql.lit(setNumber(plan.source, by)));
    return cellsQuery(gold, dialect, {
      source: bucketedSource(gold, dialect, plan, kept, correctionTables.buckets),
      by,
      grain: 'ALL',
      parts: plan.parts,
      persons: true,
      counted,
    });
  });
}
