/** Settings of the engine that decide how it goes about a statement, the same wherever statements of ours run. */
export const optimizer = {
  // It joins by inequalities alone (stays and the days they cover) in one sort of both sides. Left to itself it compares every
  // pair where it expects few rows, and what it expects of filtered stays is far from the truth.
  merge_join_threshold: '0',
  nested_loop_join_threshold: '0',
  // Of some statements with windows that rules are compiled to, the first of these steps of 1.5.6 ends with an internal error. The
  // second finds a page of up to 50 rows first and then reads them by their number, which takes twice as long as to read a mart.
  disabled_optimizers: 'top_n_window_elimination,late_materialization',
} as const;
