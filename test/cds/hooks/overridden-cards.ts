import { feedbackIn } from '../../../src/cds/hooks/ledger.js';
import type { StateStore } from '../../../src/state/store.js';
import { now } from './builders.js';

/** Cards of a rule that were shown to somebody, each of them overridden. */
export async function overriddenCards(state: StateStore, rule: string, count: number): Promise<void> {
  const feedback = feedbackIn(state, (instant) => instant.slice(0, 10));
  for (let at = 0; at < count; at += 1) {
    const card = {
      cardUuid: `00000000-0000-4000-8000-${String(at).padStart(12, '0')}`,
      rule,
      urgency: 70,
      reasonCode: null,
      comment: null,
      at: now,
      by: 'tenant/another',
      client: 'another',
    };
    for (const outcome of ['shown', 'overridden'] as const) await feedback.keep({ ...card, outcome }, now);
  }
}
