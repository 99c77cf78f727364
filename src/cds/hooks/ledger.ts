import type { NewEvent, StateEvent, StateStore } from '../../state/store.js';
import { actKind, isOutcome } from '../results/acts.js';
import type { ActFacts } from '../results/status.js';
import { OverrideCounts, type RuleOverrides } from './overrides.js';

/**
 * What is kept of a card: that it was shown, and what came of it. Of a patient who is known from a prefetch alone nothing is
 * kept: there is no `resultKey`.
 */
export interface CardEvent {
  /** Key of the result in hexadecimal. */
  readonly resultKey?: string;
  readonly cardUuid: string;
  readonly rule: string;
  readonly outcome: 'shown' | 'actioned' | 'overridden';
  readonly urgency: number;
  readonly reasonCode: string | null;
  readonly comment: string | null;
  /** Instant at which it was shown, or acted on as the client says. */
  readonly at: string;
  /** Who has seen it or acted on it. */
  readonly by: string;
  /** For whom its pseudonym is made. */
  readonly client: string;
}

/** Whose cards are looked for: those of a client, and where a user is known those shown to that one alone. */
export interface CardOwner {
  readonly client: string;
  readonly by: string | null;
}

/** What is known of the cards of a time. */
export interface KnownCards {
  /** The card under an id or for one of some results, as it was last shown; undefined for one that was not. */
  shown(owner: CardOwner, uuid: string, results: readonly string[]): CardEvent | undefined;
  /** The last that was done about a result; undefined where nothing was. */
  last(resultKey: string): ActFacts | undefined;
  /** Names of the cards that somebody was shown on a day: a card shown twice is one. */
  shownOn(by: string, day: string): ReadonlySet<string>;
  has(cardUuid: string, outcome: CardEvent['outcome'], at: string): boolean;
  /** Rules whose cards are shown as `info`, since nearly all of them are overridden; by name. */
  demoted(): ReadonlyMap<string, RuleOverrides>;
}

/** Where it is kept which cards were shown and what came of them. Error of all members: `STATE_UNAVAILABLE`. */
export interface CdsFeedback {
  known(): Promise<KnownCards>;
  /** The demoted rules as they were when the cards were last asked for. */
  demoted(): ReadonlyMap<string, RuleOverrides>;
  keep(event: CardEvent, recordedAt: string): Promise<void>;
}

/** Names what a card is about: its result, or itself. */
export const cardName = ({ resultKey, cardUuid }: Pick<CardEvent, 'resultKey' | 'cardUuid'>): string =>
  resultKey ?? cardUuid;

/** Keeps them as events of the state, read on from where it was. `dayOf`: the day of an instant. */
export function feedbackIn(state: StateStore, dayOf: (instant: string) => string): CdsFeedback {
  let read = newIndex(dayOf);
  return {
    async known() {
      const events = await state.events(actKind);
      // Fewer than were read: the state was restored from a backup.
      if (events.length < read.count || events[read.count - 1]?.id !== read.lastId) read = newIndex(dayOf);
      for (const event of events.slice(read.count)) read.add(event);
      return read.cards;
    },
    demoted: () => read.cards.demoted(),
    async keep(event, recordedAt) {
      await state.append(eventOf(event, recordedAt));
    },
  };
}

const eventOf = (event: CardEvent, recordedAt: string): NewEvent => ({
  kind: actKind,
  subject: cardName(event),
  actor: event.by,
  body: { ...event },
  recordedAt,
});

interface Index {
  count: number;
  lastId: number | undefined;
  add(event: StateEvent): void;
  readonly cards: KnownCards;
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

function newIndex(dayOf: (instant: string) => string): Index {
  const shown = new Map<string, CardEvent[]>();
  const last = new Map<string, ActFacts>();
  const days = new Map<string, Set<string>>();
  const done = new Set<string>();
  const overrides = new OverrideCounts();
  const index: Index = {
    count: 0,
    lastId: undefined,
    add({ id, body, recordedAt }) {
      index.count += 1;
      index.lastId = id;
      const [resultKey, cardUuid, outcome] = ['resultKey', 'cardUuid', 'outcome'].map((name) =>
        textOf(body[name]),
      );
      if (outcome === undefined) return;
      if (cardUuid !== undefined) done.add(`${cardUuid} ${outcome} ${String(body['at'])}`);
      if (outcome === 'shown') {
        const event = body as unknown as CardEvent;
        for (const name of new Set([resultKey, cardUuid]))
          if (name !== undefined) shown.set(name, [...(shown.get(name) ?? []).slice(-mostShown), event]);
        const day = `${event.by} ${dayOf(recordedAt)}`;
        days.set(day, (days.get(day) ?? new Set<string>()).add(cardName(event)));
        return;
      }
      const name = resultKey ?? cardUuid;
      if (name !== undefined && shown.has(name) && isOutcome(outcome) && outcome !== 'suppressed')
        overrides.add(String(body['rule']), name, outcome === 'overridden');
      if (resultKey !== undefined && isOutcome(outcome)) {
        const { urgency } = body;
        const until = textOf(body['until']);
        last.set(resultKey, {
          outcome,
          at: Date.parse(recordedAt),
          urgency: typeof urgency === 'number' ? urgency : null,
          until: until === undefined ? null : Date.parse(until),
        });
      }
    },
    cards: {
      shown: ({ client, by }, uuid, results) =>
        [uuid, ...results]
          .flatMap((name) => shown.get(name) ?? [])
          .findLast((event) => event.client === client && (by === null || event.by === by)),
      last: (resultKey) => last.get(resultKey),
      shownOn: (by, day) => days.get(`${by} ${day}`) ?? new Set(),
      has: (cardUuid, outcome, at) => done.has(`${cardUuid} ${outcome} ${at}`),
      demoted: () => overrides.demoted(),
    },
  };
  return index;
}

/** Times that a card is remembered to have been shown: whoever saw it earlier sees it again before acting on it. */
const mostShown = 200;
