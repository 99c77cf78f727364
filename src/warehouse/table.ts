/** Tables declared once: DDL of both engines, Kysely types, parameter types and lineage derive from here. */

/** The type of a column, of a parameter compared with it, and of an output column. */
export type ColumnType =
  | { readonly kind: 'text'; readonly length: number }
  | { readonly kind: 'int32' }
  | { readonly kind: 'int64' }
  | { readonly kind: 'double' }
  | { readonly kind: 'decimal'; readonly precision: number; readonly scale: number }
  | { readonly kind: 'boolean' }
  /** Calendar day, `YYYY-MM-DD`. */
  | { readonly kind: 'date' }
  /** Instant in UTC, whole seconds, ISO text ending in `Z`. */
  | { readonly kind: 'instant' }
  /** 128-bit key: 16 bytes, compared bytewise. Never leaves the server. */
  | { readonly kind: 'key128' };

export interface ColumnDeclaration<T = unknown> {
  readonly type: ColumnType;
  readonly nullable: boolean;
  /** What the column holds: unit, edge cases. */
  readonly description: string;
  /** Carries the TypeScript type only; never set. */
  readonly as?: T;
}

const column =
  <T>(type: ColumnType) =>
  (description: string): ColumnDeclaration<T> => ({ type, nullable: false, description });

export const text = (length: number) => column<string>({ kind: 'text', length });
export const int32 = column<number>({ kind: 'int32' });
export const int64 = column<number>({ kind: 'int64' });
export const double = column<number>({ kind: 'double' });
export const boolean = column<boolean>({ kind: 'boolean' });
export const date = column<string>({ kind: 'date' });
export const instant = column<string>({ kind: 'instant' });
export const key128 = column<Uint8Array>({ kind: 'key128' });
export const decimal = (precision: number, scale: number) =>
  column<string>({ kind: 'decimal', precision, scale });

/** Money in pounds: `decimal(15,2)`, exact end to end. */
export const money = decimal(15, 2);

/** The same column, null where the value is not known. */
export const nullable = <T>(declared: ColumnDeclaration<T>): ColumnDeclaration<T | null> => ({
  type: declared.type,
  nullable: true,
  description: declared.description,
});

export type Columns = Readonly<Record<string, ColumnDeclaration>>;

/** How a Synapse dedicated pool spreads the rows; SQL Server and DuckDB ignore it. */
export type Distribution =
  | { readonly kind: 'hash'; readonly column: string }
  | { readonly kind: 'replicate' }
  | { readonly kind: 'round_robin' };

export interface TableDeclaration<C extends Columns = Columns, N extends string = string> {
  readonly name: N;
  readonly description: string;
  readonly columns: C;
  /** Unique and not null; proved by a check before a release is published. */
  readonly primaryKey: readonly string[];
  /** Order of the rows on disk: what most reads filter by. */
  readonly sortedBy: readonly string[];
  readonly distribution: Distribution;
}

/** Declares a table; the generic keeps the column names for the Kysely types. */
export function table<const N extends string, C extends Columns>(declaration: {
  name: N;
  description: string;
  columns: C;
  primaryKey?: readonly (keyof C & string)[];
  sortedBy?: readonly (keyof C & string)[];
  distribution?: Distribution;
}): TableDeclaration<C, N> {
  const primaryKey = declaration.primaryKey ?? [];
  return {
    primaryKey,
    sortedBy: declaration.sortedBy ?? primaryKey,
    distribution: declaration.distribution ?? { kind: 'replicate' },
    name: declaration.name,
    description: declaration.description,
    columns: declaration.columns,
  };
}

type ValueOf<D> = D extends ColumnDeclaration<infer T> ? T : never;

/** The Kysely row type of a declared table. */
export type RowOf<T> =
  T extends TableDeclaration<infer C, string> ? { readonly [K in keyof C]: ValueOf<C[K]> } : never;

/** The declared column, or an error that names the table: a typo in a declaration ends the start. */
export function columnOf(declared: TableDeclaration, name: string): ColumnDeclaration {
  const found = Object.hasOwn(declared.columns, name) ? declared.columns[name] : undefined;
  if (!found) throw new Error(`table ${declared.name} has no column ${name}`);
  return found;
}
