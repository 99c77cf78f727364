/**
 * Settings with which the engine joins by inequalities alone (stays and the days they cover) in one sort of both sides. Left to
 * itself it compares every pair where it expects few rows, and what it expects of filtered stays is far from the truth.
 */
export const rangeJoins = { merge_join_threshold: '0', nested_loop_join_threshold: '0' } as const;
