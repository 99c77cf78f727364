import type { NewEvent, StateEvent } from '../../state/store.js';

/** Kind of the events of results and cards in the state. */
export const actKind = 'cds';

/** What somebody did about a result. A card that was merely shown is no act. */
export const outcomes = ['acknowledged', 'actioned', 'overridden', 'suppressed'] as const;
export type ActOutcome = (typeof outcomes)[number];

export const isOutcome = (text: unknown): text is ActOutcome => outcomes.some((outcome) => outcome === text);

export interface Act {
  /** Key of the result in hexadecimal. */
  readonly resultKey: string;
  readonly rule: string;
  readonly outcome: ActOutcome;
  /** Of the result as it was then: it is opened again if it becomes more urgent. */
  readonly urgency: number | null;
  readonly reasonCode: string | null;
  readonly comment: string | null;
  /** Who did it, and through which client. */
  readonly by: string;
  readonly client: string;
  /** Instant until which a suppressed one stays so; null for any other outcome. */
  readonly until: string | null;
  /** Instant, of the clock of the service. */
  readonly recordedAt: string;
}

export function eventOf({ recordedAt, ...act }: Act): NewEvent {
  return {
    kind: actKind,
    subject: act.resultKey,
    actor: act.by,
    body: { ...act, at: recordedAt },
    recordedAt,
  };
}

/** The last act about each result, by its key. What is no act of a result is passed over. */
export function latestActs(events: readonly StateEvent[]): ReadonlyMap<string, Act> {
  const latest = new Map<string, Act>();
  for (const event of events) {
    const act = actOf(event);
    if (act) latest.set(act.resultKey, act);
  }
  return latest;
}

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);

function actOf({ body, actor, recordedAt }: StateEvent): Act | undefined {
  const { resultKey, outcome, urgency } = body;
  if (typeof resultKey !== 'string' || !/^[0-9a-f]{32}$/.test(resultKey) || !isOutcome(outcome))
    return undefined;
  return {
    resultKey,
    outcome,
    rule: text(body['rule']) ?? '',
    urgency: typeof urgency === 'number' ? urgency : null,
    reasonCode: text(body['reasonCode']),
    comment: text(body['comment']),
    by: text(body['by']) ?? actor,
    client: text(body['client']) ?? '',
    until: text(body['until']),
    recordedAt,
  };
}
