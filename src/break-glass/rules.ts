import type { BreakGlassSettings } from '../config/settings.js';
import { MaplewoodError } from '../errors.js';

/** For what a glass may be broken. */
export const glassPurposes = {
  TREATMENT: 'The patient is treated, and who it is decides how.',
  SAFEGUARDING: 'A child or an adult at risk has to be protected.',
  SUBJECT_ACCESS: 'The patient, or somebody entitled to, has asked for the record.',
  INCIDENT: 'A patient safety incident is looked into.',
} as const;
export type GlassPurpose = keyof typeof glassPurposes;

/** The user behind a request, as the token says; times in seconds since 1970. */
export interface GlassUser {
  readonly oid: string;
  readonly tid: string;
  /** Client id of the application. */
  readonly azp: string;
  readonly idtyp: 'user' | 'app';
  readonly issuedAt: number;
  readonly authTime: number | null;
  readonly amr: readonly string[] | null;
}

export interface GlassRequest {
  readonly patientId: string;
  readonly purpose: GlassPurpose;
  readonly reason: string;
  readonly minutes: number;
}

export const reasonLength = { least: 20, most: 500 } as const;

/** The reason as it is kept: NFC, without blanks around it. Error: `BAD_USER_INPUT`; the text is not repeated. */
export function checkedReason(given: string): string {
  const reason = given.normalize('NFC').trim();
  const { least, most } = reasonLength;
  if (reason.length < least || reason.length > most)
    throw new MaplewoodError('BAD_USER_INPUT', `reason must have from ${least} to ${most} characters.`);
  if (/[\p{C}\p{Zl}\p{Zp}]/u.test(reason))
    throw new MaplewoodError('BAD_USER_INPUT', 'reason must be one line without control characters.');
  return reason;
}

/** Error: `BAD_USER_INPUT`. */
export function checkedMinutes(
  given: number | null | undefined,
  { minutes, maxMinutes }: BreakGlassSettings,
): number {
  const asked = given ?? minutes;
  if (asked < 1 || asked > maxMinutes)
    throw new MaplewoodError('BAD_USER_INPUT', `minutes must be from 1 to ${maxMinutes}.`);
  return asked;
}

/**
 * Whether a user may break a glass now: a person who has signed in lately, with a second factor where the token tells how.
 * `attempts`: those of the last 24 hours. Gives the refusal, or undefined.
 */
export function refusalOf(
  user: GlassUser,
  now: number,
  attempts: number,
  { perDay, signInMinutes }: BreakGlassSettings,
): MaplewoodError | undefined {
  if (user.idtyp !== 'user') return new MaplewoodError('FORBIDDEN', 'Only a person may break the glass.');
  const signedIn = user.authTime ?? user.issuedAt;
  if (now / 1_000 - signedIn > signInMinutes * 60)
    return new MaplewoodError(
      'FORBIDDEN',
      `Sign in again: the glass may be broken within ${signInMinutes} minutes of signing in.`,
    );
  if (user.amr !== null && !user.amr.includes('mfa'))
    return new MaplewoodError('FORBIDDEN', 'Sign in with a second factor to break the glass.');
  if (attempts >= perDay)
    return new MaplewoodError(
      'FORBIDDEN',
      `You have broken the glass ${perDay} times in 24 hours, which is the most. Ask the operator.`,
    );
  return undefined;
}
