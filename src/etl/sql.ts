/** SQL text of the lake: fragments come from contracts and from here, never from delivered values. */

/** A quoted identifier. */
export const name = (identifier: string): string => `"${identifier.replaceAll('"', '""')}"`;

/** A quoted text literal, for paths and constants of declarations. */
export const quoted = (value: string): string => `'${value.replaceAll("'", "''")}'`;

/**
 * FROM of the rows of some patients, whom `patients` names once each. For a join on a number the engine looks up an array
 * by that number; for a semi join or IN it hashes, which takes three times as long.
 */
export const ofPatients = (rows: string, patients: string): string =>
  `${rows} join ${patients} using (patient_no)`;

/** Rows of one or more Parquet files with the same columns. */
export const parquet = (paths: readonly string[]): string =>
  `read_parquet([${paths.map(quoted).join(', ')}], union_by_name = true)`;
