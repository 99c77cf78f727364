import { type Expression, type RawBuilder, sql } from 'kysely';
import type { ColumnType } from '../warehouse/table.js';
import { bind, type Scalar } from '../warehouse/value.js';
import type { Condition, Test } from './aggregate.js';

type TypeOf = (column: string) => ColumnType;

function test(column: string, type: ColumnType, wanted: Test): RawBuilder<boolean> {
  const ref = sql.ref(column);
  switch (wanted.op) {
    case 'isNull':
      return sql<boolean>`${ref} is null`;
    case 'isNotNull':
      return sql<boolean>`${ref} is not null`;
    case 'in':
      return wanted.values.length === 0
        ? sql<boolean>`1 = 0`
        : sql<boolean>`${ref} in (${sql.join(wanted.values.map((value) => literal(type, value)))})`;
    default:
      return sql<boolean>`${ref} ${sql.raw(wanted.op)} ${literal(type, wanted.value)}`;
  }
}

/**
 * A constant of a declaration: part of the program, so it stands in the text as a literal (a parameter inside an
 * aggregated expression is a different expression at each place). Texts are quoted by Kysely.
 */
function literal(type: ColumnType, value: Exclude<Scalar, null>): RawBuilder<unknown> {
  if (type.kind === 'boolean') return sql.lit(value ? 1 : 0);
  if (typeof value === 'number' || typeof value === 'string') return sql.lit(value);
  return bind(type, value);
}

/** The condition as SQL, or undefined where it holds for every event. */
export function conditionSql(condition: Condition, typeOf: TypeOf): Expression<boolean> | undefined {
  const tests = Object.entries(condition).map(([column, wanted]) => test(column, typeOf(column), wanted));
  return tests.length === 0 ? undefined : sql<boolean>`${sql.join(tests, sql` and `)}`;
}
