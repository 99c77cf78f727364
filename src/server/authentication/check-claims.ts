import { type Claims, claim, isText, isTextList } from './claim.js';
import { type RefusalReason, refuse } from './refusal.js';

/** An issuer, together with the version of its tokens: Entra has one address for each version. */
export interface TrustedIssuer {
  readonly version: '1.0' | '2.0';
  /** Compared whole: neither a prefix, nor a tenant of `common` or `organizations`. */
  readonly issuer: string;
}

export interface ClaimRules {
  readonly issuers: readonly TrustedIssuer[];
  readonly audiences: readonly string[];
  readonly tenantId: string;
  /** Client ids that may call; `any` only where the issuer itself is on this machine. */
  readonly clients: ReadonlySet<string> | 'any';
  /** Scope that a user must have consented to. */
  readonly scope: string;
}

/** What a token must say before its roles are read. */
export interface CheckedClaims {
  readonly oid: string;
  readonly azp: string;
  readonly tid: string;
  readonly idtyp: 'user' | 'app';
  readonly scp: readonly string[];
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly authTime: number | null;
  readonly amr: readonly string[] | null;
  readonly groups: readonly string[];
}

/** Seconds by which two clocks may differ. */
export const clockTolerance = 60;
const longestLife = 24 * 60 * 60;
const isSeconds = (value: unknown): value is number => Number.isSafeInteger(value);
const identifier = /^[A-Za-z0-9._-]{1,128}$/;

/**
 * The checks that a JWT library leaves to its caller (RFC 8725, 3.8 to 3.10; Microsoft identity platform, "Access
 * token claims reference"). `now` in seconds. Error: `UNAUTHENTICATED`.
 */
export function checkClaims(claims: Claims, rules: ClaimRules, now: number): CheckedClaims {
  const times = checkTimes(claims, now, longestLife);
  const audience = claim(claims, 'aud');
  if (!isText(audience) || !rules.audiences.includes(audience)) throw refuse('audience');
  const version = checkIssuer(claims, rules);
  const tid = claim(claims, 'tid');
  if (tid !== rules.tenantId) throw refuse('tenant');
  const oid = identifierClaim(claims, 'oid', 'subject');
  const azp = identifierClaim(claims, version === '2.0' ? 'azp' : 'appid', 'client');
  if (rules.clients !== 'any' && !rules.clients.has(azp)) throw refuse('client');
  return {
    oid,
    azp,
    tid: rules.tenantId,
    ...times,
    ...checkScope(claims, rules.scope),
    ...signIn(claims),
    groups: checkGroups(claims),
  };
}

/** When a token was issued and when it expires, in seconds. `longest`: how long it may be good for. Throws a refusal. */
export function checkTimes(
  claims: Claims,
  now: number,
  longest: number,
): { readonly issuedAt: number; readonly expiresAt: number } {
  const issuedAt = claim(claims, 'iat');
  const expiresAt = claim(claims, 'exp');
  const notBefore = claim(claims, 'nbf');
  const inTime =
    isSeconds(issuedAt) &&
    isSeconds(expiresAt) &&
    expiresAt > issuedAt &&
    expiresAt - issuedAt <= longest &&
    expiresAt > now - clockTolerance &&
    issuedAt <= now + clockTolerance &&
    (notBefore === undefined || (isSeconds(notBefore) && notBefore <= now + clockTolerance));
  if (!inTime) throw refuse('times');
  return { issuedAt, expiresAt };
}

function checkIssuer(claims: Claims, { issuers }: ClaimRules): TrustedIssuer['version'] {
  const version = claim(claims, 'ver');
  const ofVersion = issuers.filter((one) => one.version === version);
  if (ofVersion.length === 0) throw refuse('version');
  const trusted = ofVersion.find(({ issuer }) => issuer === claim(claims, 'iss'));
  if (trusted === undefined) throw refuse('issuer');
  return trusted.version;
}

function identifierClaim(claims: Claims, name: string, reason: RefusalReason): string {
  const value = claim(claims, name);
  if (!isText(value) || !identifier.test(value)) throw refuse(reason);
  return value;
}

/** Tokens of an application for itself have no `scp`; `idtyp` is an optional claim and may only agree with that. */
function checkScope(claims: Claims, wanted: string): { idtyp: 'user' | 'app'; scp: readonly string[] } {
  const scope = claim(claims, 'scp');
  const idtyp = scope === undefined ? 'app' : 'user';
  const stated = claim(claims, 'idtyp');
  if (stated !== undefined && stated !== idtyp) throw refuse('scope');
  if (scope === undefined) return { idtyp, scp: [] };
  const scp = isText(scope) ? scope.split(' ') : [];
  if (!scp.includes(wanted)) throw refuse('scope');
  return { idtyp, scp };
}

/** A token of a user with too many groups links to them instead; what it would allow is then unknown. */
function checkGroups(claims: Claims): readonly string[] {
  if (Object.hasOwn(claims, '_claim_names') || Object.hasOwn(claims, 'hasgroups')) throw refuse('groups');
  const groups = Object.hasOwn(claims, 'groups') ? claim(claims, 'groups') : [];
  if (!isTextList(groups)) throw refuse('groups');
  return groups;
}

function signIn(claims: Claims): { authTime: number | null; amr: readonly string[] | null } {
  const authTime = claim(claims, 'auth_time');
  const amr = claim(claims, 'amr');
  const isTime = authTime === undefined || isSeconds(authTime);
  if (!isTime || (amr !== undefined && !isTextList(amr))) throw refuse('authentication-context');
  return { authTime: authTime ?? null, amr: amr ?? null };
}
