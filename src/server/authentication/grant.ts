import { type Grant, isTrustCode, makeGrant, type TrustCode } from '../../access/grant.js';
import { type Purpose, type Role, roleDeclarations } from '../../access/role.js';
import type { Settings } from '../../config/settings.js';
import { MaplewoodError } from '../../errors.js';
import type { Principal } from './principal.js';

/**
 * What a principal may read in one active role. Error: `NO_ROLE` for a role that the token does not hold, and
 * where the role works on own trusts and there are none.
 */
export function grantFor(
  principal: Principal,
  role: Role,
  purpose: Purpose,
  settings: Pick<Settings, 'recipients' | 'trusts'>,
): Grant {
  if (!principal.roles.includes(role)) throw new MaplewoodError('NO_ROLE');
  if (!isUsable(principal, role, settings)) {
    throw new MaplewoodError(
      'NO_ROLE',
      `The role ${role} needs own trusts and you have none here. Ask the administrator to assign them.`,
    );
  }
  return makeGrant({
    role,
    purpose,
    trusts: ownTrusts(principal, role, settings.trusts),
    recipient: recipientFor(principal, role, settings.recipients),
  });
}

/** Whether a role can be active for a principal at all: one that works on own trusts needs some. */
export function isUsable(principal: Principal, role: Role, settings: Pick<Settings, 'trusts'>): boolean {
  const own = ownTrusts(principal, role, settings.trusts);
  return own === null ? !roleDeclarations[role].needsTrusts : own.length > 0;
}

/**
 * The trusts of the token, narrowed to those that configuration gives to the user or to groups of theirs; `null`
 * means all. Where configuration has a map and the user is not in it, roles that work on own trusts have none:
 * a claim can only narrow the map.
 */
function ownTrusts(
  { oid, groups, trusts }: Principal,
  role: Role,
  map: Settings['trusts'],
): readonly TrustCode[] | null {
  const given = [oid, ...groups].flatMap((id) => map.get(id) ?? []).filter(isTrustCode);
  const isMapped = given.length > 0 || (map.size > 0 && roleDeclarations[role].needsTrusts);
  if (!isMapped) return trusts;
  return trusts === null ? given : given.filter((code) => trusts.includes(code));
}

/**
 * For whom pseudonyms are made: the project of the client, else the client itself; never the user, so that
 * colleagues can speak of the same patient. Stewards have a domain of their own, since they see raw-data rules.
 */
function recipientFor({ azp }: Principal, role: Role, recipients: Settings['recipients']): string {
  const recipient = recipients.get(azp) ?? azp;
  return role === 'data-steward' ? `${recipient}#steward` : recipient;
}
