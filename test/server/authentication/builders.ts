import { constants, createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { KeySource } from '../../../src/server/authentication/keys.js';
import type { Principal } from '../../../src/server/authentication/principal.js';
import { refusalReason } from '../../../src/server/authentication/refusal.js';
import { createVerifier, type VerifierOptions } from '../../../src/server/authentication/verify.js';

export const now = Date.UTC(2026, 0, 15, 12);
export const seconds = now / 1000;
export const tid = '11111111-2222-3333-4444-555555555555';
export const issuer = `https://login.microsoftonline.com/${tid}/v2.0`;
export const audience = 'aaaaaaaa-0000-0000-0000-000000000000';
export const client = 'cccccccc-0000-0000-0000-000000000000';
export const kid = 'key-1';

export interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}
export const rsa = (modulusLength = 2048): KeyPair => generateKeyPairSync('rsa', { modulusLength });
export const ec = (namedCurve = 'P-256'): KeyPair => generateKeyPairSync('ec', { namedCurve });

export const options: VerifierOptions = {
  issuers: [{ version: '2.0', issuer }],
  audiences: [audience],
  tenantId: tid,
  clients: new Set([client]),
  scope: 'Maplewood.Read',
  algorithms: ['RS256'],
  trustsClaim: 'trusts',
};

/** The claims of a good token of a user. */
export const claims = {
  iss: issuer,
  aud: audience,
  tid,
  ver: '2.0',
  azp: client,
  oid: 'user-1',
  roles: ['analyst'],
  scp: 'openid Maplewood.Read',
  iat: seconds - 60,
  nbf: seconds - 60,
  exp: seconds + 3600,
} as const;

export const encode = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

type Signature = (data: string) => Buffer;

/** Signatures straight from the primitives: a JWT library would refuse to write most of the tokens tried here. */
export const rs256 =
  ({ privateKey }: KeyPair): Signature =>
  (data) =>
    sign('sha256', Buffer.from(data), privateKey);
export const ps256 =
  ({ privateKey }: KeyPair): Signature =>
  (data) =>
    sign('sha256', Buffer.from(data), {
      key: privateKey,
      padding: constants.RSA_PKCS1_PSS_PADDING,
      saltLength: 32,
    });
export const es256 =
  ({ privateKey }: KeyPair): Signature =>
  (data) =>
    sign('sha256', Buffer.from(data), { key: privateKey, dsaEncoding: 'ieee-p1363' });
export const hmac =
  (algorithm: 'sha256' | 'sha384' | 'sha512', secret: string | Buffer): Signature =>
  (data) =>
    createHmac(algorithm, secret).update(data).digest();

export function tokenOf(
  signature: Signature,
  payload: unknown = claims,
  header: unknown = { alg: 'RS256', typ: 'JWT', kid },
): string {
  const data = `${encode(header)}.${encode(payload)}`;
  return `${data}.${signature(data).toString('base64url')}`;
}

/** Without the claim. */
export function without(name: string, from: object = claims): object {
  return Object.fromEntries(Object.entries(from).filter(([key]) => key !== name));
}

export const bearer = (token: string): string[] => ['Host', 'localhost', 'Authorization', `Bearer ${token}`];

export function verifierOf(
  keys: KeySource | KeyPair,
  changes: Partial<VerifierOptions> = {},
  clock = { now },
) {
  const source =
    'find' in keys ? keys : { find: async (id: string) => (id === kid ? keys.publicKey : undefined) };
  return createVerifier({ ...options, ...changes }, { keys: source, now: () => clock.now });
}

/** What became of a request: the principal, or code and reason of the refusal. */
export async function outcome(
  verifier: ReturnType<typeof verifierOf>,
  rawHeaders: readonly string[],
): Promise<Principal | string> {
  try {
    return await verifier.verify(rawHeaders);
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    if (code === undefined) throw error;
    const reason = refusalReason(error);
    return reason === undefined ? `${code}: ${message}` : `${code} ${reason}`;
  }
}
