import { type Expression, sql } from 'kysely';
import type { Dialect, DynamicQuery } from '../warehouse/dialect.js';
import type { CalendarGrain } from '../warehouse/grain.js';
import { dimensionAsOf } from './as-of.js';
import type { CellsQuestion } from './cells-question.js';
import { type GoldBuilder, subquery } from './source.js';

/** Number of samples of each bucket (and fixed member) that the data cover and the question asks about. */
export function samplesQuery(
  gold: GoldBuilder,
  dialect: Dialect,
  { source, grain, dayFilter = [] }: CellsQuestion,
  on: readonly string[],
): DynamicQuery {
  if (!source.samples) throw new Error(`source ${source.name} has no samples`);
  const fixed = on.filter((key) => key !== 'period');
  let inner = subquery(gold, source.samples.relation(gold), 'd').select(
    fixed.map((key) => sql.ref(key).as(key)),
  );
  inner =
    grain === 'ALL'
      ? inner.select(sql.lit(1).as('one'))
      : inner.select(dialect.bucket(grain as CalendarGrain, sql.ref('day')).as('period'));
  for (const filter of dayFilter) inner = inner.where(filter as Expression<boolean>);
  const grouped = subquery(gold, inner, 'i')
    .select(on.map((key) => sql.ref(key).as(key)))
    .select(dialect.countAll().as('samples'));
  return on.length === 0 ? grouped : grouped.groupBy(on.map((key) => sql.ref(key)));
}

/** Staffed beds, of each trust or of all; null where the beds of one of them are not known. */
export function capacityQuery(
  gold: GoldBuilder,
  dialect: Dialect,
  { trustFilter = [], asOf }: CellsQuestion,
  on: readonly string[],
): DynamicQuery {
  let query = dimensionAsOf(gold, 'dim_trust', asOf);
  for (const filter of trustFilter) query = query.where(filter as Expression<boolean>);
  query = query
    .select(on.map((key) => sql.ref(key).as(key)))
    .select(
      sql`case when sum(case when ${sql.ref('beds')} is null then 1 else 0 end) > 0 then null else ${dialect.sumInt(sql.ref('beds'))} end`.as(
        'capacity',
      ),
    );
  return on.length === 0 ? query : query.groupBy(on.map((key) => sql.ref(key)));
}
