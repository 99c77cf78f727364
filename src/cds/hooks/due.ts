import type { Time } from '../arden/value.js';
import { heldBy } from '../results/status.js';
import { inOrder } from './cards.js';
import type { Fired } from './evaluate.js';
import type { KnownCards } from './ledger.js';

/** A rule that fires, and the result that it is, where the patient is known here. */
export interface Candidate extends Fired {
  /** Hexadecimal. */
  readonly resultKey?: string;
}

export interface DueCards {
  readonly shown: readonly Candidate[];
  /** Cards that are kept from the reader because there were enough today. */
  readonly heldBack: number;
}

/**
 * Which cards are shown: not those that somebody has acted on, until the time for which the rule then rests is over or it has
 * become more urgent; of a group the most urgent one; and no more than so many a day, a card that was shown today not counted
 * again.
 */
export function dueCards(
  fired: readonly Candidate[],
  known: KnownCards,
  seenToday: ReadonlySet<string>,
  perDay: number,
  asOf: Time,
): DueCards {
  // The group first: what it holds back does not come up because the most urgent one was answered.
  const open = inOrder(fired).filter((candidate) => !rests(candidate, known, asOf));
  let left = Math.max(0, perDay - seenToday.size);
  const shown = open.filter(({ resultKey }) => {
    if (resultKey !== undefined && seenToday.has(resultKey)) return true;
    left -= 1;
    return left >= 0;
  });
  return { shown, heldBack: open.length - shown.length };
}

/** What somebody has done about it still holds, as of the time for which the rules were run: as for the status of the result. */
function rests({ rule, resultKey, urgency }: Candidate, known: KnownCards, { instant }: Time): boolean {
  const last = resultKey === undefined ? undefined : known.last(resultKey);
  if (!last) return false;
  const result = { urgency, lastFiredAt: instant, suppressDays: rule.gem.delivery.suppress_days };
  return heldBy(result, last) !== undefined;
}
