import type { FastifyRequest } from 'fastify';
import { type Grant, isTrustCode, makeGrant } from '../../access/grant.js';
import type { CdsClient, Settings } from '../../config/settings.js';
import { MaplewoodError } from '../../errors.js';
import { purposeOf, requestedRole } from '../authentication/active-role.js';
import { grantFor } from '../authentication/grant.js';
import type { Principal } from '../authentication/principal.js';
import { bearerToken } from '../authentication/token-text.js';
import type { Verifier } from '../authentication/verify.js';
import type { ClientVerifier } from './client-token.js';

/** Who calls a service: a clinician, or a client on behalf of those who work with it. */
export interface HookCaller {
  readonly principal: Principal;
  readonly grant: Grant;
  /** The client has signed the token itself: it alone knows who reads the cards. */
  readonly isClient: boolean;
}

export interface CallersOf {
  readonly verifier: Verifier;
  readonly clients: ClientVerifier;
  readonly settings: Settings;
}

/**
 * The caller behind a request to an address, as a clinician: by an API token that holds the role, or by the token of a client
 * for just this address. Errors: `UNAUTHENTICATED`, `NO_ROLE`, `BAD_USER_INPUT` for headers sent twice.
 */
export async function callerOfHook(
  request: FastifyRequest,
  audience: string,
  { verifier, clients, settings }: CallersOf,
): Promise<HookCaller> {
  const { rawHeaders } = request.raw;
  const token = bearerToken(rawHeaders);
  if (clients.isOfClient(token)) return ofClient(await clients.verify(token, audience), settings);
  const principal = await verifier.verify(rawHeaders);
  const role = requestedRole(rawHeaders, principal) ?? 'clinician';
  if (role !== 'clinician' || !principal.roles.includes(role))
    throw new MaplewoodError('NO_ROLE', 'The services of decision support are for the role clinician.');
  const purpose = purposeOf(rawHeaders, role, settings.authentication);
  return { principal, grant: grantFor(principal, role, purpose, settings), isClient: false };
}

/** What a client may see is what clinicians may, in the trusts that configuration gives to it. */
function ofClient({ client, tenant, trusts }: CdsClient, { recipients }: Settings): HookCaller {
  const own = trusts.filter(isTrustCode);
  const principal: Principal = {
    oid: client,
    azp: client,
    tid: tenant ?? 'cds-client',
    roles: ['clinician'],
    rights: [],
    trusts: own,
    groups: [],
    idtyp: 'app',
    scp: [],
    tokenId: '',
    issuedAt: 0,
    expiresAt: 0,
    authTime: null,
    amr: null,
  };
  const recipient = recipients.get(client) ?? client;
  const grant = makeGrant({ role: 'clinician', purpose: 'TREAT', trusts: own, recipient });
  return { principal, grant, isClient: true };
}
