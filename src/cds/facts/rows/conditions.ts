import { type Expression, type RawBuilder, sql } from 'kysely';
import type { Dialect } from '../../../warehouse/dialect.js';
import { bind, TypedValue } from '../../../warehouse/value.js';
import type { FactColumn, FactCondition, ValueSet } from '../fact.js';

const text = { kind: 'text', length: 400 } as const;
const double = { kind: 'double' } as const;
const typed = (value: string): TypedValue => new TypedValue(text, value);

const literal = (value: string | number): RawBuilder<unknown> =>
  typeof value === 'string' ? bind(text, value) : bind(double, value);

const listOf = (values: readonly (string | number)[]): RawBuilder<unknown> => sql.join(values.map(literal));

/**
 * Whether a code, or one of a list of codes, is of a value set. Prefixes are compared by their lengths: a list of literals
 * for each length costs one look-up a row, whatever the number of codes.
 */
function codesSql(
  { system, type }: FactColumn,
  column: Expression<unknown>,
  dialect: Dialect,
  set: ValueSet | undefined,
): RawBuilder<boolean> {
  const codes = (set?.codes ?? []).filter((code) => code.system === system);
  if (codes.length === 0) return sql`1 = 0`;
  const exact = codes.filter(({ match }) => match === 'exact').map(({ code }) => code);
  const prefixes = codes.filter(({ match }) => match === 'prefix').map(({ code }) => code);
  if (type === 'codes') return dialect.holdsItem(column, exact, prefixes);
  const tests = [
    ...(exact.length > 0 ? [sql<boolean>`${column} in (${listOf(exact)})`] : []),
    ...[...new Set(prefixes.map((code) => code.length))].map((length) => {
      const alike = prefixes.filter((code) => code.length === length);
      return sql<boolean>`left(${column}, ${sql.lit(length)}) in (${listOf(alike)})`;
    }),
  ];
  return sql`${sql.join(tests, sql` or `)}`;
}

/** Whether a condition holds for a column of the relation of a fact; unknown for null. */
export function conditionSql(
  condition: FactCondition,
  declared: FactColumn,
  column: Expression<unknown>,
  dialect: Dialect,
  valueSets: ReadonlyMap<string, ValueSet>,
): RawBuilder<boolean> {
  switch (condition.kind) {
    case 'null':
      return condition.not ? sql`${column} is not null` : sql`${column} is null`;
    case 'compare': {
      const { value, operator } = condition;
      const to = typeof value === 'boolean' ? sql.lit(value ? 1 : 0) : literal(value);
      return sql`${column} ${sql.raw(operator)} ${to}`;
    }
    case 'in':
      return condition.not
        ? sql`${column} not in (${listOf(condition.values)})`
        : sql`${column} in (${listOf(condition.values)})`;
    case 'starts with':
      return dialect.startsWith(column, typed(condition.text));
    case 'contains':
      return sql`(${column} is not null and ${dialect.holdsItem(column, [condition.item], [])})`;
    case 'value set': {
      const among = codesSql(declared, column, dialect, valueSets.get(condition.name));
      return condition.not
        ? sql`(${column} is not null and not (${among}))`
        : sql`(${column} is not null and (${among}))`;
    }
  }
}
