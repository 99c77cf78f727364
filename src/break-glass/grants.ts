import type { NewEvent, StateEvent } from '../state/store.js';
import type { GlassPurpose, GlassUser } from './rules.js';

/** A glass that somebody has broken: one patient, one user of one application, until it expires. */
export interface GlassGrant {
  /** A UUID. */
  readonly id: string;
  readonly user: Pick<GlassUser, 'oid' | 'tid' | 'azp'>;
  /** The patient's key in hexadecimal; it never leaves the server. */
  readonly patient: string;
  readonly purpose: GlassPurpose;
  readonly reason: string;
  /** Instants, ISO 8601 in UTC. */
  readonly grantedAt: string;
  readonly expiresAt: string;
}

/** A grant, and an attempt for a patient who is not known: it grants nothing, but counts. */
export const grantKind = 'glass';
export const attemptKind = 'glass-unknown';

const actorOf = ({ tid, oid }: GlassGrant['user']): string => `${tid}/${oid}`;

export const eventOf = (grant: GlassGrant, isKnown: boolean): NewEvent => ({
  kind: isKnown ? grantKind : attemptKind,
  subject: grant.patient,
  actor: actorOf(grant.user),
  body: {
    id: grant.id,
    client: grant.user.azp,
    purpose: grant.purpose,
    reason: grant.reason,
    expiresAt: grant.expiresAt,
  },
  recordedAt: grant.grantedAt,
});

/**
 * Id of the open grant of a user, application and patient that expires last; undefined where there is none. One that seems
 * to be granted in the future is not open: the clock was set back.
 */
export function openGrant(
  events: readonly StateEvent[],
  user: GlassGrant['user'],
  patient: string,
  now: number,
): string | undefined {
  const open = events.filter(
    ({ kind, subject, actor, body, recordedAt }) =>
      kind === grantKind &&
      subject === patient &&
      actor === actorOf(user) &&
      body['client'] === user.azp &&
      Date.parse(recordedAt) <= now &&
      now < expiryOf(body),
  );
  const [last] = open.sort((a, b) => expiryOf(b.body) - expiryOf(a.body));
  return last && String(last.body['id']);
}

const expiryOf = (body: StateEvent['body']): number => Date.parse(String(body['expiresAt']));

/** How often a user has broken a glass, or tried to, in the 24 hours before. */
export const attemptsOf = (events: readonly StateEvent[], user: GlassGrant['user'], now: number): number =>
  events.filter(
    ({ actor, recordedAt }) => actor === actorOf(user) && Date.parse(recordedAt) > now - 24 * 3_600_000,
  ).length;
