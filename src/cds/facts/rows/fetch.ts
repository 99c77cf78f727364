import type { ReadOptions, ReleaseHandle } from '../../../warehouse/warehouse.js';
import type { Row } from '../../arden/host.js';
import type { Time } from '../../arden/value.js';
import type { Fact, FactReference } from '../fact.js';
import { wantedColumns } from '../reference/wanted.js';
import type { Registry } from '../registry.js';
import { FactPlans, type FactWarehouse } from './fact-plan.js';
import type { FactValue } from './matches.js';
import { type FactRowValues, knownRowsOf, rowsAmong } from './rows-of.js';

/** What is read for some patients: the references of all READs of some rules, by the text between their braces. */
export interface FactQuestion {
  readonly references: ReadonlyMap<string, FactReference>;
  /** Numbers of patients; not empty. */
  readonly patients: readonly number[];
  readonly now: Time;
}

export interface FactSource extends FactWarehouse {
  readonly handle: Pick<ReleaseHandle, 'read'>;
  readonly valueSets: Registry['valueSets'];
  readonly options?: ReadOptions;
  /** Those of the server, where the same is asked again for others. */
  readonly plans?: FactPlans;
}

/** The rows of one patient by the text between the braces. */
export type RowsByBraces = ReadonlyMap<string, readonly Row[]>;

/**
 * The rows of all READs of some rules for some patients: one statement a fact, whatever the number of READs. Every patient
 * asked for is in the answer, and every text.
 */
export async function fetchRows(
  { references, patients, now }: FactQuestion,
  source: FactSource,
): Promise<ReadonlyMap<number, RowsByBraces>> {
  const facts = new Set([...references.values()].map(({ fact }) => fact));
  const wanted = new Map<Fact, Set<string>>();
  for (const reference of references.values()) {
    const read = readAs(reference.fact);
    const columns = wanted.get(read) ?? new Set();
    for (const name of wantedColumns(reference)) columns.add(name);
    wanted.set(read, columns);
  }
  const plans = source.plans ?? new FactPlans();
  const rows = new Map(
    await Promise.all(
      [...wanted].map(
        async ([fact, columns]) => [fact, await factRows(fact, columns, patients, source, plans)] as const,
      ),
    ),
  );
  return new Map(
    patients.map((patient) => {
      const known = new Map(
        [...facts].map((fact) => [fact, knownRowsOf(fact, rows.get(readAs(fact))?.get(patient) ?? [], now)]),
      );
      return [
        patient,
        new Map(
          [...references].map(([braces, reference]) => [
            braces,
            rowsAmong(reference, known.get(reference.fact) ?? [], source.valueSets),
          ]),
        ),
      ];
    }),
  );
}

/** The fact whose rows are read to have those of another. */
const readAs = (fact: Fact): Fact => fact.within ?? fact;

/** The rows of a fact by patient, with all columns that are wanted. */
async function factRows(
  fact: Fact,
  wanted: ReadonlySet<string>,
  patients: readonly number[],
  source: FactSource,
  plans: FactPlans,
): Promise<ReadonlyMap<number, readonly FactRowValues[]>> {
  const { names, output, statementFor } = plans.planOf(fact, wanted, patients.length, source);
  const { columns, rowCount } = await source.handle.read(statementFor(patients), output, source.options);
  const found = new Map<number, FactRowValues[]>();
  for (let row = 0; row < rowCount; row += 1) {
    const patient = Number(columns[0]?.[row]);
    const values = Object.fromEntries(
      names.map((name, at) => [name, (columns[at + 2]?.[row] ?? null) as FactValue]),
    );
    const key = Buffer.from(columns[1]?.[row] as Uint8Array).toString('hex');
    const ofPatient = found.get(patient);
    if (ofPatient) ofPatient.push({ values, key });
    else found.set(patient, [{ values, key }]);
  }
  return found;
}
