import type { Comparison } from './compare.js';
import { refused } from './source.js';

/** What a capture may delete. */
export interface DeletionLimits {
  /** Share of the rows of the last capture, 0 to 1. */
  readonly maxDeleteShare: number;
  readonly allowEmpty: boolean;
  readonly allowMassDelete: boolean;
}

/**
 * A source that was delivered empty or cut short looks like one whose rows were deleted.
 * Error: `CAPTURE_REFUSED`, saying how to go on if the rows are gone indeed.
 */
export function guardDeletions(
  dataset: string,
  counts: Comparison,
  rowsBefore: number,
  limits: DeletionLimits,
): void {
  if (rowsBefore === 0) return;
  if (counts.present === 0) {
    if (limits.allowEmpty) return;
    throw refused(
      dataset,
      `it has no row with a key, and had ${rowsBefore} before; if they are deleted indeed, run again with --allow-empty`,
    );
  }
  if (limits.allowMassDelete || counts.deletes <= rowsBefore * limits.maxDeleteShare) return;
  throw refused(
    dataset,
    `${counts.deletes} of its ${rowsBefore} rows are missing, more than the share of ${limits.maxDeleteShare} that may go at once; ` +
      'if they are deleted indeed, run again with --allow-mass-delete',
  );
}
