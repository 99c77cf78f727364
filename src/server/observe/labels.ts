import type { IdentifierShape } from '../../access/identifier-shapes.js';
import { roles } from '../../access/role.js';
import { type ErrorCode, errorCatalogue, MaplewoodError } from '../../errors.js';
import type { ReadOptions } from '../../warehouse/warehouse.js';
import type { RefusalReason as TokenRefusal } from '../authentication/refusal.js';

/** Closed lists: what a label of a metric, a field of a log line and an attribute of a span may say. */

const namesOf = <K extends string>(all: Readonly<Record<K, unknown>>): readonly K[] =>
  Object.keys(all) as K[];

/** `none`: no token was accepted. */
export const roleLabels = [...roles, 'none'] as const;
export type RoleLabel = (typeof roleLabels)[number];

export const errorCodes: readonly ErrorCode[] = namesOf(errorCatalogue);
/** Codes with which a request can end; `none`: there was no error. */
export const codeLabels: readonly (ErrorCode | 'none')[] = [
  ...errorCodes.filter((code) => errorCatalogue[code].http !== null),
  'none',
];

/**
 * `answered`, or `partly` where a field of the answer is an error; `refused`: it may not be asked; `failed`: the server or
 * what it needs; `cancelled`: the caller went away.
 */
export const requestOutcomes = ['answered', 'partly', 'refused', 'failed', 'cancelled'] as const;
export type RequestOutcome = (typeof requestOutcomes)[number];

/** `overloaded`: too many waited, so that it was not begun. `cancelled`: the caller went away, or the server stops. */
export const statementOutcomes = ['done', 'failed', 'cancelled', 'deadline', 'overloaded'] as const;
export type StatementOutcome = (typeof statementOutcomes)[number];

export const lanes = ['query', 'point'] as const satisfies readonly NonNullable<ReadOptions['lane']>[];
export type Lane = (typeof lanes)[number];

/** Why a request is turned away that could be answered at another time or if it asked for less. */
export const refusalReasons = ['rate', 'overload', 'deadline', 'limits'] as const;
export type RefusalReason = (typeof refusalReasons)[number];

const tokenRefusals: Readonly<Record<TokenRefusal, true>> = {
  missing: true,
  'several-headers': true,
  scheme: true,
  'too-long': true,
  malformed: true,
  header: true,
  algorithm: true,
  kid: true,
  type: true,
  critical: true,
  'unknown-key': true,
  'key-kind': true,
  signature: true,
  times: true,
  audience: true,
  issuer: true,
  tenant: true,
  version: true,
  subject: true,
  client: true,
  scope: true,
  roles: true,
  groups: true,
  'authentication-context': true,
  'key-address': true,
  'token-id': true,
  replayed: true,
};
export const loggedReasons = [...refusalReasons, ...namesOf(tokenRefusals)] as const;

export const answerSources = ['cache', 'live'] as const;
export type AnswerSource = (typeof answerSources)[number];

const shapes: Readonly<Record<IdentifierShape, true>> = {
  'patient id': true,
  'hashed NHS number': true,
  'NHS number': true,
  'generated number': true,
  postcode: true,
  'e-mail address': true,
  'phone number': true,
};
export const identifierShapes = namesOf(shapes);

/** What stands for a value that is in no list: only a mistake of ours brings one there. */
export const other = 'other';

/** The value if it is in the list. Outside of it: an error where mistakes are to show (`strict`), else `other`. */
export function closed(values: readonly string[], value: unknown, place: string, strict: boolean): string {
  if (typeof value === 'string' && values.includes(value)) return value;
  if (strict) throw new TypeError(`${place} has a value outside of its list`);
  return other;
}

/** How a statement ended that threw this. */
export function statementOutcomeOf(error: unknown): StatementOutcome {
  switch (error instanceof MaplewoodError ? error.code : undefined) {
    case 'DEADLINE_EXCEEDED':
      return 'deadline';
    case 'REQUEST_CANCELLED':
    case 'SHUTTING_DOWN':
      return 'cancelled';
    case 'OVERLOADED':
      return 'overloaded';
    default:
      return 'failed';
  }
}
