import type { Row } from '../../cds/arden/host.js';
import type { Time } from '../../cds/arden/value.js';
import type { FactReference } from '../../cds/facts/fact.js';
import type { Registry } from '../../cds/facts/registry.js';
import { fetchRows } from '../../cds/facts/rows/fetch.js';
import { columnsOf, type HookRule } from '../../cds/hooks/services.js';
import { MaplewoodError } from '../../errors.js';
import { type LoadContext, load } from '../../loaders/load.js';
import { datasetOf } from '../../schema/declare/dataset.js';
import { peopleDatasets } from '../../schema/people/nested.js';
import { Patient } from '../../schema/people/patients.js';
import type { Statement } from '../../warehouse/dialect.js';

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

/** The rows of all READs of rules for a patient, as they were known at a time. */
export async function rowsInGold(
  rules: readonly HookRule[],
  patient: KnownPatient,
  now: Time,
  { valueSets }: Registry,
  context: LoadContext,
): Promise<(braces: string) => readonly Row[] | undefined> {
  const references = new Map<string, FactReference>(rules.flatMap((rule) => [...rule.references]));
  const { plan, handle, signal, requestId, account } = context;
  const readable = async ({ tables = [] }: Statement): Promise<void> => {
    if (tables.some((table) => !plan.release.tables.has(table)))
      throw new MaplewoodError(
        'WAREHOUSE_UNAVAILABLE',
        'The release was made by an earlier version and has no such facts. Run: maplewood etl run',
      );
  };
  const found = await fetchRows(
    { references, patients: [patient.number], now },
    {
      handle: {
        read: (statement, output, reading) =>
          readable(statement).then(() => handle.read(statement, output, reading)),
      },
      gold: plan.gold,
      dialect: plan.dialect,
      valueSets,
      options: { signal, requestId, lane: 'point' },
    },
  );
  account.addColumns(
    [...references.values()].flatMap((reference) =>
      [...columnsOf(reference)].map(
        (column) => ({ name: `${reference.fact.name}.${column}`, class: 'S' }) as const,
      ),
    ),
  );
  const rows = found.get(patient.number);
  return (braces) => rows?.get(braces);
}
