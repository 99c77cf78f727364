import { type LoadContext, load } from '../../loaders/load.js';
import { datasetOf } from '../../schema/declare/dataset.js';
import { peopleDatasets } from '../../schema/people/nested.js';
import { Patient } from '../../schema/people/patients.js';

/** A patient of the release whom the caller may see. */
export interface KnownPatient {
  readonly number: number;
  /** The key, which never leaves the server. */
  readonly key: Uint8Array;
}

/** The patient behind a pseudonym; undefined for one who is unknown, of another recipient or out of scope: told apart for nobody. */
export async function patientOf(token: string, context: LoadContext): Promise<KnownPatient | undefined> {
  const key = context.plan.identifiers.of('patient').decode(token);
  if (!key) return undefined;
  const dataset = datasetOf(Patient).key;
  const patients = peopleDatasets.find((one) => one.key === dataset);
  if (!patients) throw new Error('there are no patients');
  const page = await load(
    patients,
    {
      kind: 'row',
      dataset,
      where: { kind: 'test', column: 'patientId', op: 'eq', value: token },
      orderBy: [],
      first: 1,
      select: ['patientId'],
      total: false,
    },
    undefined,
    { ...context, lane: 'point' },
  );
  const [number] = page.patients;
  return number === undefined ? undefined : { number, key };
}
