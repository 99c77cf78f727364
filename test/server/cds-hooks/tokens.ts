import { randomUUID, sign } from 'node:crypto';
import type { CdsClient } from '../../../src/config/settings.js';
import { ec, type KeyPair, tokenOf } from '../authentication/builders.js';

/** A client of CDS Hooks that signs its own tokens. */
export const ehr = (trusts: readonly string[], more: Partial<CdsClient> = {}): CdsClient => ({
  issuer: 'https://ehr.example',
  jwksUrl: 'https://ehr.example/jwks.json',
  tenant: null,
  client: 'ehr-client',
  trusts,
  ...more,
});

export const ehrKeys = (): KeyPair => ec('P-384');
export const ehrKid = 'ehr-1';

export const es384 =
  ({ privateKey }: KeyPair) =>
  (data: string): Buffer =>
    sign('sha384', Buffer.from(data), { key: privateKey, dsaEncoding: 'ieee-p1363' });
export const rs384 =
  ({ privateKey }: KeyPair) =>
  (data: string): Buffer =>
    sign('sha384', Buffer.from(data), privateKey);

export const ehrHeader = { alg: 'ES384', typ: 'JWT', kid: ehrKid };

/** The claims of a good token, new for every call. `now` in milliseconds. */
export const ehrClaims = (audience: string, now: number): Record<string, unknown> => {
  const seconds = Math.floor(now / 1000);
  return { iss: 'https://ehr.example', aud: audience, iat: seconds, exp: seconds + 300, jti: randomUUID() };
};

export const ehrToken = (keys: KeyPair, audience: string, now: number, changed: object = {}): string =>
  tokenOf(es384(keys), { ...ehrClaims(audience, now), ...changed }, ehrHeader);
