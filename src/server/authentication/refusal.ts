import { MaplewoodError } from '../../errors.js';

/** Why a token was refused, for the log alone: the caller gets one answer for all of them. */
export type RefusalReason =
  | 'missing'
  | 'several-headers'
  | 'scheme'
  | 'too-long'
  | 'malformed'
  | 'header'
  | 'algorithm'
  | 'kid'
  | 'type'
  | 'critical'
  | 'unknown-key'
  | 'key-kind'
  | 'signature'
  | 'times'
  | 'audience'
  | 'issuer'
  | 'tenant'
  | 'version'
  | 'subject'
  | 'client'
  | 'scope'
  | 'roles'
  | 'groups'
  | 'authentication-context'
  | 'key-address'
  | 'token-id'
  | 'replayed';

export class Refusal extends Error {
  override readonly name = 'Refusal';

  constructor(readonly reason: RefusalReason) {
    super(reason);
  }
}

export const refuse = (reason: RefusalReason): MaplewoodError =>
  new MaplewoodError('UNAUTHENTICATED', undefined, { cause: new Refusal(reason) });

/** The reason of a refusal; `missing` alone means that no token was sent (RFC 6750, 3.1: then no error code). */
export function refusalReason(error: unknown): RefusalReason | undefined {
  return error instanceof MaplewoodError && error.cause instanceof Refusal ? error.cause.reason : undefined;
}
