import type { Act } from './acts.js';

export const statuses = [
  'OPEN',
  'ACKNOWLEDGED',
  'ACTIONED',
  'OVERRIDDEN',
  'SUPPRESSED',
  'RESOLVED',
  'EXPIRED',
] as const;
export type Status = (typeof statuses)[number];

/** What the status of a result is a function of, beside the last act. Times are milliseconds since 1970. */
export interface ResultFacts {
  readonly urgency: number;
  readonly lastFiredAt: number;
  readonly isResolved: boolean;
  /** The rule was expired when it was last run over, or is no longer there. */
  readonly isExpired: boolean;
  /** Another rule of its group fires for the patient and is more urgent. */
  readonly isOutranked: boolean;
  /** Days for which the rule rests after an act. */
  readonly suppressDays: number;
}

/** The last act, as far as the status hangs on it. */
export interface ActFacts extends Pick<Act, 'outcome' | 'urgency'> {
  readonly at: number;
  readonly until: number | null;
}

const day = 86_400_000;

/**
 * The status of a result. It hangs on no clock: an act holds while the rule has not fired again after it, or only within the
 * days for which it rests; then the result is suppressed, and open again after them, or when it has become more urgent.
 */
export function statusOf(result: ResultFacts, act: ActFacts | undefined): Status {
  if (result.isResolved) return 'RESOLVED';
  if (result.isExpired) return 'EXPIRED';
  const held = act && heldBy(result, act);
  if (held) return held;
  return result.isOutranked ? 'SUPPRESSED' : 'OPEN';
}

/** As what an act holds a result that would be open without it; undefined where it does not hold it any more. */
export function heldBy(
  { urgency, lastFiredAt, suppressDays }: Pick<ResultFacts, 'urgency' | 'lastFiredAt' | 'suppressDays'>,
  act: ActFacts,
): Status | undefined {
  if (act.urgency !== null && urgency > act.urgency) return undefined;
  if (act.outcome === 'suppressed')
    return act.until !== null && lastFiredAt < act.until ? 'SUPPRESSED' : undefined;
  if (lastFiredAt <= act.at) return named[act.outcome];
  return lastFiredAt < act.at + suppressDays * day ? 'SUPPRESSED' : undefined;
}

const named = { acknowledged: 'ACKNOWLEDGED', actioned: 'ACTIONED', overridden: 'OVERRIDDEN' } as const;
