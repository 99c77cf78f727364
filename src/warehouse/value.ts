import { type RawBuilder, sql } from 'kysely';
import type { ColumnType } from './table.js';

/** What a caller may compare a column with. */
export type Scalar = string | number | boolean | bigint | Uint8Array | null;

/**
 * A parameter with the type of the column it is compared with. Both drivers refuse a bare value: an inferred
 * type would change with the value (one plan for each text length) and lose digits of decimals.
 */
export class TypedValue {
  constructor(
    readonly type: ColumnType,
    readonly value: Scalar,
  ) {}
}

/** A bound parameter. `value` never becomes part of the SQL text. */
export function bind<T = unknown>(type: ColumnType, value: Scalar): RawBuilder<T> {
  return sql<T>`${new TypedValue(type, value)}`;
}

/**
 * A day that the server has chosen, yyyy-mm-dd, as a literal. The embedded engine plans a statement with parameters each
 * time that it runs, and one without them once. Error: the text is no day.
 */
export function literalDay(day: string): RawBuilder<string> {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) throw new Error('no day');
  return sql<string>`cast(${sql.lit(day)} as date)`;
}

/** An instant that the server has chosen, yyyy-mm-ddThh:mm:ssZ, as a literal. Error: the text is no such instant. */
export function literalInstant(
  { columnType }: { readonly columnType: (type: ColumnType) => string },
  instant: string,
): RawBuilder<string> {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/.test(instant)) throw new Error('no instant');
  return sql<string>`cast(${sql.lit(instant.slice(0, -1))} as ${sql.raw(columnType({ kind: 'instant' }))})`;
}

/** A code that the server has let in, as a literal. Error: it has other signs than capital letters and digits. */
export function literalCode(code: string): RawBuilder<string> {
  if (!/^[A-Z0-9]+$/.test(code)) throw new Error('no code');
  return sql<string>`${sql.lit(code)}`;
}
