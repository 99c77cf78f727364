import { type Expression, type RawBuilder, sql } from 'kysely';
import type { Dialect } from '../warehouse/dialect.js';
import { type Part, sumType } from './parts.js';

type SumPart = Part & { readonly kind: 'sum' };

/**
 * Sum over single events, exact: 0 where none meets the condition or has a value. `weight`: 1, -1 or 0, how often an event
 * counts.
 */
export function sumOver(
  dialect: Dialect,
  part: SumPart,
  condition: Expression<boolean> | undefined,
  weight?: Expression<number>,
): RawBuilder<unknown> {
  const column = sql.ref(part.column);
  // A product would have more digits than the column, and cost more to sum.
  const often = weight ? sql`case ${weight} when 1 then ${column} when -1 then -${column} end` : column;
  const value = condition ? sql`case when ${condition} then ${often} end` : often;
  return sql`coalesce(${part.money ? sql`sum(${value})` : dialect.sumInt(value)}, 0)`;
}

/** A sum or largest sum in the type in which it is kept: a sum of decimals has 38 digits in both engines. */
export const summedInto = (
  dialect: Dialect,
  part: SumPart,
  expression: Expression<unknown>,
): RawBuilder<unknown> => sql`cast(${expression} as ${sql.raw(dialect.columnType(sumType(part.money)))})`;
