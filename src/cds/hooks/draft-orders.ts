import type { Row } from '../arden/host.js';
import type { Time } from '../arden/value.js';
import type { Registry } from '../facts/registry.js';
import { dayText } from '../facts/rows/bounds.js';
import { rowsOf } from '../facts/rows/rows-of.js';
import { factsOf } from './fhir/prefetch.js';
import { isJson, type Json, part, parts, text } from './fhir/resource.js';
import type { HookRule } from './services.js';

/**
 * Orders that are about to be signed (CDS Hooks 2.0, hook `order-sign`) count as prescriptions of the time of the call: what
 * the rules say is what they would say once the orders are signed. Orders of other things than drugs count for nothing.
 */

/** The fact whose rows they are, and the key of the prefetch that brings its other rows. */
const fact = 'prescription';

/** The resources of the orders as if they were signed on a day. */
const signedOn = (day: string, draftOrders: Json): readonly Json[] =>
  parts(draftOrders, 'entry').flatMap(({ resource }) => {
    if (!isJson(resource)) return [];
    const isDraft = resource['resourceType'] === 'MedicationRequest' && text(resource, 'status') === 'draft';
    return [isDraft ? { ...resource, status: 'active', intent: 'order', authoredOn: day } : resource];
  });

/** A prefetch with the orders beside the prescriptions that it brings; as it is where it brings none, not even that there are none. */
export function prefetchWithOrders(prefetch: Json, draftOrders: Json | undefined, now: Time): Json {
  const given = prefetch[fact];
  const isBundle = isJson(given) && given['resourceType'] === 'Bundle';
  if (draftOrders === undefined || !(given === null || isBundle)) return prefetch;
  const known = isBundle ? parts(given, 'entry') : [];
  const entry = [...known, ...signedOn(dayText(now), draftOrders).map((resource) => ({ resource }))];
  return { ...prefetch, [fact]: { resourceType: 'Bundle', type: 'collection', entry } };
}

/**
 * The rows of READs with the orders among the prescriptions, for a patient who is known by other means than the orders: whose
 * name for the patient has no meaning here. The age is known if the prefetch brings the patient.
 */
export function rowsWithOrders(
  rows: (braces: string) => readonly Row[] | undefined,
  draftOrders: Json | undefined,
  { prefetch, rules, now, registry }: OrdersContext,
): (braces: string) => readonly Row[] | undefined {
  if (draftOrders === undefined) return rows;
  const { patient } = prefetch ?? {};
  const orders = signedOn(dayText(now), draftOrders).map(({ subject: _subject, ...order }) => order);
  const entry = orders.map((resource) => ({ resource }));
  const id = text(part({ patient }, 'patient'), 'id') ?? '';
  const given = factsOf(
    { [fact]: { resourceType: 'Bundle', entry }, ...(isJson(patient) ? { patient } : {}) },
    id,
    registry,
  );
  const drafts = given.rows.get(fact) ?? [];
  const references = new Map(rules.flatMap((rule) => [...rule.references]));
  return (braces) => {
    const [known, reference] = [rows(braces), references.get(braces)];
    return known && reference?.fact.name === fact
      ? [...known, ...rowsOf(reference, drafts, now, registry.valueSets)]
      : known;
  };
}

interface OrdersContext {
  readonly prefetch: Json | undefined;
  readonly rules: readonly HookRule[];
  readonly now: Time;
  readonly registry: Registry;
}
