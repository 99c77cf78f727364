import { isTrustCode, type TrustCode } from '../../access/grant.js';
import { type Right, type Role, rights, roleDeclarations, roles } from '../../access/role.js';
import { MaplewoodError } from '../../errors.js';
import { type Claims, claim, isTextList } from './claim.js';
import { refuse } from './refusal.js';

/** Trusts that one token may name. */
const mostTrusts = 50;

/**
 * The known roles and rights of a token, compared byte for byte, least privileged first. Unknown names are left
 * out. Those that only a user may hold are not read from the token of an application.
 * Errors: `UNAUTHENTICATED` for a claim of another shape, `NO_ROLE` where none is left.
 */
export function rolesOf(
  claims: Claims,
  idtyp: 'user' | 'app',
): { readonly roles: readonly Role[]; readonly rights: readonly Right[] } {
  const named = Object.hasOwn(claims, 'roles') ? claim(claims, 'roles') : [];
  if (!isTextList(named)) throw refuse('roles');
  const held: ReadonlySet<string> = new Set(named);
  const usable = roles.filter(
    (role) => held.has(role) && (idtyp === 'user' || roleDeclarations[role].allowsApplications),
  );
  if (usable.length === 0) {
    throw new MaplewoodError(
      'NO_ROLE',
      'The token holds no role of this service. Ask its administrator to assign one to you.',
    );
  }
  return { roles: usable, rights: idtyp === 'user' ? rights.filter((right) => held.has(right)) : [] };
}

/**
 * The trusts that a token is limited to, or null where it has no such claim. Error: `NO_ROLE` for every other
 * shape than a list of 1 to 50 codes: what it was meant to allow is not guessed.
 */
export function trustsOf(claims: Claims, name: string): readonly TrustCode[] | null {
  if (!Object.hasOwn(claims, name)) return null;
  const trusts = claim(claims, name);
  if (isTextList(trusts) && trusts.length > 0 && trusts.length <= mostTrusts && trusts.every(isTrustCode)) {
    return trusts;
  }
  throw new MaplewoodError(
    'NO_ROLE',
    `The token limits the trusts in a way that cannot be used: the claim must list 1 to ${mostTrusts} trust codes.`,
  );
}
