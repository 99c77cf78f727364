import { createHash, type KeyObject } from 'node:crypto';
import jwt from 'jsonwebtoken';
import type { CdsClient } from '../../config/settings.js';
import { checkTimes, clockTolerance } from '../authentication/check-claims.js';
import { type Claims, claim, isRecord, isText } from '../authentication/claim.js';
import { refuse } from '../authentication/refusal.js';
import { tokenHeader, unverifiedClaims } from '../authentication/token-text.js';
import { reasonOf } from '../authentication/verify.js';
import type { ClientKeys } from './parts.js';
import { type KeptTokens, spentTokens } from './spent-tokens.js';

/** Algorithms that the specification recommends, by the kind of their keys. */
const algorithms = ['ES384', 'RS384'] as const;
type Algorithm = (typeof algorithms)[number];

/** Seconds that a token may live. */
const longestLife = 300;
const tokenId = /^[\x21-\x7e]{1,128}$/;

export interface ClientVerifier {
  /** Whether a token says that one of the clients has made it. What it says is not yet verified. */
  isOfClient(token: string): boolean;
  /**
   * The client that has signed a token for an address, once. Error: `UNAUTHENTICATED`, the same for every reason.
   * Steps and order are those of other tokens, with keys and claims of CDS Hooks 2.0 ("Trusting CDS Clients").
   */
  verify(token: string, audience: string): Promise<CdsClient>;
}

export function clientVerifier(
  clients: readonly ClientKeys[],
  /** Milliseconds since 1970. */
  now: () => number,
  taken?: KeptTokens,
): ClientVerifier {
  const spent = spentTokens(taken);
  const entryFor = (claims: Claims): ClientKeys | undefined =>
    clients.find(
      ({ client }) =>
        client.issuer === claim(claims, 'iss') && client.tenant === (claim(claims, 'tenant') ?? null),
    );

  return {
    isOfClient(token) {
      try {
        const issuer = claim(unverifiedClaims(token), 'iss');
        return clients.some(({ client }) => client.issuer === issuer);
      } catch {
        return false;
      }
    },
    async verify(token, audience) {
      const header = tokenHeader(token, algorithms);
      const { members } = header;
      if (claim(members, 'typ') !== 'JWT') throw refuse('type');
      const entry = entryFor(unverifiedClaims(token));
      if (!entry) throw refuse('tenant');
      const { client, keys } = entry;
      if (Object.hasOwn(members, 'jku') && members['jku'] !== client.jwksUrl) throw refuse('key-address');
      const key = await keys.find(header.kid);
      if (key === undefined) throw refuse('unknown-key');
      const seconds = Math.floor(now() / 1000);
      const claims = signedClaims(token, header.alg, key, client.issuer, audience, seconds);
      const { expiresAt } = checkTimes(claims, seconds, longestLife);
      if (claim(claims, 'aud') !== audience) throw refuse('audience');
      const id = claim(claims, 'jti');
      if (!isText(id) || !tokenId.test(id)) throw refuse('token-id');
      const name = createHash('sha256')
        .update(JSON.stringify([client.issuer, client.tenant, id]))
        .digest('base64url');
      if (!(await spent.take(name, expiresAt + clockTolerance, seconds))) throw refuse('replayed');
      return client;
    },
  };
}

function signedClaims(
  token: string,
  alg: Algorithm,
  key: KeyObject,
  issuer: string,
  audience: string,
  now: number,
): Claims {
  if (key.type !== 'public' || key.asymmetricKeyType !== (alg === 'ES384' ? 'ec' : 'rsa'))
    throw refuse('key-kind');
  let claims: unknown;
  try {
    claims = jwt.verify(token, key, {
      algorithms: [alg],
      audience,
      issuer,
      clockTimestamp: now,
      clockTolerance,
    });
  } catch (error) {
    throw refuse(reasonOf(error));
  }
  if (!isRecord(claims)) throw refuse('malformed');
  return claims;
}
