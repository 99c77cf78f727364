import { createPublicKey, type KeyObject } from 'node:crypto';
import { type Claims, isRecord } from './claim.js';

/** Bits of the smallest RSA key (NIST SP 800-131A). */
const smallestModulus = 2048;

/**
 * The signing keys of a JSON Web Key Set (RFC 7517) by key id. Only RSA keys of 2048 bits or more and keys of
 * P-256 and P-384 are taken, from their own members: certificates and links beside them are not read. Others are left out, as
 * are keys that Entra marks with another `issuer`.
 */
export function readKeySet(text: string, issuer: string): ReadonlyMap<string, KeyObject> {
  const set: unknown = JSON.parse(text);
  const members = isRecord(set) && Array.isArray(set['keys']) ? set['keys'] : [];
  const keys = new Map<string, KeyObject>();
  for (const member of members) {
    if (!isRecord(member)) continue;
    const kid = member['kid'];
    if (typeof kid !== 'string' || !/^[A-Za-z0-9_-]{1,128}$/.test(kid) || keys.has(kid)) continue;
    const foreign = member['issuer'] !== undefined && member['issuer'] !== issuer;
    const otherUse = member['use'] !== undefined && member['use'] !== 'sig';
    if (foreign || otherUse) continue;
    const key = publicKey(member);
    if (key !== undefined) keys.set(kid, key);
  }
  return keys;
}

function publicKey(member: Claims): KeyObject | undefined {
  const { kty, n, e, crv, x, y } = member;
  try {
    if (kty === 'RSA' && typeof n === 'string' && typeof e === 'string') {
      const key = createPublicKey({ format: 'jwk', key: { kty, n, e } });
      return (key.asymmetricKeyDetails?.modulusLength ?? 0) >= smallestModulus ? key : undefined;
    }
    if (
      kty === 'EC' &&
      (crv === 'P-256' || crv === 'P-384') &&
      typeof x === 'string' &&
      typeof y === 'string'
    ) {
      return createPublicKey({ format: 'jwk', key: { kty, crv, x, y } });
    }
  } catch {
    // A broken key is left out like one of a kind that is not used.
  }
  return undefined;
}
