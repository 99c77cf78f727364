/** SQL text of the lake: fragments come from contracts and from here, never from delivered values. */

/** A quoted identifier. */
export const name = (identifier: string): string => `"${identifier.replaceAll('"', '""')}"`;

/** A quoted text literal, for paths and constants of declarations. */
export const quoted = (value: string): string => `'${value.replaceAll("'", "''")}'`;

/** Rows of one or more Parquet files with the same columns. */
export const parquet = (paths: readonly string[]): string =>
  `read_parquet([${paths.map(quoted).join(', ')}], union_by_name = true)`;
