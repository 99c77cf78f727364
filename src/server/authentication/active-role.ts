import { isRole, type Purpose, purposes, type Role, roleDeclarations } from '../../access/role.js';
import type { AuthenticationSettings, Settings } from '../../config/settings.js';
import { MaplewoodError } from '../../errors.js';
import { isUsable } from './grant.js';
import type { Principal } from './principal.js';
import { headerValues } from './raw-header.js';

export const roleHeader = 'X-Maplewood-Role';
export const purposeHeader = 'X-Maplewood-Purpose';

/** Errors: `BAD_USER_INPUT` where the header stands twice, since either may be the one that was meant. */
function onlyValue(rawHeaders: readonly string[], name: string): string | undefined {
  const values = headerValues(rawHeaders, name);
  if (values.length > 1) throw new MaplewoodError('BAD_USER_INPUT', `Send the header ${name} once.`);
  return values[0];
}

/**
 * The role that a request asks for, or null where it leaves the choice. Compared byte for byte.
 * Errors: `NO_ROLE` for one that does not exist or that the token does not hold, told apart for nobody;
 * `BAD_USER_INPUT` for two headers.
 */
export function requestedRole(rawHeaders: readonly string[], principal: Principal): Role | null {
  const name = onlyValue(rawHeaders, roleHeader);
  if (name === undefined) return null;
  if (isRole(name) && principal.roles.includes(name)) return name;
  throw new MaplewoodError(
    'NO_ROLE',
    `The token does not hold the role that ${roleHeader} asks for. It holds: ${principal.roles.join(', ')}.`,
  );
}

/**
 * The roles to try for a request, in this order: the one that it asks for, else those of the token from the least
 * privileged on, without those that need own trusts where there are none. Exactly one becomes active, the first
 * whose schema can serve the whole operation. Never empty. Errors as of `requestedRole`.
 */
export function candidateRoles(
  rawHeaders: readonly string[],
  principal: Principal,
  settings: Pick<Settings, 'trusts'>,
): readonly Role[] {
  const asked = requestedRole(rawHeaders, principal);
  if (asked !== null) return [asked];
  const usable = principal.roles.filter((role) => isUsable(principal, role, settings));
  return usable.length > 0 ? usable : principal.roles;
}

/**
 * For what data are read under a role: as stated (HL7 v3 ActReason), else what the role is usually for.
 * Error: `BAD_USER_INPUT` for another value, for two headers, or for none where configuration asks for one.
 */
export function purposeOf(
  rawHeaders: readonly string[],
  role: Role,
  settings: Pick<AuthenticationSettings, 'purposeRequired'>,
): Purpose {
  const name = onlyValue(rawHeaders, purposeHeader);
  if (name === undefined && !settings.purposeRequired) return roleDeclarations[role].defaultPurpose;
  const purpose = purposes.find((one) => one === name);
  if (purpose !== undefined) return purpose;
  throw new MaplewoodError(
    'BAD_USER_INPUT',
    `Send the header ${purposeHeader} with one of ${purposes.join(', ')}.`,
  );
}
