import { MaplewoodError } from '../../errors.js';
import { isJson, type Json } from './fhir/resource.js';
import { isUuid } from './request.js';

/** What came of a card. */
export interface Feedback {
  readonly card: string;
  readonly outcome: 'accepted' | 'overridden';
  /** Code of the reason, where one was chosen. */
  readonly reasonCode: string | null;
  readonly comment: string | null;
  /** Instant, as the client wrote it. */
  readonly outcomeTimestamp: string;
}

/** Cards that one request may tell of, and characters of a comment as JSON. */
const most = { cards: 100, comment: 1_500 } as const;

const instant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]00:00)$/i;
const code = /^[A-Za-z0-9._-]{1,64}$/;

const refused = (what: string): MaplewoodError => new MaplewoodError('BAD_USER_INPUT', `${what}.`);

/** Reads the body of feedback (CDS Hooks 2.0, "Feedback"). Error: `BAD_USER_INPUT`, which names the member but no value. */
export function readFeedback(body: unknown): readonly Feedback[] {
  const list = isJson(body) ? body['feedback'] : undefined;
  if (!Array.isArray(list) || list.length === 0)
    throw refused('The member feedback must be a list of at least one');
  if (list.length > most.cards) throw refused(`One request may tell of ${most.cards} cards`);
  return list.map(oneOf);
}

function oneOf(one: unknown): Feedback {
  if (!isJson(one)) throw refused('A member of feedback must be an object');
  const { card, outcome, outcomeTimestamp } = one;
  if (!isUuid(card)) throw refused('The card of feedback must be a UUID');
  if (outcome !== 'accepted' && outcome !== 'overridden')
    throw refused('The outcome of feedback must be accepted or overridden');
  const isInstant = typeof outcomeTimestamp === 'string' && instant.test(outcomeTimestamp);
  if (!isInstant || Number.isNaN(Date.parse(outcomeTimestamp)))
    throw refused('The outcomeTimestamp of feedback must be a time in UTC as of RFC 3339');
  if (outcome === 'accepted') checkSuggestions(one);
  const { reasonCode, comment } = reasonOf(one, outcome === 'overridden');
  return { card: card.toLowerCase(), outcome, reasonCode, comment, outcomeTimestamp };
}

function checkSuggestions({ acceptedSuggestions }: Json): void {
  const areNamed =
    Array.isArray(acceptedSuggestions) &&
    acceptedSuggestions.length > 0 &&
    acceptedSuggestions.every((one) => isJson(one) && isUuid(one['id']));
  if (!areNamed) throw refused('Feedback that accepts must name acceptedSuggestions, each with an id');
}

function reasonOf(
  { overrideReason }: Json,
  isOverride: boolean,
): { readonly reasonCode: string | null; readonly comment: string | null } {
  if (overrideReason === undefined || !isOverride) return { reasonCode: null, comment: null };
  if (!isJson(overrideReason)) throw refused('The overrideReason of feedback must be an object');
  const { reason, userComment } = overrideReason;
  if (reason === undefined && userComment === undefined)
    throw refused('An overrideReason must have a reason, a userComment, or both');
  const isReason = isJson(reason) && typeof reason['code'] === 'string' && code.test(reason['code']);
  if (reason !== undefined && !isReason)
    throw refused('The reason of an overrideReason must be a Coding with a code');
  if (userComment !== undefined && typeof userComment !== 'string')
    throw refused('The userComment of an overrideReason must be a text');
  // As the state keeps it: some characters take six.
  if (userComment !== undefined && JSON.stringify(userComment).length > most.comment)
    throw refused(`A userComment may have ${most.comment} characters`);
  return { reasonCode: isReason ? String(reason['code']) : null, comment: userComment ?? null };
}
