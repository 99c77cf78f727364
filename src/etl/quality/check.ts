/** The vocabulary in which an integrity check is declared, and the judgement of what it found. */

/** What a check looks at: a delivered file, a table, one column of it, or several tables. */
export type CheckLevel = 'file' | 'table' | 'field' | 'cross';

/** The three kinds of data quality of Kahn et al., "A harmonized data quality assessment terminology" (2016). */
export type KahnCategory = 'conformance' | 'completeness' | 'plausibility';

/** Class of a value by the NHS data quality reports: Valid, Other (not stated), Default, Invalid, Missing. */
export type VodimClass = 'valid' | 'other' | 'default' | 'invalid' | 'missing';

/** A check that could not be computed is an `error`; one that had nothing to look at is `not_applicable`. */
export type CheckStatus = 'pass' | 'fail' | 'error' | 'not_applicable';

/** An integrity check, as data. Checks with the same `from` are counted in one pass over it. */
export interface Check {
  /** Unique; the name that `--accept` and the configuration take. */
  readonly id: string;
  /** Dataset of the sources, or table of the release. */
  readonly subject: string;
  readonly column: string | null;
  readonly level: CheckLevel;
  readonly category: KahnCategory;
  /** Class of the values that it counts, where it counts values of a coded item. */
  readonly vodim: VodimClass | null;
  /** `error` stops the publish, `warn` and `info` are told. Rows are refused by the rules of the contract, not here. */
  readonly severity: 'error' | 'warn' | 'info';
  /** It fails when violations are more than this share of the denominator, in percent. */
  readonly thresholdPct: number;
  /** Datasets, of the sources or the API, that it guards. */
  readonly touches: readonly string[];
  /** What is counted. */
  readonly description: string;
  /** SQL relation that is looked at. */
  readonly from: string;
  /** Aggregate expressions over it: what violates the check, and what was looked at. Null counts as 0. */
  readonly violations: string;
  readonly denominator: string;
  /** Aggregate expression that gives a text for the reader: which files, which figure. Never a value of a row. */
  readonly detail?: string;
}

/** A check of a table that counts its rows, with what most of them have in common. */
export const check = (
  declared: Omit<Check, 'column' | 'vodim' | 'thresholdPct' | 'denominator'> & Partial<Check>,
): Check => ({ column: null, vodim: null, thresholdPct: 0, denominator: 'count(*)', ...declared });

/** Pass or fail by the share of violations; `not_applicable` where there was nothing to look at. */
export function statusOf(
  violated: number,
  denominator: number,
  thresholdPct: number,
): Exclude<CheckStatus, 'error'> {
  if (violated === 0) return denominator === 0 ? 'not_applicable' : 'pass';
  return denominator > 0 && (100 * violated) / denominator <= thresholdPct ? 'pass' : 'fail';
}

/** One row of `quality_result`. */
export interface QualityResult {
  readonly id: string;
  readonly rule: string;
  readonly dataset: string;
  readonly column_name: string | null;
  readonly level: CheckLevel;
  readonly category: KahnCategory;
  readonly vodim: VodimClass | null;
  readonly severity: 'error' | 'reject' | 'warn' | 'info';
  readonly violated: number;
  readonly violated_kept: number | null;
  readonly denominator: number;
  readonly threshold_pct: number | null;
  readonly status: CheckStatus;
  readonly touches: string | null;
  readonly description: string;
  /** What was found, for the reader; never a value of a row. */
  readonly detail: string | null;
  /** Why a check of severity error that failed did not stop the publish. */
  readonly accepted_reason: string | null;
}
