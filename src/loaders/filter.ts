import { type Expression, type RawBuilder, sql } from 'kysely';
import { MaplewoodError } from '../errors.js';
import type { Dialect } from '../warehouse/dialect.js';
import type { ColumnType } from '../warehouse/table.js';
import { bind, type Scalar, TypedValue } from '../warehouse/value.js';

/** Operators of a test, by the names of the API. */
export const operators = [
  'eq',
  'ne',
  'in',
  'lt',
  'lte',
  'gt',
  'gte',
  'isNull',
  'startsWith',
  'endsWith',
  'contains',
] as const;
export type Operator = (typeof operators)[number];

/** A value to compare with. Of a token that is its text, and in a statement the key behind it. */
export type FilterValue = Scalar;

/** A condition on rows: the same tree whatever door it came through. */
export type Filter =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Filter[] }
  | { readonly kind: 'not'; readonly part: Filter }
  | {
      readonly kind: 'test';
      readonly column: string;
      readonly op: Operator;
      readonly value: FilterValue | readonly FilterValue[];
    };

/** Names of all columns that a filter tests. */
export function columnsOf(filter: Filter): string[] {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return [...new Set(filter.parts.flatMap(columnsOf))];
    case 'not':
      return columnsOf(filter.part);
    case 'test':
      return [filter.column];
  }
}

/** The parts of a conjunction; a filter that is none is its only part. */
export const conjuncts = (filter: Filter | undefined): readonly Filter[] =>
  filter === undefined ? [] : filter.kind === 'and' ? filter.parts.flatMap(conjuncts) : [filter];

/** Where a column of the filter stands in the query, and its type. */
export interface FilterColumn {
  readonly expression: Expression<unknown>;
  readonly type: ColumnType;
  readonly nullable: boolean;
}

/**
 * The filter as SQL. Null is a value: `eq` and `in` are false for it and `ne` is true, also under `not`; the
 * orderings and text tests drop it. Text compares by code point.
 */
export function filterSql(
  dialect: Dialect,
  filter: Filter,
  column: (name: string) => FilterColumn,
): RawBuilder<boolean> {
  switch (filter.kind) {
    case 'and':
      return filter.parts.length === 0
        ? sql<boolean>`(1 = 1)`
        : sql<boolean>`(${sql.join(
            filter.parts.map((part) => filterSql(dialect, part, column)),
            sql` and `,
          )})`;
    case 'or':
      return filter.parts.length === 0
        ? sql<boolean>`(1 = 0)`
        : sql<boolean>`(${sql.join(
            filter.parts.map((part) => filterSql(dialect, part, column)),
            sql` or `,
          )})`;
    case 'not':
      return sql<boolean>`(not ${filterSql(dialect, filter.part, column)})`;
    case 'test':
      return testSql(dialect, filter, column(filter.column));
  }
}

function testSql(
  dialect: Dialect,
  test: Filter & { kind: 'test' },
  column: FilterColumn,
): RawBuilder<boolean> {
  const { expression, type, nullable } = column;
  const values = (Array.isArray(test.value) ? test.value : [test.value]) as readonly FilterValue[];
  const one = (): RawBuilder<unknown> => parameter(type, values[0] ?? null);
  const known = (condition: RawBuilder<boolean>): RawBuilder<boolean> =>
    nullable ? sql<boolean>`(${condition} and ${expression} is not null)` : condition;
  const never = sql<boolean>`(1 = 0)`;
  // Gold text is trimmed, and T-SQL's `=` pads with blanks: a value that ends in one equals nothing.
  const comparable = values.filter(
    (value) => !(typeof value === 'string' && type.kind === 'text' && value.endsWith(' ')),
  );

  switch (test.op) {
    case 'isNull':
      return test.value === true
        ? sql<boolean>`(${expression} is null)`
        : sql<boolean>`(${expression} is not null)`;
    case 'eq':
      return comparable.length === 0 ? never : known(sql<boolean>`(${expression} = ${one()})`);
    case 'ne':
      return comparable.length === 0
        ? sql<boolean>`(1 = 1)`
        : nullable
          ? sql<boolean>`(${expression} <> ${one()} or ${expression} is null)`
          : sql<boolean>`(${expression} <> ${one()})`;
    case 'in':
      return comparable.length === 0
        ? never
        : known(
            sql<boolean>`(${expression} in (${sql.join(comparable.map((value) => parameter(type, value)))}))`,
          );
    case 'lt':
      return sql<boolean>`(${expression} < ${one()})`;
    case 'lte':
      return sql<boolean>`(${expression} <= ${one()})`;
    case 'gt':
      return sql<boolean>`(${expression} > ${one()})`;
    case 'gte':
      return sql<boolean>`(${expression} >= ${one()})`;
    case 'startsWith':
      return dialect.startsWith(expression, text(values[0]));
    case 'endsWith':
      return dialect.endsWith(expression, text(values[0]));
    case 'contains':
      return dialect.contains(expression, text(values[0]));
  }
}

/** A decimal is compared as one: it travels as text and is cast beside the column. */
export function parameter(type: ColumnType, value: FilterValue): RawBuilder<unknown> {
  const bound = bind(type, value);
  return type.kind === 'decimal'
    ? sql`cast(${bound} as decimal(${sql.lit(type.precision)}, ${sql.lit(type.scale)}))`
    : bound;
}

function text(value: FilterValue | undefined): TypedValue {
  if (typeof value !== 'string') throw new MaplewoodError('BAD_USER_INPUT', 'A text test needs a text.');
  return new TypedValue({ kind: 'text', length: 4000 }, value);
}
