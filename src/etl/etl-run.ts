import type { Lease } from '../lake/lease.js';
import type { EtlEffects, EtlOptions } from './options.js';
import { withAcceptances } from './quality/accept.js';
import type { QualityResult } from './quality/check.js';
import type { CheckLimits } from './quality/limits.js';

/** What the steps of one run share: what it was asked for, its lease, its clock. */
export interface EtlRun {
  readonly id: string;
  readonly options: EtlOptions;
  readonly effects: EtlEffects;
  readonly lease: Lease;
  readonly limits: CheckLimits;
  readonly startedAt: Date;
  /** Seconds that steps took. */
  readonly timings: Readonly<Record<string, number>>;
  /** Says that a step has ended, which began where the one before ended. */
  readonly ended: (step: string) => void;
  /** Results of checks, those that were accepted for this run marked. */
  readonly judged: (results: readonly QualityResult[]) => QualityResult[];
}

export function etlRun(
  id: string,
  options: EtlOptions,
  effects: EtlEffects,
  lease: Lease,
  limits: CheckLimits,
): EtlRun {
  const startedAt = effects.now();
  const timings: Record<string, number> = {};
  let since = startedAt.getTime();
  return {
    id,
    options,
    effects,
    lease,
    limits,
    startedAt,
    timings,
    ended: (step) => {
      const now = effects.now().getTime();
      timings[step] = (now - since) / 1000;
      since = now;
    },
    judged: (results) => withAcceptances(results, options.accept),
  };
}
