import { type RawBuilder, sql } from 'kysely';
import type { Dialect, DynamicQuery } from '../warehouse/dialect.js';
import type { GoldBuilder } from './source.js';

/** European Standard Population 2013 of 0-4, 5-9 … 85-89, 90+ years: 100,000 people. */
export const europeanStandard2013: readonly number[] = [
  5000, 5500, 5500, 5500, 6000, 6000, 6500, 7000, 7000, 7000, 7000, 6500, 6000, 5500, 5000, 4000, 2500, 1500,
  1000,
];

/** Fewer events than these have no standardised rate. */
const leastEvents = 10;
const z = 1.959964;

/** A constant in exponent form, so that T-SQL computes in FLOAT. */
const float = (value: number): RawBuilder<number> => sql.raw(value.toExponential());

/**
 * Sums over the bands of cells that are split by them: one row a cell. `bands` has the columns `keys`, `member` (the
 * place of the band in the weights; others are left out), `observed` and `people` (as released, null where hidden) and
 * `hidden` (0 or 1).
 */
export function foldBands(
  gold: GoldBuilder,
  dialect: Dialect,
  bands: DynamicQuery,
  keys: readonly string[],
  weights: readonly number[],
): DynamicQuery {
  const whens = weights.map((weight, band) => sql`when ${sql.lit(band)} then ${float(weight)}`);
  const [w, o, n] = [
    sql`(case b.member ${sql.join(whens, sql` `)} end)`,
    dialect.toDouble(sql.ref('b.observed')),
    dialect.toDouble(sql.ref('b.people')),
  ];
  const over = (value: RawBuilder<unknown>): RawBuilder<unknown> =>
    sql`sum(case when b.people > 0 then ${value} end)`;
  const folded = (gold.selectFrom(bands.as('b')) as unknown as DynamicQuery)
    .select(keys.map((key) => sql.ref(`b.${key}`).as(key)))
    .select([
      over(sql`${w} * ${o} / ${n}`).as('weighted'),
      over(w).as('weights'),
      over(sql`${w} * ${w} * ${o} / (${n} * ${n})`).as('spread'),
      over(o).as('observed'),
      sql`sum(${n})`.as('people'),
      sql`max(b.hidden)`.as('hidden'),
    ])
    .where(sql<boolean>`b.member between 0 and ${sql.lit(weights.length - 1)}`);
  return keys.length === 0 ? folded : folded.groupBy(keys.map((key) => sql.ref(`b.${key}`)));
}

/**
 * Directly standardised rate of a folded cell per 100,000 (Association of Public Health Observatories, Technical
 * Briefing 3), or a 95 % limit of it (Dobson et al. 1991, with Byar's limits of the number of events). Null where it is
 * hidden or rests on fewer than 10 events.
 */
export function standardisedRate(alias: string, value: 'rate' | 'lower' | 'upper'): RawBuilder<unknown> {
  const ref = (column: string): RawBuilder<number> => sql<number>`${sql.ref(`${alias}.${column}`)}`;
  const [o, w] = [ref('observed'), ref('weights')];
  const rate = sql`(${ref('weighted')} / ${w})`;
  const limited = (): RawBuilder<unknown> => {
    const base = value === 'lower' ? o : sql`(${o} + 1)`;
    const sign = sql.raw(value === 'lower' ? '-' : '+');
    const root = sql`(1 - ${float(1)} / (9 * ${base}) ${sign} ${float(z / 3)} / sqrt(${base}))`;
    const byar = sql`(${base} * ${root} * ${root} * ${root})`;
    return sql`(${rate} + sqrt(${ref('spread')} / (${w} * ${w}) / ${o}) * (${byar} - ${o}))`;
  };
  const shown = value === 'rate' ? rate : limited();
  return sql`(case when ${ref('hidden')} = 0 and ${o} >= ${sql.lit(leastEvents)} then ${float(100_000)} * ${shown} end)`;
}
