import { sql } from 'kysely';
import { type GoldBuilder, subquery } from '../../../measures/source.js';
import type { Dialect, Statement } from '../../../warehouse/dialect.js';
import type { ColumnType } from '../../../warehouse/table.js';
import { bind } from '../../../warehouse/value.js';
import type {
  ColumnarResult,
  OutputColumn,
  ReadOptions,
  ReleaseHandle,
} from '../../../warehouse/warehouse.js';
import type { Row } from '../../arden/host.js';
import type { Time } from '../../arden/value.js';
import type { Fact, FactColumn, FactReference } from '../fact.js';
import { wantedColumns } from '../reference/wanted.js';
import type { Registry } from '../registry.js';
import type { FactValue } from './matches.js';
import { knownRows } from './relation.js';
import { type FactRowValues, rowsOf } from './rows-of.js';

/** What is read for some patients: the references of all READs of some rules, by the text between their braces. */
export interface FactQuestion {
  readonly references: ReadonlyMap<string, FactReference>;
  /** Numbers of patients; not empty. */
  readonly patients: readonly number[];
  readonly now: Time;
}

export interface FactSource {
  readonly handle: Pick<ReleaseHandle, 'read'>;
  readonly gold: GoldBuilder;
  readonly dialect: Dialect;
  readonly valueSets: Registry['valueSets'];
  readonly options?: ReadOptions;
}

/** The rows of one patient by the text between the braces. */
export type RowsByBraces = ReadonlyMap<string, readonly Row[]>;

/**
 * The rows of all READs of some rules for some patients: one statement a fact, whatever the number of READs. Every patient
 * asked for is in the answer, and every text.
 */
export async function fetchRows(
  question: FactQuestion,
  source: FactSource,
): Promise<ReadonlyMap<number, RowsByBraces>> {
  const { references, patients, now } = question;
  const byFact = new Map<string, FactReference[]>();
  for (const reference of references.values())
    byFact.set(reference.fact.name, [...(byFact.get(reference.fact.name) ?? []), reference]);
  const rows = new Map(
    await Promise.all(
      [...byFact].map(async ([name, ofFact]) => [name, await factRows(ofFact, question, source)] as const),
    ),
  );
  return new Map(
    patients.map((patient) => [
      patient,
      new Map(
        [...references].map(([braces, reference]) => [
          braces,
          rowsOf(reference, rows.get(reference.fact.name)?.get(patient) ?? [], now, source.valueSets),
        ]),
      ),
    ]),
  );
}

/** The rows of a fact by patient, with all columns that the references to it read. */
async function factRows(
  references: readonly FactReference[],
  { patients, now }: FactQuestion,
  { handle, gold, dialect, options }: FactSource,
): Promise<ReadonlyMap<number, readonly FactRowValues[]>> {
  const fact = references[0]?.fact;
  const found = new Map<number, FactRowValues[]>();
  if (!fact) return found;
  const wanted = new Set(references.flatMap((reference) => [...wantedColumns(reference)]));
  const names = [...wanted];
  const output: OutputColumn[] = [
    { name: 'patient_no', type: { kind: 'int32' } },
    { name: 'row_key', type: { kind: 'key128' } },
    ...names.map((name) => ({ name, type: storedType(fact.columns[name]) })),
  ];
  const { columns, rowCount } = await handle.read(
    statementOf(fact, wanted, patients, now, output, gold, dialect),
    output,
    options,
  );
  for (let row = 0; row < rowCount; row += 1) {
    const patient = Number(columns[0]?.[row]);
    const values = Object.fromEntries(names.map((name, at) => [name, valueAt(columns, at + 2, row)]));
    const key = Buffer.from(columns[1]?.[row] as Uint8Array).toString('hex');
    const ofPatient = found.get(patient);
    if (ofPatient) ofPatient.push({ values, key });
    else found.set(patient, [{ values, key }]);
  }
  return found;
}

function statementOf(
  fact: Fact,
  wanted: ReadonlySet<string>,
  patients: readonly number[],
  now: Time,
  output: readonly OutputColumn[],
  gold: GoldBuilder,
  dialect: Dialect,
): Statement {
  const among = sql.join(patients.map((patient) => bind({ kind: 'int32' }, patient)));
  return dialect.compile(
    subquery(gold, knownRows(fact, wanted, gold, dialect, now), 'r')
      .where(sql<boolean>`${sql.ref('r.patient_no')} in (${among})`)
      .select(output.map(({ name, type }) => dialect.output(sql.ref(`r.${name}`), type).as(name))),
  );
}

const valueAt = (columns: ColumnarResult['columns'], at: number, row: number): FactValue =>
  (columns[at]?.[row] ?? null) as FactValue;

/** The type in which a column of a fact leaves the engine. */
function storedType(column: FactColumn | undefined): ColumnType {
  switch (column?.type) {
    case 'boolean':
      return { kind: 'boolean' };
    case 'number':
      return { kind: 'double' };
    case 'time':
      return { kind: column.stored ?? 'date' };
    default:
      return { kind: 'text', length: 400 };
  }
}
