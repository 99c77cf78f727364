import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto';
import { join } from 'node:path';
import jwt from 'jsonwebtoken';
import type { TrustCode } from '../../access/grant.js';
import type { Right, Role } from '../../access/role.js';
import { readOrCreateSecretFile } from '../../access/secret-file.js';
import type { Home } from '../../config/home.js';
import { MaplewoodError } from '../../errors.js';

/** What tokens of the development issuer say of themselves. No name below `.invalid` can exist (RFC 2606). */
export const developmentIssuer = {
  issuer: 'https://maplewood.invalid/dev',
  audience: 'api://maplewood',
  tenantId: '00000000-0000-4000-8000-00000000de00',
  version: '2.0',
  scope: 'Maplewood.Read',
} as const;

/** A stand-in for the tenant on a developer's machine: it signs with a key that was made there. */
export interface DevelopmentIssuer {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

export interface TokenRequest {
  readonly roles: readonly (Role | Right)[];
  /** Absent: the token has no such claim. */
  readonly trusts?: readonly TrustCode[];
  /** Client id. */
  readonly client?: string;
  /** Object id of the user; without it one that is made from the roles. */
  readonly oid?: string;
  /** For an application without a user. */
  readonly application?: boolean;
}

/** Seconds: a working day. */
const life = 8 * 60 * 60;

const makePrivateKey = (): Buffer =>
  Buffer.from(
    generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }),
  );

/**
 * The issuer of this installation; with `create` its key is made on first use (0600).
 * Errors: `CONFIGURATION` for a missing, open or broken key file, `HOME_NOT_WRITABLE`, `DISK_FULL`.
 */
export function loadDevelopmentIssuer(
  home: Home,
  { create }: { readonly create: boolean },
  effects = { makePrivateKey },
): DevelopmentIssuer {
  const path = join(home.keys, 'development-issuer.pem');
  const pem = readOrCreateSecretFile(path, create, effects.makePrivateKey);
  if (pem === undefined) {
    throw new MaplewoodError(
      'CONFIGURATION',
      `The key of the development issuer is missing (${path}). Run maplewood token with MAPLEWOOD_DEV=1 first.`,
    );
  }
  try {
    const privateKey = createPrivateKey(pem);
    const publicKey = createPublicKey(privateKey);
    const thumbprint = createHash('sha256').update(publicKey.export({ type: 'spki', format: 'der' }));
    return { kid: `dev-${thumbprint.digest('base64url').slice(0, 16)}`, privateKey, publicKey };
  } catch (cause) {
    throw new MaplewoodError(
      'CONFIGURATION',
      `The key of the development issuer (${path}) is damaged. Delete the file; a new one is made.`,
      { cause },
    );
  }
}

/** A token with the claims of a Microsoft Entra access token of version 2.0. `now` in milliseconds since 1970. */
export function issueToken(
  issuer: DevelopmentIssuer,
  request: TokenRequest,
  now: number = Date.now(),
): string {
  const issuedAt = Math.floor(now / 1000);
  const claims = {
    iss: developmentIssuer.issuer,
    aud: developmentIssuer.audience,
    tid: developmentIssuer.tenantId,
    ver: developmentIssuer.version,
    azp: request.client ?? 'maplewood-cli',
    oid: request.oid ?? `dev-${request.roles.join('-')}`,
    roles: request.roles,
    ...(request.trusts === undefined ? {} : { trusts: request.trusts }),
    ...(request.application === true ? { idtyp: 'app' } : { scp: developmentIssuer.scope }),
    iat: issuedAt,
    nbf: issuedAt,
    exp: issuedAt + life,
  };
  return jwt.sign(claims, issuer.privateKey, { algorithm: 'RS256', keyid: issuer.kid });
}

/** The key set that anybody may read (RFC 7517): public members only. */
export function publicKeySet(issuer: DevelopmentIssuer): { readonly keys: readonly JsonWebKey[] } {
  const { kty, n, e } = issuer.publicKey.export({ format: 'jwk' });
  return { keys: [{ kty, n, e, kid: issuer.kid, use: 'sig', alg: 'RS256' } as JsonWebKey] };
}
