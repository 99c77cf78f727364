import { sql } from 'kysely';
import { queryOf } from '../../measures/source.js';
import type { Fact, FactColumn } from '../facts/fact.js';
import type { Registry } from '../facts/registry.js';

const column = (
  type: FactColumn['type'],
  more: Partial<Omit<FactColumn, 'type' | 'description'>> = {},
): FactColumn => ({ type, description: type, ...more });

const shared = {
  n: column('number'),
  x: column('number'),
  s: column('string'),
  b: column('boolean'),
  d: column('time', { stored: 'date' }),
  m: column('time', { stored: 'instant' }),
} as const;

/** Reads a fact from a table of the test that has its columns by their names. */
const fromTable =
  (name: string): Fact['relation'] =>
  (gold, _, wanted) =>
    queryOf(gold, `proof_${name} as f`).select(
      ['patient_no', 'row_key', ...wanted].map((each) => sql.ref(`f.${each}`).as(each)),
    );

const fact = (name: string, time: Fact['time'], columns: Fact['columns'], defaultColumn: string): Fact => ({
  name,
  description: name,
  columns,
  defaultColumn,
  ...(time ? { time } : {}),
  relation: fromTable(name),
});

/** Rows by day, rows by instant with a column that becomes known later, and rows without a time. */
export const proofFacts: readonly Fact[] = [
  fact('visit', { column: 't', stored: 'date' }, { ...shared, t: column('time', { stored: 'date' }) }, 'n'),
  fact(
    'stay',
    { column: 't', stored: 'instant' },
    {
      ...shared,
      n: column('number', { knownAt: 'm' }),
      m: column('time', { stored: 'instant', knownAt: 'm' }),
      t: column('time', { stored: 'instant' }),
    },
    'n',
  ),
  fact('person', undefined, shared, 'n'),
];

export const proofRegistry: Registry = {
  facts: new Map(proofFacts.map((each) => [each.name, each])),
  valueSets: new Map(),
};

/** The facts of a registry over tables of the test: what gold makes of sources is not what is proved here. */
export const tableRegistry = ({ facts, valueSets }: Registry): Registry => ({
  facts: new Map([...facts].map(([name, each]) => [name, { ...each, relation: fromTable(name) }])),
  valueSets,
});
