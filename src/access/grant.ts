import { createHash } from 'node:crypto';
import type { Profile, Purpose, Role } from './role.js';
import { roleDeclarations } from './role.js';

declare const trustCode: unique symbol;
/** ODS code of a trust, upper case, 3 to 5 characters. */
export type TrustCode = string & { readonly [trustCode]: true };

const trustPattern = /^[A-Z0-9]{3,5}$/;
export const isTrustCode = (code: string): code is TrustCode => trustPattern.test(code);

/** What one request may read. Made once, before any SQL; every clause of every statement goes through it. */
export interface Grant {
  readonly role: Role;
  readonly profile: Profile;
  /** Own trusts, sorted; `null` means all. Never empty. */
  readonly trusts: readonly TrustCode[] | null;
  readonly purpose: Purpose;
  /** For whom pseudonyms are made: a client id or the project it belongs to. */
  readonly recipient: string;
  /** Same grant, same digest: part of cache keys and of a cursor's seal. */
  readonly digest: string;
}

export function makeGrant(parts: Omit<Grant, 'profile' | 'digest'>): Grant {
  const trusts = parts.trusts && [...new Set(parts.trusts)].sort();
  const profile = roleDeclarations[parts.role].profile;
  const digest = createHash('sha256')
    .update(JSON.stringify([1, parts.role, profile, trusts, parts.recipient]))
    .digest('base64url')
    .slice(0, 22);
  return { ...parts, trusts, profile, digest };
}
