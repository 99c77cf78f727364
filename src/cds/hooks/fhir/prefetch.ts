import { MaplewoodError } from '../../../errors.js';
import type { Registry } from '../../facts/registry.js';
import { givenValues } from '../../facts/rows/given.js';
import type { FactRowValues } from '../../facts/rows/rows-of.js';
import { withIntervals } from './derived.js';
import { conditionsByEncounter, localReference } from './diagnoses.js';
import { bornOn } from './patients.js';
import { isJson, type Json, part, parts, text } from './resource.js';
import type { Prefetched } from './twin.js';
import { fetchedWith, twins } from './twins.js';

/** Resources that one request may bring: the history of a long life has fewer. */
const mostResources = 5_000;

/** Rows of the facts that a client has sent, and the columns that these rows tell. */
export interface GivenFacts {
  readonly rows: ReadonlyMap<string, readonly FactRowValues[]>;
  readonly columns: ReadonlyMap<string, ReadonlySet<string>>;
}

/**
 * The prefetch of a request as rows of facts, by the keys under which it was asked for. A key that is missing or has failed
 * is not there; null is a key without data; of a bundle in pages those sent are all there is. What is about another patient
 * is left out. Errors: `BAD_USER_INPUT` for what is no resource, `PAYLOAD_TOO_LARGE` for too many.
 */
export function factsOf(prefetch: Json, patientId: string, { facts }: Registry): GivenFacts {
  const sent = new Map<string, readonly Json[]>();
  let count = 0;
  for (const [key, value] of Object.entries(prefetch)) {
    const resources = resourcesOf(value);
    count += resources?.length ?? 0;
    if (count > mostResources) throw new MaplewoodError('PAYLOAD_TOO_LARGE');
    if (resources)
      sent.set(
        key,
        resources.filter((resource) => isAbout(patientId, resource)),
      );
  }
  const all = [...sent.values()].flat();
  const prefetched: Prefetched = {
    ofFact: new Map(
      [...twins.keys()].flatMap((name) => {
        const resources = sent.get(fetchedWith[name] ?? name);
        return resources ? [[name, resources]] : [];
      }),
    ),
    byReference: new Map(
      all.flatMap((one) => {
        const [type, id] = [text(one, 'resourceType'), text(one, 'id')];
        return type === null || id === null ? [] : [[`${type}/${id}`, one]];
      }),
    ),
    conditionsOf: conditionsByEncounter(all),
    born: bornOn(sent.get('patient') ?? []),
  };
  const told = withIntervals(
    new Map(
      [...prefetched.ofFact].flatMap(([name, resources]) => {
        const twin = twins.get(name);
        return twin ? [[name, twin.rows(resources, prefetched)]] : [];
      }),
    ),
  );
  return {
    columns: new Map([...told].map(([name, { columns }]) => [name, columns])),
    rows: new Map(
      [...told].map(([name, { rows }]) => {
        const fact = facts.get(name);
        return [
          name,
          rows.flatMap((row): FactRowValues[] => {
            const given = fact ? givenValues(fact, row) : { problems: [] };
            return 'values' in given ? [{ values: given.values }] : [];
          }),
        ];
      }),
    ),
  };
}

/** The resources under a key; undefined where the client could not get them. */
function resourcesOf(value: unknown): readonly Json[] | undefined {
  if (value === null) return [];
  if (!isJson(value) || typeof value['resourceType'] !== 'string')
    throw new MaplewoodError('BAD_USER_INPUT', 'A member of prefetch is neither a FHIR resource nor null.');
  if (value['resourceType'] === 'OperationOutcome') return undefined;
  if (value['resourceType'] !== 'Bundle') return [value];
  return parts(value, 'entry').flatMap((entry) => {
    const { resource } = entry;
    return isJson(resource) && resource['resourceType'] !== 'OperationOutcome' ? [resource] : [];
  });
}

/** What names another patient is about that one; what names none, such as a drug, is about nobody. */
function isAbout(patientId: string, resource: Json): boolean {
  if (resource['resourceType'] === 'Patient') return text(resource, 'id') === patientId;
  const reference =
    text(part(resource, 'subject'), 'reference') ?? text(part(resource, 'patient'), 'reference');
  return reference === null || localReference(reference) === `Patient/${patientId}`;
}
