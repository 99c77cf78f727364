import { type Claims, isRecord } from './claim.js';
import { headerValues } from './raw-header.js';
import { refuse } from './refusal.js';

/** Characters of the longest token: twice what Entra issues with all optional claims. */
const maxLength = 8 * 1024;

/** Base64url without padding, in the one spelling whose spare bits are zero (RFC 4648, 3.5). */
const isCanonical = (part: string): boolean =>
  /^[A-Za-z0-9_-]+$/.test(part) && Buffer.from(part, 'base64url').toString('base64url') === part;

/**
 * The bearer token of a request (RFC 6750, 2.1). It is taken from the `Authorization` header and nowhere else:
 * not from the query, a cookie, the body, or a header that a proxy may add.
 */
export function bearerToken(rawHeaders: readonly string[]): string {
  const values = headerValues(rawHeaders, 'authorization');
  const [value] = values;
  if (value === undefined) throw refuse('missing');
  if (values.length > 1) throw refuse('several-headers');
  if (value.length > maxLength + 'Bearer '.length) throw refuse('too-long');
  const [, token] = /^Bearer +(\S+)$/i.exec(value) ?? [];
  if (token === undefined) throw refuse('scheme');
  return token;
}

export interface TokenHeader<A extends string> {
  readonly alg: A;
  readonly kid: string;
  /** All of them as the caller wrote them. */
  readonly members: Claims;
}

/**
 * The header of a token in the compact form of RFC 7515. Members that carry or link a key (`jwk`, `jku`, `x5c`,
 * `x5u`) never lead to one: a key is found by `kid` among those that are trusted already (RFC 8725, 3.10).
 */
export function tokenHeader<A extends string>(token: string, algorithms: readonly A[]): TokenHeader<A> {
  const parts = token.split('.');
  const [first] = parts;
  if (first === undefined || parts.length !== 3 || !parts.every(isCanonical)) throw refuse('malformed');
  const header = parseObject(first);

  const alg = algorithms.find((algorithm) => algorithm === header['alg']);
  if (alg === undefined) throw refuse('algorithm');
  const kid = header['kid'];
  if (typeof kid !== 'string' || !/^[A-Za-z0-9_-]{1,128}$/.test(kid)) throw refuse('kid');
  const typ = header['typ'];
  if (Object.hasOwn(header, 'typ') && typ !== 'JWT' && typ !== 'at+jwt') throw refuse('type');
  // Extensions must be understood or refused (RFC 7515, 4.1.11); `b64` would change what is signed (RFC 7797).
  if (Object.hasOwn(header, 'crit') || Object.hasOwn(header, 'b64')) throw refuse('critical');
  return { alg, kid, members: header };
}

/** The claims of a token before its signature is checked: nothing follows from them but by whom it must be signed. */
export function unverifiedClaims(token: string): Claims {
  const [, payload, ...rest] = token.split('.');
  if (payload === undefined || rest.length !== 1 || !isCanonical(payload)) throw refuse('malformed');
  return parseObject(payload);
}

function parseObject(part: string): Claims {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    if (isRecord(value)) return value;
  } catch {
    // Refused below, like JSON that is no object.
  }
  throw refuse('header');
}
