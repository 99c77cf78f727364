import { type Expression, type RawBuilder, sql } from 'kysely';
import { MaplewoodError } from '../../errors.js';
import type { DynamicQuery, Statement } from '../../warehouse/dialect.js';
import { bind, TypedValue } from '../../warehouse/value.js';
import type { OutputColumn } from '../../warehouse/warehouse.js';
import type { PlanContext } from './plan.js';
import { atTrusts } from './scope.js';

const date = { kind: 'date' } as const;
const int32 = { kind: 'int32' } as const;
const int64 = { kind: 'int64' } as const;

/** Columns by which stays are told apart: admission type 1 2 3 8, lowest age of the band, main specialty. */
export const strata: readonly OutputColumn[] = [
  { name: 'kind', type: int32 },
  { name: 'age', type: int32 },
  { name: 'specialty_code', type: { kind: 'text', length: 8 } },
];

export interface StaysPlan {
  readonly statement: Statement;
  readonly output: readonly OutputColumn[];
}

export interface StaysPlans {
  /** `strata`, `midnights` spent, and `known_<i>`: stays that had ended by the end of day i. */
  readonly ended: StaysPlan;
  /** `strata`, `admission_date`, `bed_until`, `stays`: those that were here at the midnight of any of the days. */
  readonly present: StaysPlan;
  /** `admission_date`, `stays`: admissions that stay for a midnight at least. */
  readonly admissions: StaysPlan;
}

/**
 * What a forecast from the flow of patients counts, as known at the end of each of the days: stays of the census of
 * one trust, or of all in scope, by stratum and length. Internal: nothing of it is an answer. Exact figures only. Pure.
 */
export function planStays(
  days: readonly string[],
  trust: string | undefined,
  context: PlanContext,
): StaysPlans {
  const { grant, dialect, gold } = context;
  if (grant.profile !== 'exact' || grant.trusts === null || days.length === 0)
    throw new MaplewoodError('POLICY_VIOLATION');
  const trusts = grant.trusts.filter((code) => trust === undefined || code === trust);
  const source = kindsOfStays(context).where(atTrusts('s.trust_code', trusts));
  const plan = (query: DynamicQuery, output: readonly OutputColumn[]): StaysPlan => ({
    statement: dialect.compile(
      query.select(output.map(({ name, type }) => dialect.output(sql.ref(name), type).as(name))),
    ),
    output,
  });
  const grouped = (query: DynamicQuery, keys: readonly string[]): DynamicQuery =>
    (gold.selectFrom(query.as('t')) as unknown as DynamicQuery)
      .select(keys.map((key) => sql.ref(`t.${key}`).as(key)))
      .groupBy(keys.map((key) => sql.ref(`t.${key}`)));
  const outer = (query: DynamicQuery): DynamicQuery =>
    gold.selectFrom(query.as('g')) as unknown as DynamicQuery;
  const count = { name: 'stays', type: int64 };
  const keys = strata.map(({ name }) => name);
  const known = days.map((_day, index) => `known_${index}`);
  const day = (value: string): RawBuilder<unknown> => bind(date, value);
  const here = sql.join(
    days.map((value) => sql`(s.admission_date <= ${day(value)} and s.bed_until > ${day(value)})`),
    sql` or `,
  );
  return {
    ended: plan(
      outer(
        grouped(source.where(sql<boolean>`s.discharge_date is not null`), [...keys, 'midnights']).select(
          days.map((value, index) =>
            dialect
              .sumInt(sql`case when t.bed_until <= ${day(value)} then 1 else 0 end`)
              .as(`known_${index}`),
          ),
        ),
      ),
      [
        ...strata,
        { name: 'midnights', type: int32 },
        ...known.map((name): OutputColumn => ({ name, type: int64 })),
      ],
    ),
    present: plan(
      outer(
        grouped(source.where(sql<boolean>`(${here})`), [...keys, 'admission_date', 'bed_until']).select(
          dialect.countAll().as('stays'),
        ),
      ),
      [...strata, { name: 'admission_date', type: date }, { name: 'bed_until', type: date }, count],
    ),
    admissions: plan(outer(grouped(source, ['admission_date']).select(dialect.countAll().as('stays'))), [
      { name: 'admission_date', type: date },
      count,
    ]),
  };
}

/** Every stay of the census that lasts for a midnight at least, with its stratum. */
function kindsOfStays({ gold, dialect }: PlanContext): DynamicQuery {
  const method = (first: string): Expression<boolean> =>
    dialect.startsWith(sql.ref('s.admission_method'), new TypedValue({ kind: 'text', length: 8 }, first));
  const age = sql.ref('s.age_at_event');
  const kind = sql`case when s.is_emergency = 1 then 2 when ${method('1')} then 1 when ${method('3')} then 3 else 8 end`;
  const band = sql`case when ${age} is null then -1 when ${age} < 18 then 0 when ${age} < 65 then 18 when ${age} < 80 then 65 else 80 end`;
  return (
    gold
      .selectFrom('fact_spell as s')
      .where('s.in_census', '=', sql.lit(1) as never)
      .whereRef('s.bed_until', '>', 's.admission_date') as unknown as DynamicQuery
  ).select([
    kind.as('kind'),
    band.as('age'),
    sql.ref('s.specialty_code').as('specialty_code'),
    sql.ref('s.admission_date').as('admission_date'),
    sql.ref('s.bed_until').as('bed_until'),
    dialect.daysBetween(sql.ref('s.admission_date'), sql.ref('s.bed_until')).as('midnights'),
  ]);
}
