import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import jwt from 'jsonwebtoken';
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

/** A token with exactly these members: the library would refuse to write some of them. */
export function signed(
  { privateKey }: KeyPair,
  payload: object,
  header: object = { alg: 'RS256', typ: 'JWT', kid },
  algorithm: jwt.Algorithm = 'RS256',
): string {
  const data = `${encode(header)}.${encode(payload)}`;
  return `${data}.${rawSignature(data, privateKey, algorithm)}`;
}

/** The signature alone, made by the library's own signer over any text. */
export function rawSignature(data: string, key: KeyObject | Buffer, algorithm: jwt.Algorithm): string {
  const { sign } = require('jws') as { sign(options: object): string };
  const [header = '', payload = ''] = data.split('.');
  const decoded = JSON.parse(Buffer.from(header, 'base64url').toString());
  const text = Buffer.from(payload, 'base64url').toString();
  const made = sign({ header: { ...decoded, alg: algorithm }, payload: text, secret: key });
  if (decoded.alg === algorithm && made.startsWith(`${data}.`)) return made.split('.')[2] ?? '';
  return signOver(data, key, algorithm);
}

function signOver(data: string, key: KeyObject | Buffer, algorithm: jwt.Algorithm): string {
  const jwa = require('jwa') as (name: string) => { sign(data: string, key: unknown): string };
  return jwa(algorithm).sign(data, key);
}

/** Without the claim. */
export function without(name: string, from: object = claims): object {
  return Object.fromEntries(Object.entries(from).filter(([key]) => key !== name));
}

export const bearer = (token: string): string[] => ['Host', 'localhost', 'Authorization', `Bearer ${token}`];

export function verifierOf(keys: KeySource | KeyPair, changes: Partial<VerifierOptions> = {}, clock = { now }) {
  const source = 'find' in keys ? keys : { find: async (id: string) => (id === kid ? keys.publicKey : undefined) };
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
