import { type RawBuilder, sql } from 'kysely';
import type { Dialect, DynamicQuery } from '../warehouse/dialect.js';
import type { GoldBuilder } from './source.js';

/** Fewer groups or events than these have no slope. */
const leastGroups = 3;
const leastEvents = 50;

const float = (value: number): RawBuilder<number> => sql.raw(value.toExponential());
const total = (terms: readonly RawBuilder<unknown>[]): RawBuilder<unknown> =>
  sql`(${sql.join(terms, sql` + `)})`;

/**
 * One row a cell with the people and events of every group in order, most deprived first: `bands` is as in `foldBands`,
 * its member one of `groups`. Columns: keys, `people_<i>`, `observed_<i>`, `below_<i>` (share of the people up to the
 * middle of the group), `people`, `observed`, `groups` and `hidden`.
 */
export function foldGroups(
  gold: GoldBuilder,
  dialect: Dialect,
  bands: DynamicQuery,
  keys: readonly string[],
  groups: readonly string[],
): DynamicQuery {
  const of = (group: string, column: string): RawBuilder<unknown> =>
    sql`coalesce(sum(case when b.member = ${sql.lit(group)} then ${dialect.toDouble(sql.ref(`b.${column}`))} end), 0)`;
  const pivoted = (gold.selectFrom(bands.as('b')) as unknown as DynamicQuery)
    .select(keys.map((key) => sql.ref(`b.${key}`).as(key)))
    .select(
      groups.flatMap((group, at) =>
        ['people', 'observed'].map((column) => of(group, column).as(`${column}_${at}`)),
      ),
    )
    .select(sql`max(b.hidden)`.as('hidden'))
    .where(sql<boolean>`b.member in (${sql.join(groups.map((group) => sql.lit(group)))})`);
  const cells = keys.length === 0 ? pivoted : pivoted.groupBy(keys.map((key) => sql.ref(`b.${key}`)));
  const refs = (column: string): RawBuilder<unknown>[] =>
    groups.map((_group, at) => sql.ref(`g.${column}_${at}`) as never);
  const people = refs('people');
  return (gold.selectFrom(cells.as('g')) as unknown as DynamicQuery)
    .selectAll('g')
    .select([
      total(people).as('people'),
      total(refs('observed')).as('observed'),
      total(people.map((n) => sql`case when ${n} > 0 then 1 else 0 end`)).as('groups'),
    ])
    .select(
      people.map((n, at) =>
        sql`(${total([...people.slice(0, at), sql`${n} / 2`])} / nullif(${total(people)}, 0))`.as(
          `below_${at}`,
        ),
      ),
    );
}

/**
 * Slope index of inequality of a folded cell: how much the rate per 100,000 changes from the most to the least deprived
 * end, by least squares over the groups, weighted by their people (Mackenbach and Kunst 1997). Negative where the most
 * deprived have the higher rate. Null where it is hidden, or of fewer than three groups or 50 events.
 */
export function slopeIndex(alias: string, groups: readonly string[]): RawBuilder<unknown> {
  const ref = (column: string): RawBuilder<unknown> => sql.ref(`${alias}.${column}`) as never;
  const sumOf = (term: (at: number) => RawBuilder<unknown>): RawBuilder<unknown> =>
    sql`(${total(groups.map((_group, at) => term(at)))} / nullif(${ref('people')}, 0))`;
  const [n, o, b] = ['people', 'observed', 'below'].map(
    (column) => (at: number) => ref(`${column}_${at}`),
  ) as [
    (at: number) => RawBuilder<unknown>,
    (at: number) => RawBuilder<unknown>,
    (at: number) => RawBuilder<unknown>,
  ];
  const middle = sumOf((at) => sql`${n(at)} * ${b(at)}`);
  const together = sumOf((at) => sql`${b(at)} * ${o(at)}`);
  const square = sumOf((at) => sql`${n(at)} * ${b(at)} * ${b(at)}`);
  const slope = sql`((${together} - ${middle} * ${ref('observed')} / nullif(${ref('people')}, 0)) / nullif(${square} - ${middle} * ${middle}, 0))`;
  return sql`(case when ${ref('hidden')} = 0 and ${ref('groups')} >= ${sql.lit(leastGroups)} and ${ref('observed')} >= ${sql.lit(leastEvents)} then ${float(100_000)} * ${slope} end)`;
}
