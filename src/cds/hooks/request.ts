import { MaplewoodError } from '../../errors.js';
import { isJson, type Json } from './fhir/resource.js';
import type { ServedHook } from './services.js';

/** What is known of a call once it has the form that the specification asks for. */
export interface HookRequest {
  readonly hookInstance: string;
  readonly userId: string;
  readonly patientId: string;
  readonly encounterId: string | undefined;
  /** Bundle of the orders that are about to be signed: of `order-sign` alone. */
  readonly draftOrders: Json | undefined;
  /** Undefined where the client has sent none. */
  readonly prefetch: Json | undefined;
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
export const isUuid = (value: unknown): value is string => typeof value === 'string' && uuid.test(value);

const mustHave = (holds: boolean, what: string): void => {
  if (!holds) throw new MaplewoodError('BAD_USER_INPUT', `${what}.`);
};

/** Characters of the longest id. */
const longest = 256;
const isId = (value: unknown): value is string =>
  typeof value === 'string' && value.trim() !== '' && value.length <= longest;

/** What the context of a hook must have beside `userId` and `patientId`. */
const encounterRequired: Readonly<Record<ServedHook, boolean>> = {
  'patient-view': false,
  'encounter-start': true,
  'encounter-discharge': true,
  'order-sign': false,
};

/**
 * Reads the body of a call (CDS Hooks 2.0, "Calling a CDS Service"). Unknown members have no meaning. Error:
 * `BAD_USER_INPUT`, which names the member but no value.
 */
export function readRequest(body: unknown, hook: string): HookRequest {
  if (!isJson(body)) throw new MaplewoodError('BAD_USER_INPUT', 'The body must be one JSON object.');
  mustHave(body['hook'] === hook, 'The member hook must be the hook of this service');
  const { hookInstance, context, prefetch } = body;
  if (!isUuid(hookInstance))
    throw new MaplewoodError('BAD_USER_INPUT', 'The member hookInstance must be a UUID.');
  if (!isJson(context)) throw new MaplewoodError('BAD_USER_INPUT', 'The member context must be an object.');
  checkServer(body);
  const { userId, patientId, encounterId } = context;
  if (!isId(userId)) throw new MaplewoodError('BAD_USER_INPUT', 'The context must have a userId.');
  if (!isId(patientId)) throw new MaplewoodError('BAD_USER_INPUT', 'The context must have a patientId.');
  const isEncounter = isId(encounterId);
  const isNeeded = Object.hasOwn(encounterRequired, hook) && encounterRequired[hook as ServedHook];
  mustHave(isEncounter || (encounterId === undefined && !isNeeded), 'The context must have an encounterId');
  const draftOrders = hook === 'order-sign' ? bundleOfOrders(context) : undefined;
  if (prefetch !== undefined && prefetch !== null && !isJson(prefetch))
    throw new MaplewoodError('BAD_USER_INPUT', 'The member prefetch must be an object.');
  return {
    hookInstance: hookInstance.toLowerCase(),
    userId,
    patientId,
    encounterId: isEncounter ? encounterId : undefined,
    draftOrders,
    prefetch: isJson(prefetch) ? prefetch : undefined,
  };
}

function bundleOfOrders({ draftOrders }: Json): Json {
  if (!isJson(draftOrders) || draftOrders['resourceType'] !== 'Bundle')
    throw new MaplewoodError('BAD_USER_INPUT', 'The context must have draftOrders, a Bundle.');
  return draftOrders;
}

/** Both are read to be checked, and for nothing else: no server of a client is ever called. */
function checkServer({ fhirServer, fhirAuthorization }: Json): void {
  const isServer = typeof fhirServer === 'string' && /^https?:\/\/[^\s]{1,2000}$/.test(fhirServer);
  mustHave(fhirServer === undefined || isServer, 'The member fhirServer must be an address');
  if (fhirAuthorization === undefined) return;
  mustHave(isServer, 'fhirAuthorization needs a fhirServer');
  if (!isJson(fhirAuthorization))
    throw new MaplewoodError('BAD_USER_INPUT', 'The member fhirAuthorization must be an object.');
  const { access_token, token_type, expires_in, scope, subject, patient } = fhirAuthorization;
  const isWhole = typeof expires_in === 'number' && Number.isInteger(expires_in);
  mustHave(
    typeof access_token === 'string' && access_token !== '',
    'fhirAuthorization must have an access_token',
  );
  mustHave(token_type === 'Bearer', 'The token_type of fhirAuthorization must be Bearer');
  mustHave(isWhole, 'The expires_in of fhirAuthorization must be a whole number');
  mustHave(typeof scope === 'string', 'fhirAuthorization must have a scope');
  mustHave(typeof subject === 'string', 'fhirAuthorization must have a subject');
  mustHave(
    patient === undefined || typeof patient === 'string',
    'The patient of fhirAuthorization must be a text',
  );
}
