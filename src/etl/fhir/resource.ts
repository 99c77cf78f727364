import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';

/** One resource as bronze holds it. */
export interface ReceivedResource {
  readonly type: string;
  /** The logical id; one made from `fullUrl` or from the content where the resource has none. */
  readonly id: string;
  readonly fullUrl: string | null;
  /** As sent. */
  readonly json: string;
  /** Most restrictive code of `meta.security` in v3-Confidentiality: U L M N R V. */
  readonly confidentiality: string | null;
}

/** Begins an id that was made from the content: no delivered id may hold it. */
export const syntheticIdMark = '~';

const typePattern = /^[A-Z][A-Za-z]{1,63}$/;
/** Wider than FHIR's own `[A-Za-z0-9\-.]{1,64}`: servers send underscores, but no reference could be cut otherwise. */
const idPattern = /^[^\s/|?#~\p{Cc}]{1,64}$/u;
const confidentialitySystem = /\/v3-Confidentiality$/;
const restrictiveness = ['U', 'L', 'M', 'N', 'R', 'V'];
const longestUrl = 1_000;

/** Reads the text of one resource; a sentence where it is none, or none that can be kept. */
export function readResource(bytes: Buffer, fullUrl: string | undefined): ReceivedResource | string {
  if (!isUtf8(bytes)) return 'the resource is not UTF-8';
  const json = bytes.toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return 'the text is not JSON';
  }
  if (!isObject(value)) return 'no JSON object';
  const type = value['resourceType'];
  if (type === undefined) return 'the object has no resourceType';
  if (typeof type !== 'string' || !typePattern.test(type))
    return 'the resourceType is not that of a resource';
  const url = fullUrl === undefined || fullUrl.length > longestUrl ? undefined : fullUrl;
  const id = value['id'] ?? idOf(url, type) ?? contentId(json);
  if (typeof id !== 'string' || !(idPattern.test(id) || id === contentId(json)))
    return 'the id is no FHIR id';
  return { type, id, fullUrl: url ?? null, json, confidentiality: confidentialityOf(value) };
}

/** The id that the address of an entry gives: of `urn:uuid:…` the UUID, else what follows the type. */
function idOf(fullUrl: string | undefined, type: string): string | undefined {
  const [, uuid, named] =
    /^urn:(?:uuid|oid):([A-Za-z0-9.-]{1,64})$|^.*?([^/]+\/[A-Za-z0-9.-]{1,64})$/.exec(fullUrl ?? '') ?? [];
  if (uuid !== undefined) return uuid;
  return named?.startsWith(`${type}/`) ? named.slice(type.length + 1) : undefined;
}

/** A resource without any id is the same one when it is sent again unchanged. */
const contentId = (json: string): string =>
  `${syntheticIdMark}${createHash('sha256').update(json).digest('hex').slice(0, 40)}`;

function confidentialityOf(resource: Record<string, unknown>): string | null {
  const meta = resource['meta'];
  const labels = isObject(meta) && Array.isArray(meta['security']) ? meta['security'] : [];
  let strictest = -1;
  for (const label of labels as readonly unknown[]) {
    if (!isObject(label)) continue;
    const { system, code } = label;
    if (typeof system !== 'string' || !confidentialitySystem.test(system) || typeof code !== 'string')
      continue;
    strictest = Math.max(strictest, restrictiveness.indexOf(code));
  }
  return restrictiveness[strictest] ?? null;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
