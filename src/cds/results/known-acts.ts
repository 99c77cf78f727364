import type { KnownActs } from '../../loaders/plan/plan.js';
import type { StateStore } from '../../state/store.js';
import { type Act, actKind, latestActs } from './acts.js';

/** The last acts about results, read once a version of the store. Error of both members: `STATE_UNAVAILABLE`. */
export interface ActsReader {
  /** As statements take them. */
  known(): Promise<KnownActs>;
  /** By the keys of results. */
  latest(): Promise<ReadonlyMap<string, Act>>;
}

export function actsReader(state: StateStore): ActsReader {
  let read: { readonly known: KnownActs; readonly latest: ReadonlyMap<string, Act> } | undefined;
  const current = async (): Promise<NonNullable<typeof read>> => {
    const version = await state.version();
    if (read?.known.version !== version) {
      const latest = latestActs(await state.events(actKind));
      read = { latest, known: { version, json: actsJson([...latest.values()]) } };
    }
    return read;
  };
  return {
    known: async () => (await current()).known,
    latest: async () => (await current()).latest,
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
