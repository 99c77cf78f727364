import type { Identifiers } from '../../access/identifiers.js';
import type { Feedback } from '../../cds/hooks/feedback.js';
import type { CardEvent, CardOwner, CdsFeedback } from '../../cds/hooks/ledger.js';
import type { Reason } from '../../cds/hooks/reasons.js';
import type { RecordAct } from '../../cds/results/act-service.js';
import { MaplewoodError } from '../../errors.js';

/** Who tells what came of cards. */
export interface Teller {
  readonly owner: CardOwner;
  readonly by: string;
  readonly identifiers: Identifiers;
  readonly now: Date;
  readonly record: RecordAct;
}

export interface FeedbackDesk {
  /**
   * Keeps what came of cards, each once however often it is told; it is recorded first. Errors: `BAD_USER_INPUT` where one of
   * them is no card that the teller was shown, `AUDIT_UNAVAILABLE`; then nothing is kept. `STATE_UNAVAILABLE`.
   */
  take(feedback: readonly Feedback[], teller: Teller): Promise<void>;
}

const outcomes = { accepted: 'actioned', overridden: 'overridden' } as const;

export function feedbackDesk(feedback: CdsFeedback, reasons: readonly Reason[]): FeedbackDesk {
  const codes = new Set(reasons.map(({ code }) => code));
  // One at a time, so that what is told twice at once is kept once.
  let taking: Promise<unknown> = Promise.resolve();

  const take = async (
    told: readonly Feedback[],
    { owner, by, identifiers, now, record }: Teller,
  ): Promise<void> => {
    const tokens = identifiers.of('event');
    const known = await feedback.known();
    const events = told.map((one): CardEvent => {
      const results = tokens.ofUuid(one.card).map((key) => key.toString('hex'));
      const card = known.shown(owner, one.card, results);
      if (!card)
        throw new MaplewoodError('BAD_USER_INPUT', 'The feedback names a card that was not shown to you.');
      const { resultKey, rule, urgency, client } = card;
      return {
        ...(resultKey === undefined ? {} : { resultKey }),
        cardUuid: one.card,
        rule,
        outcome: outcomes[one.outcome],
        urgency,
        // A reason of the client's own says nothing here; that there was one is not lost.
        reasonCode: one.reasonCode === null ? null : codes.has(one.reasonCode) ? one.reasonCode : 'other',
        comment: one.comment,
        at: one.outcomeTimestamp,
        by,
        client,
      };
    });
    const kept = new Set<string>();
    const untold = events.filter((event) => {
      const name = JSON.stringify([event.cardUuid, event.outcome, event.at]);
      if (kept.has(name) || known.has(event.cardUuid, event.outcome, event.at)) return false;
      kept.add(name);
      return true;
    });
    if (untold.length === 0) return;
    await record();
    try {
      for (const event of untold) await feedback.keep(event, now.toISOString());
    } catch (error) {
      await record(error);
      throw error;
    }
  };

  return {
    take(told, teller) {
      const next = taking.then(() => take(told, teller));
      taking = next.catch(() => undefined);
      return next;
    },
  };
}
