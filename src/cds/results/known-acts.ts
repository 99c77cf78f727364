import type { KnownActs } from '../../loaders/plan/plan.js';
import type { StateStore } from '../../state/store.js';
import { type Act, actKind, latestActs } from './acts.js';

/** The last acts as statements take them: read once a version of the store. Error: `STATE_UNAVAILABLE`. */
export function knownActs(state: StateStore): () => Promise<KnownActs> {
  let known: KnownActs | undefined;
  return async () => {
    const version = await state.version();
    if (known?.version !== version)
      known = { version, json: actsJson([...latestActs(await state.events(actKind)).values()]) };
    return known;
  };
}

/** Members are those of `actColumns`. */
export const actsJson = (acts: readonly Act[]): string =>
  JSON.stringify(
    acts.map(({ resultKey, outcome, urgency, recordedAt, until }) => ({
      key: resultKey,
      outcome,
      urgency: urgency === null ? null : String(urgency),
      at: wholeSeconds(recordedAt),
      until: until === null ? null : wholeSeconds(until),
    })),
  );

const wholeSeconds = (instant: string): string => new Date(instant).toISOString().slice(0, 19);
