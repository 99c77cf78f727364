import { createHash, type KeyObject } from 'node:crypto';
import jwt from 'jsonwebtoken';
import type { TokenAlgorithm } from '../../config/settings.js';
import { type ClaimRules, checkClaims, clockTolerance } from './check-claims.js';
import { type Claims, isRecord } from './claim.js';
import type { KeySource } from './keys.js';
import type { Principal } from './principal.js';
import { type RefusalReason, refuse } from './refusal.js';
import { rolesOf, trustsOf } from './roles-and-trusts.js';
import { bearerToken, type TokenHeader, tokenHeader } from './token-text.js';
import { VerifiedTokens } from './verified-tokens.js';

export interface VerifierOptions extends ClaimRules {
  /** Asymmetric only; a token is checked with the one that it names. */
  readonly algorithms: readonly TokenAlgorithm[];
  readonly trustsClaim: string;
  /** Verified tokens to remember. */
  readonly remembered?: number;
}

export interface VerifierEffects {
  readonly keys: KeySource;
  /** Milliseconds since 1970. */
  now(): number;
}

export interface Verifier {
  /**
   * The caller behind the raw headers of a request. Errors: `UNAUTHENTICATED`, the same for every reason (the
   * reason itself: `refusalReason`), and `NO_ROLE` for a good token that allows nothing here.
   */
  verify(rawHeaders: readonly string[]): Promise<Principal>;
  /** The same for a token that was verified a short time ago; undefined for every other, and never an error. */
  remembered(rawHeaders: readonly string[]): Principal | undefined;
}

/** Checks tokens as RFC 8725 asks: its own list of algorithms, keys, issuers and audiences, and every claim it uses. */
export function createVerifier(options: VerifierOptions, effects: VerifierEffects): Verifier {
  const verified = new VerifiedTokens(options.remembered ?? 2_000);

  return {
    remembered(rawHeaders) {
      try {
        return verified.get(hashOf(bearerToken(rawHeaders)), effects.now());
      } catch {
        return undefined;
      }
    },
    async verify(rawHeaders) {
      const token = bearerToken(rawHeaders);
      const hash = hashOf(token);
      const known = verified.get(hash, effects.now());
      if (known !== undefined) return known;

      const header = tokenHeader(token, options.algorithms);
      const key = await effects.keys.find(header.kid);
      if (key === undefined) throw refuse('unknown-key');
      const now = effects.now();
      const seconds = Math.floor(now / 1000);
      const claims = signedClaims(token, header, key, options, seconds);
      const checked = checkClaims(claims, options, seconds);
      const principal: Principal = {
        ...checked,
        ...rolesOf(claims, checked.idtyp),
        trusts: trustsOf(claims, options.trustsClaim),
        tokenId: hash.slice(0, 16),
      };
      verified.add(hash, principal, now);
      return principal;
    },
  };
}

const hashOf = (token: string): string => createHash('sha256').update(token).digest('base64url');

/** The claims, once the signature is right for this key and this algorithm. */
function signedClaims(
  token: string,
  { alg }: Pick<TokenHeader<TokenAlgorithm>, 'alg'>,
  key: KeyObject,
  { audiences, issuers }: ClaimRules,
  now: number,
): Claims {
  const kind = alg === 'ES256' ? 'ec' : 'rsa';
  if (key.type !== 'public' || key.asymmetricKeyType !== kind) throw refuse('key-kind');
  const [firstAudience, ...otherAudiences] = audiences;
  const [firstIssuer, ...otherIssuers] = issuers.map(({ issuer }) => issuer);
  if (firstAudience === undefined || firstIssuer === undefined) throw refuse('issuer');
  let claims: unknown;
  try {
    claims = jwt.verify(token, key, {
      algorithms: [alg],
      audience: [firstAudience, ...otherAudiences],
      issuer: [firstIssuer, ...otherIssuers],
      clockTimestamp: now,
      clockTolerance,
    });
  } catch (error) {
    throw refuse(reasonOf(error));
  }
  if (!isRecord(claims)) throw refuse('malformed');
  return claims;
}

/** A reason of our own for the library's error, whose text may quote what the caller sent. */
export function reasonOf(error: unknown): RefusalReason {
  if (error instanceof jwt.TokenExpiredError || error instanceof jwt.NotBeforeError) return 'times';
  const message = error instanceof Error ? error.message : '';
  if (message.startsWith('jwt audience')) return 'audience';
  if (message.startsWith('jwt issuer')) return 'issuer';
  return message.startsWith('invalid exp') || message.startsWith('invalid nbf') ? 'times' : 'signature';
}
