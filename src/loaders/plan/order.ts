import { type Expression, type RawBuilder, sql } from 'kysely';
import { MaplewoodError } from '../../errors.js';
import type { ColumnType } from '../../warehouse/table.js';
import { type FilterValue, parameter } from '../filter.js';
import type { Order } from '../question.js';

/** A column that rows are ordered by, and where it stands in the query. Nulls come last in both directions. */
export interface OrderTerm {
  readonly expression: Expression<unknown>;
  readonly type: ColumnType;
  readonly nullable: boolean;
  readonly descending: boolean;
}

/** The order asked for, made total by the identity of a row. Each column once. */
export function totalOrder(orderBy: readonly Order[], identity: readonly string[]): Order[] {
  const order: Order[] = [];
  for (const by of [...orderBy, ...identity.map((column) => ({ column, descending: false }))]) {
    if (!order.some(({ column }) => column === by.column)) order.push(by);
  }
  return order;
}

/** What a statement orders by. */
export const sortKeys = (
  order: readonly OrderTerm[],
): { readonly expression: Expression<unknown>; readonly descending: boolean }[] =>
  order.flatMap(({ expression, nullable, descending }) => {
    const nullsLast = {
      expression: sql`case when ${expression} is null then 1 else 0 end`,
      descending: false,
    };
    return [...(nullable ? [nullsLast] : []), { expression, descending }];
  });

/**
 * Rows after the one with these values, one a term: a > x, or a = x and b > y, and so on. Null sorts last in both
 * directions, so nothing follows it and everything else precedes it. Error: `INVALID_CURSOR`.
 */
export function afterSql(values: readonly FilterValue[], order: readonly OrderTerm[]): RawBuilder<boolean> {
  if (values.length !== order.length) throw new MaplewoodError('INVALID_CURSOR');
  const alternatives: RawBuilder<boolean>[] = [];
  const equal: RawBuilder<boolean>[] = [];
  order.forEach(({ expression, type, nullable, descending }, index) => {
    const value = values[index] ?? null;
    if (value !== null) {
      const bound = parameter(type, value);
      const beyond = descending
        ? sql<boolean>`${expression} < ${bound}`
        : sql<boolean>`${expression} > ${bound}`;
      const later = nullable ? sql<boolean>`(${beyond} or ${expression} is null)` : beyond;
      alternatives.push(sql<boolean>`(${sql.join([...equal, later], sql` and `)})`);
      equal.push(sql<boolean>`${expression} = ${parameter(type, value)}`);
    } else if (nullable) equal.push(sql<boolean>`${expression} is null`);
    else throw new MaplewoodError('INVALID_CURSOR');
  });
  return alternatives.length === 0
    ? sql<boolean>`(1 = 0)`
    : sql<boolean>`(${sql.join(alternatives, sql` or `)})`;
}
