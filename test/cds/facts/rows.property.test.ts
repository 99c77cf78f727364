import fc from 'fast-check';
import type { FactReference } from '../../../src/cds/facts/fact.js';
import { facts } from '../../../src/cds/facts/registry.js';
import { FactPlans } from '../../../src/cds/facts/rows/fact-plan.js';
import { fetchRows } from '../../../src/cds/facts/rows/fetch.js';
import { duckdbDialect } from '../../../src/warehouse/duckdb/dialect.js';
import { goldBuilder } from '../../../src/warehouse/gold-builder.js';
import type { ReleaseHandle, Warehouse } from '../../../src/warehouse/warehouse.js';
import { loadedHome } from '../../support/home.js';
import { temporaryFolder } from '../../support/landing.js';
import { at, beginning, openFacts, reference, relationRows } from './facts-at.js';

const folder = temporaryFolder();
const valueSets = new Map([
  ['heart', beginning('heart', 'icd10', ['I', 'J44', 'S720'])],
  ['medicines', beginning('medicines', 'bnf', ['0', '0501', '0205051R0'])],
]);
let warehouse: Warehouse;
let handle: ReleaseHandle;
let patients: readonly number[];

beforeAll(async () => {
  const { config } = await loadedHome(folder, { patients: 1_000, faultRate: 0.05 }, { measuresAlone: true });
  warehouse = await openFacts(config, folder);
  handle = warehouse.open();
  patients = (await relationRows(handle, 'patient', at('2024-06-30T12:00:00')))
    .map(({ patient }) => patient)
    .slice(0, 200);
}, 120_000);
afterAll(async () => {
  handle.close();
  await warehouse.close();
});

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const texts = fc.constantFrom(
  '1',
  '2',
  '21',
  '01',
  '19',
  '79',
  'M',
  'Urgent',
  'High',
  'Active',
  'Chest pain',
  'N01',
  'DNA',
);
const numbers = fc.constantFrom(0, 1, 2, 3, 7, 30, 65, 240);
const icd10 = fc.constantFrom('I10', 'J44', 'S72', 'I48', 'E11');

/** A condition on a column, in words. */
function conditionOn(fact: FactReference['fact'], name: string): fc.Arbitrary<string> {
  const column = fact.columns[name]!;
  const not = fc.constantFrom('', 'not ');
  const comparison = fc.constantFrom('=', '<>', '<', '<=', '>', '>=');
  const isNull = not.map((no) => `${name} is ${no}null`);
  const set = not.map(
    (no) => `${name} ${no}in valueset '${column.system === 'bnf' ? 'medicines' : 'heart'}'`,
  );
  switch (column.type) {
    case 'number':
      return fc.oneof(
        isNull,
        fc.tuple(comparison, numbers).map(([is, value]) => `${name} ${is} ${value}`),
        fc
          .tuple(not, fc.array(numbers, { minLength: 1, maxLength: 3 }))
          .map(([no, values]) => `${name} ${no}in (${values.join(', ')})`),
      );
    case 'boolean':
      return fc.oneof(isNull, fc.constantFrom(`${name} = true`, `${name} <> true`, `${name} = false`));
    case 'codes':
      return fc.oneof(
        isNull,
        column.system
          ? fc.oneof(
              set,
              icd10.map((code) => `${name} contains '${code}'`),
            )
          : fc.constantFrom(`${name} contains 'ECG'`, `${name} contains 'Blood'`, `${name} contains 'X-ray'`),
      );
    case 'string':
      return column.system === 'loinc'
        ? isNull
        : column.system
          ? fc.oneof(isNull, set)
          : fc.oneof(
              isNull,
              fc.tuple(comparison, texts).map(([is, value]) => `${name} ${is} ${quoted(value)}`),
              texts.map((value) => `${name} starts with ${quoted(value)}`),
              fc
                .tuple(not, fc.array(texts, { minLength: 1, maxLength: 3 }))
                .map(([no, values]) => `${name} ${no}in (${values.map(quoted).join(', ')})`),
            );
    case 'time':
      return isNull;
  }
}

