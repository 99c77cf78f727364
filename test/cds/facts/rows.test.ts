import type { Datum } from '../../../src/cds/arden/value.js';
import { facts } from '../../../src/cds/facts/registry.js';
import { givenValues } from '../../../src/cds/facts/rows/given.js';
import type { FactValues } from '../../../src/cds/facts/rows/matches.js';
import { rowsOf } from '../../../src/cds/facts/rows/rows-of.js';
import { at, beginning, reference } from './facts-at.js';

const valueSets = new Map([['copd', beginning('copd', 'icd10', ['J44'])]]);

/** The row as gold would have it. */
function given(fact: string, row: Readonly<Record<string, unknown>>): FactValues {
  const found = givenValues(facts.get(fact)!, row);
  if ('problems' in found) throw new Error(found.problems.join('\n'));
  return found.values;
}
const problems = (fact: string, row: Readonly<Record<string, unknown>>): readonly string[] => {
  const found = givenValues(facts.get(fact)!, row);
  return 'problems' in found ? found.problems : [];
};

/** What a READ gives of rows at a time: values by row. */
function read(text: string, rows: readonly Readonly<Record<string, unknown>>[], now: string): unknown[][] {
  const of = reference(text, valueSets);
  return rowsOf(
    of,
    rows.map((row) => ({ values: given(of.fact.name, row) })),
    at(now),
    valueSets,
  ).map(({ values }) => values.map(plain));
}
const plain = (datum: Datum): unknown =>
  datum.type === 'null'
    ? null
    : datum.type === 'time'
      ? new Date(datum.value.wall).toISOString().slice(0, 19)
      : datum.value;

describe('the as-of rule', () => {
  const spell = {
    admission_date: '2023-06-10',
    discharge_date: '2023-06-20',
    length_of_stay: 10,
    discharge_destination: '19',
  };
  const text = 'spell: admission_date, discharge_date, length_of_stay';

  it('shows a row from its primary time on', () => {
    expect(read('spell', [spell], '2023-06-09T23:59:59')).toEqual([]);
    expect(read('spell', [spell], '2023-06-10T00:00:00')).toHaveLength(1);
  });

  it('has null for a column while the time at which it becomes known is still to come', () => {
    expect(read(text, [spell], '2023-06-19T23:59:59')).toEqual([['2023-06-10T00:00:00', null, null]]);
    expect(read(text, [spell], '2023-06-20T00:00:00')).toEqual([
      ['2023-06-10T00:00:00', '2023-06-20T00:00:00', 10],
    ]);
  });

  it('lets conditions see what was known: a stay is open until its discharge', () => {
    const open = 'spell where discharge_date is null';
    expect(read(open, [spell], '2023-06-19T23:59:59')).toHaveLength(1);
    expect(read(open, [spell], '2023-06-20T00:00:00')).toEqual([]);
  });

  it('shows the minutes to treatment once they are over', () => {
    const attendance = {
      arrival_datetime: '2023-06-30T10:00:00',
      treated_at: '2023-06-30T10:45:00',
      time_to_treatment_mins: 45,
    };
    const minutes = 'ed_attendance: time_to_treatment_mins';
    expect(read(minutes, [attendance], '2023-06-30T10:44:59')).toEqual([[null]]);
    expect(read(minutes, [attendance], '2023-06-30T10:45:00')).toEqual([[45]]);
  });

  it('shows a row without primary time at any time', () => {
    expect(read('patient', [{ gender: 'F' }], '1950-01-01T00:00:00')).toEqual([['F']]);
  });
});

describe('the order of the rows of a READ', () => {
  it('is that of instants: of an hour that comes twice the first before the second', () => {
    const times = ['2023-10-29T01:10:00Z', '2023-10-29T00:50:00Z', '2023-10-29T02:00:00Z'];
    const rows = times.map((time) => ({ arrival_datetime: time }));
    expect(read('ed_attendance', rows, '2023-12-31T23:59:59')).toEqual([
      ['2023-10-29T01:50:00'],
      ['2023-10-29T01:10:00'],
      ['2023-10-29T02:00:00'],
    ]);
  });

  it('is that of the keys where times are equal, the highest last', () => {
    const of = reference('community_contact: service_type');
    const rows = ['b0', '0f', 'a1'].map((key) => ({
      key,
      values: { contact_date: '2023-01-01', service_type: key },
    }));
    expect(rowsOf(of, rows, at('2023-01-01T00:00:00'), new Map()).map(({ key }) => key)).toEqual([
      '0f',
      'a1',
      'b0',
    ]);
  });
});

describe('codes', () => {
  const found = (row: Readonly<Record<string, unknown>>): number =>
    read(
      "spell where diagnoses in valueset 'copd'",
      [{ admission_date: '2023-01-01', ...row }],
      '2023-12-31T00:00:00',
    ).length;

  it('match by prefix after normalising', () => {
    expect(found({ diagnoses: 'I10, j44.1' })).toBe(1);
    expect(found({ diagnoses: 'J44X' })).toBe(1);
    expect(found({ diagnoses: 'J45,I44' })).toBe(0);
  });

  it('INVALID and codes of procedures in the place of a diagnosis never match a value set of diagnoses', () => {
    const t87 = new Map([['t', beginning('t', 'icd10', ['T87', 'I'])]]);
    const match = (row: Readonly<Record<string, unknown>>): number => {
      const of = reference("spell where primary_diagnosis in valueset 't'", t87);
      const values = given('spell', { admission_date: '2023-01-01', ...row });
      return rowsOf(of, [{ values }], at('2023-12-31T00:00:00'), t87).length;
    };
    expect(match({ primary_diagnosis: 'T87', admission_method: '21' })).toBe(1);
    expect(match({ primary_diagnosis: 'T87', admission_method: '11' })).toBe(0);
    expect(match({ primary_diagnosis: 'INVALID', admission_method: '21' })).toBe(0);
  });

  it('are compared by their own condition in the same form', () => {
    const rows = [{ admission_date: '2023-01-01', primary_diagnosis: 'S72.0' }];
    expect(read("spell where primary_diagnosis = 's720'", rows, '2023-12-31T00:00:00')).toHaveLength(1);
    expect(
      read("spell where primary_diagnosis starts with 'S72.'", rows, '2023-12-31T00:00:00'),
    ).toHaveLength(1);
    expect(read("spell where primary_diagnosis <> 'S72.0'", rows, '2023-12-31T00:00:00')).toEqual([]);
  });
});

describe('a condition that is unknown', () => {
  it.each(["admission_method <> '21'", "admission_method not in ('21')", "diagnoses not in valueset 'copd'"])(
    'keeps no row: %s',
    (condition) => {
      expect(
        read(`spell where ${condition}`, [{ admission_date: '2023-01-01' }], '2023-12-31T00:00:00'),
      ).toEqual([]);
    },
  );
});

describe('a row that comes from elsewhere', () => {
  it('is told what is wrong with it', () => {
    expect(problems('spell', {})).toEqual(['spell: admission_date is its primary time and is missing']);
    expect(problems('spell', { admission_date: '2023-01-01', length_of_stay: 3 })).toEqual([
      'spell: length_of_stay is known at discharge_date, which is missing',
    ]);
    expect(problems('spell', { admission_date: '1 January' })[0]).toBe(
      'spell: admission_date is no day YYYY-MM-DD',
    );
    expect(problems('patient', { gender: 3 })).toEqual(['patient: gender is no string']);
    expect(problems('patient', { sex: 'F' })).toEqual([
      'patient has no column sex: gender, ethnic_group, deprivation_quintile',
    ]);
  });
});
