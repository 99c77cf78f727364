import { type Expression, type RawBuilder, sql } from 'kysely';
import type { Dialect } from '../warehouse/dialect.js';
import type { MoneyRounding } from './role.js';

/** Sums of pounds are released in this type. */
export const releasedPounds = (expression: Expression<unknown>): RawBuilder<number> =>
  sql<number>`cast(${expression} as decimal(15, 2))`;

/** Two figures are 10, 100, 1,000 … pounds from these amounts on; below the first they would be finer than ten pounds. */
const steps = Array.from({ length: 12 }, (_none, index) => ({
  below: 10 ** (index + 3),
  base: 10 ** (index + 1),
}));

/** Pounds rounded as far as a role sees them, halves up. */
export function roundedPounds(
  dialect: Dialect,
  rounding: MoneyRounding,
  pounds: Expression<unknown>,
): RawBuilder<number> {
  // Whole pounds first: what is below a half of the base in pence is below it in pounds too.
  const to = (base: number): RawBuilder<number> => dialect.roundTo(base, sql`floor(${pounds})`);
  switch (rounding) {
    case 'pence':
      return releasedPounds(pounds);
    case 'tens':
      return releasedPounds(to(10));
    case 'twoFigures': {
      const cases = steps.map(({ below, base }) => sql`when ${pounds} < ${sql.lit(below)} then ${to(base)}`);
      return releasedPounds(sql`case ${sql.join(cases, sql` `)} else ${to(10 ** 13)} end`);
    }
  }
}