/** A reference to any fact. */
const references = fc.constantFrom(...facts.values()).chain((fact) => {
  const names = Object.keys(fact.columns);
  const columns = fc.uniqueArray(fc.constantFrom(...names), { minLength: 1, maxLength: 4 });
  const conditions = fc.array(
    fc.constantFrom(...names).chain((name) => conditionOn(fact, name)),
    { maxLength: 2 },
  );
  return fc
    .tuple(columns, conditions)
    .map(
      ([some, where]) =>
        `${fact.name}: ${some.join(', ')}${where.length > 0 ? ` where ${where.join(' and ')}` : ''}`,
    );
});
/** Days of the data, and instants at which the clocks change. */
const times = fc.oneof(
  fc.constantFrom('2024-03-31T01:30:00', '2024-10-27T01:30:00', '2024-10-27T00:59:59', '2024-12-31T23:59:59'),
  fc
    .tuple(fc.integer({ min: 0, max: 365 }), fc.integer({ min: 0, max: 86_399 }))
    .map(([day, second]) => new Date(Date.UTC(2024, 0, 1 + day, 0, 0, second)).toISOString().slice(0, 19)),
);

describe('rows of a reference', () => {
  it('are the same by the query and out of the rows of single patients, by statements that are kept', async () => {
    const plans = new FactPlans();
    const gold = goldBuilder(handle.schema);
    let found = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(references, { minLength: 1, maxLength: 4 }),
        times,
        fc.constantFrom([0, 200], [0, 200], [100, 140], [7, 8], [30, 31]),
        async (some, wall, [from, to]) => {
          const now = at(wall);
          const those = patients.slice(from, to);
          const asked = new Set(those);
          const fetched = await fetchRows(
            {
              references: new Map(some.map((text) => [text, reference(text, valueSets)])),
              patients: those,
              now,
            },
            { handle, gold, dialect: duckdbDialect, valueSets, plans },
          );
          for (const text of some) {
            const { columns } = reference(text, valueSets);
            const expected = (await relationRows(handle, text, now, valueSets))
              .filter(({ patient }) => asked.has(patient))
              .map(({ patient, key, time, values }) =>
                JSON.stringify([patient, key, time, ...columns.map((name) => values[name])]),
              );
            const actual = [...fetched].flatMap(([patient, rows]) =>
              (rows.get(text) ?? []).map(({ key, time, values }) =>
                JSON.stringify([
                  patient,
                  key,
                  time && stored(reference(text, valueSets).fact.time?.stored, time),
                  ...values.map((datum, index) => {
                    const column = reference(text, valueSets).fact.columns[columns[index]!];
                    if (datum.type === 'null') return null;
                    return datum.type === 'time' ? stored(column?.stored, datum.value) : datum.value;
                  }),
                ]),
              ),
            );
            found += actual.length;
            expect(actual.sort()).toEqual(expected.sort());
          }
        },
      ),
      { numRuns: 60, endOnFailure: true, seed: 7 },
    );
    expect(found).toBeGreaterThan(1_000);
  }, 120_000);

  it('come by primary time, then by key', async () => {
    const text = 'community_contact';
    const fetched = await fetchRows(
      { references: new Map([[text, reference(text)]]), patients, now: at('2024-12-31T23:59:59') },
      { handle, gold: goldBuilder(handle.schema), dialect: duckdbDialect, valueSets },
    );
    const several = [...fetched.values()]
      .map((rows) => rows.get(text) ?? [])
      .filter(({ length }) => length > 1);
    expect(several.length).toBeGreaterThan(0);
    for (const rows of several)
      for (const [index, row] of rows.slice(1).entries()) {
        const before = rows[index]!;
        const order = before.time!.instant - row.time!.instant;
        expect(order < 0 || (order === 0 && before.key! < row.key!)).toBe(true);
      }
  });
});

const stored = (as: 'date' | 'instant' | undefined, time: { wall: number; instant: number }): string =>
  as === 'instant'
    ? `${new Date(time.instant).toISOString().slice(0, 19)}Z`
    : new Date(time.wall).toISOString().slice(0, 10);
