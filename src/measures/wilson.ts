import { type Expression, type RawBuilder, sql } from 'kysely';
import type { Dialect } from '../warehouse/dialect.js';

/** Normal quantile of a 95 % interval. */
const z = 1.959964;

/**
 * Limit of the Wilson 95 % score interval of x of n in percent, as a double; null where n is 0 or null:
 * 100 × (2x + z² ± z√(z² + 4x(1 − x/n))) / (2(n + z²)).
 */
export function wilsonLimit(
  dialect: Dialect,
  above: Expression<unknown>,
  below: Expression<unknown>,
  limit: 'lower' | 'upper',
): RawBuilder<number> {
  const [x, n] = [dialect.toDouble(above), sql`nullif(${dialect.toDouble(below)}, 0)`];
  // Exponent form, so that T-SQL computes in FLOAT.
  const [one, square] = [z, z * z].map((value) => sql.raw(value.toExponential()));
  const root = sql`${one} * sqrt(${square} + 4 * ${x} * (1 - ${x} / ${n}))`;
  const sign = sql.raw(limit === 'lower' ? '-' : '+');
  const value = sql`(100 * (2 * ${x} + ${square} ${sign} ${root}) / (2 * (${n} + ${square})))`;
  // The ends are exact, not a rounding error beside them.
  return limit === 'lower'
    ? sql<number>`(case when ${x} = 0 and ${n} > 0 then cast(0 as float) else ${value} end)`
    : sql<number>`(case when ${x} = ${n} then cast(100 as float) else ${value} end)`;
}
