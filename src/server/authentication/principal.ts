import type { TrustCode } from '../../access/grant.js';
import type { Right, Role } from '../../access/role.js';

/** Who calls, as a verified token says. */
export interface Principal {
  /** Object id of the user, or of the application's service principal. */
  readonly oid: string;
  /** Client id of the application (`azp`; `appid` in tokens of version 1.0). */
  readonly azp: string;
  readonly tid: string;
  /** Known roles, least privileged first; never empty. */
  readonly roles: readonly Role[];
  readonly rights: readonly Right[];
  /** The claim; `null` where the token has none. Never empty. */
  readonly trusts: readonly TrustCode[] | null;
  /** Object ids of groups, for the trusts that configuration gives them. */
  readonly groups: readonly string[];
  /** `user`: an application acting for a user; `app`: one acting for itself. */
  readonly idtyp: 'user' | 'app';
  /** Delegated scopes; empty for `app`. */
  readonly scp: readonly string[];
  /** Names the token in records: the start of its SHA-256, from which it cannot be had. */
  readonly tokenId: string;
  /** Seconds since 1970. */
  readonly issuedAt: number;
  readonly expiresAt: number;
  /** When the user last signed in, in seconds since 1970, and how, where the token says so. */
  readonly authTime: number | null;
  readonly amr: readonly string[] | null;
}
