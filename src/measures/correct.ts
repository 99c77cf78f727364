import { type Compilable, type Expression, sql } from 'kysely';
import type { Dialect, DynamicQuery } from '../warehouse/dialect.js';
import type { CalendarGrain, Grain } from '../warehouse/grain.js';
import { cellsQuery } from './cells.js';
import { eventsIn, inserts, keptSets, type MartPlan, martCells, stagedEvents } from './mart.js';
import { events, type Part, personsOf } from './parts.js';
import { dimensionOf, type GoldBuilder, splitBy } from './source.js';

/** Tables that a correction reads, beside the mart as it was and `stagedEvents`, all events as they are. */
export const correctionTables = {
  /** All events, as they were and as they are, of the patients of whom one has changed. */
  before: 'events_before',
  after: 'events_after',
  /** Columns `grain` and `period`: the buckets in which an event has changed, or the days with data. */
  buckets: 'touched_bucket',
  /** Gains the cells that replace those of the mart in these buckets. It has the columns of the mart. */
  corrected: 'corrected_cells',
} as const;

/**
 * Statements that make the cells of a mart for the touched buckets, one a set of dimensions and grain. Counts of events
 * and of distinct patients are sums over patients, so the new ones are the old ones less those of the touched patients as
 * they were, plus those as they are: exact, and without a look at the events of anybody else. Means and percentiles
 * are no sums, and are computed from all events of the touched buckets.
 */
export function correctMart(gold: GoldBuilder, dialect: Dialect, plan: MartPlan): Compilable[] {
  const kept = keptSets(plan);
  return inserts(gold, dialect, plan, correctionTables.corrected, (by, grain) => {
    const touched = inTouchedBuckets(dialect, grain);
    return cellsQuery(gold, dialect, {
      source: eventsIn(gold, plan, stagedEvents(plan)),
      by,
      grain,
      parts: plan.parts,
      persons: true,
      counted: countedCells(gold, dialect, plan, kept, by, grain),
      eventFilter: touched,
      dayFilter: touched,
    });
  });
}

const periodsOf = (grain: Grain): Expression<unknown> =>
  sql`(select period from ${sql.table(correctionTables.buckets)} where grain = ${sql.lit(grain)})`;

function inTouchedBuckets(dialect: Dialect, grain: Grain): Expression<unknown>[] {
  return grain === 'ALL'
    ? []
    : [sql`${dialect.bucket(grain as CalendarGrain, sql.ref('day'))} in ${periodsOf(grain)}`];
}

function countedCells(
  gold: GoldBuilder,
  dialect: Dialect,
  plan: MartPlan,
  kept: ReturnType<typeof keptSets>,
  by: readonly string[],
  grain: Grain,
): DynamicQuery {
  const dimensions = splitBy(plan.source, by).map((name) => dimensionOf(plan.source, name).column);
  const keys = grain === 'ALL' ? dimensions : ['period', ...dimensions];
  const counts = plan.parts.filter((part): part is Part & { kind: 'count' } => part.kind === 'count');
  const columns = [...new Set([events, ...counts.map(({ id }) => id)])].flatMap((id) => [id, personsOf(id)]);
  const from = (query: DynamicQuery, alias: string): DynamicQuery =>
    gold.selectFrom(query.as(alias)) as unknown as DynamicQuery;
  const signed = (query: DynamicQuery, alias: string, sign: '+' | '-'): DynamicQuery =>
    from(query, alias).select([
      ...keys.map((key) => sql.ref(`${alias}.${key}`).as(key)),
      ...columns.map((column) =>
        (sign === '+' ? sql.ref(`${alias}.${column}`) : sql`0 - ${sql.ref(`${alias}.${column}`)}`).as(column),
      ),
    ]);
  const ofPatients = (table: string): DynamicQuery =>
    cellsQuery(gold, dialect, {
      source: eventsIn(gold, plan, table),
      by,
      grain,
      parts: counts,
      persons: true,
      eventFilter: inTouchedBuckets(dialect, grain),
    });
  let old = martCells(gold, plan, kept, by, grain);
  if (!old) throw new Error(`${plan.name} does not keep ${by.join(', ')} by ${grain}`);
  if (grain !== 'ALL') old = old.where(sql<boolean>`period in ${periodsOf(grain)}`);
  const all = signed(old, 'o', '+')
    .unionAll(signed(ofPatients(correctionTables.before), 'b', '-'))
    .unionAll(signed(ofPatients(correctionTables.after), 'a', '+'));
  const summed = from(all, 'u')
    .select(keys.map((key) => sql.ref(`u.${key}`).as(key)))
    .select(columns.map((column) => dialect.sumInt(sql.ref(`u.${column}`)).as(column)));
  const grouped = keys.length === 0 ? summed : summed.groupBy(keys.map((key) => sql.ref(`u.${key}`)));
  return grouped.having(dialect.sumInt(sql.ref(`u.${events}`)), '>', sql.lit(0));
}
