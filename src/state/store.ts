import { MaplewoodError } from '../errors.js';

/** Something that somebody did. Never changed: what is no longer so is told by a later event. */
export interface StateEvent {
  /** Position in the store, from 1. */
  readonly id: number;
  readonly kind: string;
  /** What it was done to. */
  readonly subject: string;
  /** Who did it. */
  readonly actor: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** Instant, ISO 8601 in UTC. */
  readonly recordedAt: string;
}

export type NewEvent = Omit<StateEvent, 'id'>;

/**
 * Events of the API, apart from gold. Error of all members: `STATE_UNAVAILABLE`. After that error an event may be there or
 * not; after none it is there, whatever happens to the process or the machine.
 */
export interface StateStore {
  append(event: NewEvent): Promise<StateEvent>;
  /** The events of a kind, the oldest first, those of other processes included. */
  events(kind: string): Promise<readonly StateEvent[]>;
  /** Number of the newest event; 0 before the first. What is made from events is good for one version. */
  version(): Promise<number>;
}

/** Longest texts that every store takes, in characters. */
const longest = { kind: 63, subject: 200, actor: 200, body: 3_000 } as const;

/** Error: `INTERNAL` for an event that some store could not keep. */
export function assertKeepable({ kind, subject, actor, body }: NewEvent): void {
  const lengths = { kind, subject, actor, body: JSON.stringify(body) };
  for (const [part, limit] of Object.entries(longest))
    if (lengths[part as keyof typeof longest].length > limit)
      throw new MaplewoodError('INTERNAL', undefined, {
        cause: new Error(`${part} of an event is longer than ${limit} characters`),
      });
}
