import { createHmac } from 'node:crypto';
import type { SecretKey } from './key.js';

/** Kinds of things that have a pseudonym; the same id in two of them gives two unrelated ones. */
export type Entity = 'patient' | 'staff' | 'event';

/** Bytes of a pseudonym: half of an HMAC-SHA-256, one block of AES. */
export const pseudonymLength = 16;

/** Where an id comes from, as the contract of its source declares. */
export interface IdDomain {
  readonly entity: Entity;
  /** `nhs-local` for local numbers, else the system of the FHIR identifier. */
  readonly namespace: string;
  readonly caseInsensitive: boolean;
}

/** Separates the parts of a message (ASCII unit separator); no namespace holds it, so no two messages run together. */
const separator = '\x1f';

/** What stands before the id in the message that is authenticated. */
export const pseudonymPrefix = ({ entity, namespace }: Pick<IdDomain, 'entity' | 'namespace'>): string =>
  `${entity}${separator}${namespace}${separator}`;

/** An id as its source means it: blanks around it removed, upper case where case carries no meaning, then NFC. */
export function normaliseId(id: string, caseInsensitive: boolean): string {
  const trimmed = id.trim();
  return (caseInsensitive ? trimmed.toUpperCase() : trimmed).normalize('NFC');
}

/**
 * The pseudonym (`…_sk`) of one id: the first 16 bytes of HMAC-SHA-256 (RFC 2104) over prefix and id. It never
 * leaves the server; callers see it encrypted for them (`recipient-token.ts`).
 * The ETL computes the same for whole columns in SQL, see `hmacPads`.
 */
export function pseudonym(key: SecretKey<'warehouse'>, domain: IdDomain, id: string): Buffer {
  return createHmac('sha256', key)
    .update(pseudonymPrefix(domain))
    .update(normaliseId(id, domain.caseInsensitive))
    .digest()
    .subarray(0, pseudonymLength);
}

/**
 * The two padded keys of RFC 2104, 64 bytes each, for engines that have SHA-256 but no HMAC. With them bound as
 * blobs, DuckDB computes
 *
 *     unhex(sha256($outer || unhex(sha256($inner || encode($prefix || id)))))[1:16]
 *
 * where `id` is normalised in SQL. Each pad is as secret as the key.
 */
export function hmacPads(key: SecretKey<'warehouse'>): { readonly inner: Buffer; readonly outer: Buffer } {
  const block = Buffer.alloc(64);
  key.export().copy(block);
  return {
    inner: block.map((byte) => byte ^ 0x36) as Buffer,
    outer: block.map((byte) => byte ^ 0x5c) as Buffer,
  };
}
