import fc from 'fast-check';
import type { FactReference, ValueSet } from '../../../src/cds/facts/fact.js';
import { isReference, parseReference } from '../../../src/cds/facts/reference/parse.js';
import { facts, registryOf } from '../../../src/cds/facts/registry.js';

const copd: ValueSet = {
  name: 'copd',
  codes: [{ system: 'icd10', code: 'J44', match: 'prefix', display: 'COPD', source: 'ICD-10' }],
};
const registry = registryOf(new Map([['copd', copd]]));

function read(text: string): FactReference {
  const found = parseReference(text, registry);
  if (!isReference(found)) throw new Error(JSON.stringify(found.problems));
  return found;
}
const problems = (text: string): string[] => {
  const found = parseReference(text, registry);
  return isReference(found) ? [] : found.problems.map(({ offset, message }) => `${offset} ${message}`);
};

describe('what stands between braces', () => {
  it('names a fact, columns and conditions', () => {
    const { fact, columns, where } = read(
      "ed_attendance: total_time_mins, triage_category where presenting_complaint = 'Chest pain' and triage_category in (1, 2)",
    );
    expect([fact.name, columns]).toEqual(['ed_attendance', ['total_time_mins', 'triage_category']]);
    expect(where).toEqual([
      { kind: 'compare', column: 'presenting_complaint', operator: '=', value: 'Chest pain' },
      { kind: 'in', column: 'triage_category', not: false, values: [1, 2] },
    ]);
  });

  it('means the default column of the fact where it names none', () => {
    for (const fact of facts.values()) expect(read(fact.name).columns).toEqual([fact.defaultColumn]);
  });

  it('takes words in any case, and doubles a quote in a text', () => {
    expect(read("COMMUNITY_Contact WHERE Care_Activity = 'O''Neill'").where).toEqual([
      { kind: 'compare', column: 'care_activity', operator: '=', value: "O'Neill" },
    ]);
  });

  it('has every form of condition', () => {
    expect(
      read(
        "spell where admission_method starts with '2' and diagnoses contains 'j44.0' and primary_diagnosis not in valueset 'copd' and discharge_date is null and specialty not in ('100') and length_of_stay >= 7 and hrg_code is not null",
      ).where,
    ).toEqual([
      { kind: 'starts with', column: 'admission_method', text: '2' },
      { kind: 'contains', column: 'diagnoses', item: 'J440' },
      { kind: 'value set', column: 'primary_diagnosis', not: true, name: 'copd' },
      { kind: 'null', column: 'discharge_date', not: false },
      { kind: 'in', column: 'specialty', not: true, values: ['100'] },
      { kind: 'compare', column: 'length_of_stay', operator: '>=', value: 7 },
      { kind: 'null', column: 'hrg_code', not: true },
    ]);
    expect(read('ed_attendance where safeguarding_concern = true').where).toEqual([
      { kind: 'compare', column: 'safeguarding_concern', operator: '=', value: true },
    ]);
  });

  it('says where a mistake stands and what it is', () => {
    expect(problems('spel')).toEqual(['0 there is no fact spel']);
    expect(problems('spell: age, wardd')).toEqual(['12 spell has no column wardd']);
    expect(problems("spell where diagnoses in valueset 'copdx'")).toEqual(['34 there is no value set copdx']);
    expect(problems("spell where age = '65'")).toEqual(['18 age is compared with another type']);
    expect(problems('spell where specialty = 100')).toEqual(['24 specialty is compared with another type']);
    expect(problems("spell where admission_date >= '2023-01-01'")).toEqual([
      '12 admission_date is of the type time, which has no >=',
      '30 admission_date is compared with another type',
    ]);
    expect(problems("spell where primary_diagnosis = 'INVALID'")).toEqual([
      "32 'INVALID' is no code of icd10",
    ]);
    expect(problems("spell where diagnoses = 'J44'")).toEqual([
      '12 diagnoses is of the type codes, which has no =',
    ]);
    expect(problems("spell where specialty = '100")).toEqual(['24 a text has no end']);
    expect(problems('spell where age > 65 or age < 3')).toEqual(['21 there is more than a reference']);
    expect(problems("'123','456';'CALCIUM'")).toEqual(['11 this character has no meaning here']);
    expect(problems('')).toEqual(['0 here stands the name of a fact']);
    expect(problems("prescription where bnf_code in valueset 'copd'")).toEqual([
      '40 the value set copd has no code of bnf',
    ]);
  });

  it('never throws, and names an offset within the text', () => {
    const piece = fc.constantFrom(
      ...[
        'spell',
        ':',
        ',',
        'where',
        'and',
        'not',
        'in',
        '(',
        ')',
        "'J44'",
        "'",
        '7',
        '=',
        '<>',
        'is',
        'null',
      ],
      ...[
        'valueset',
        'starts',
        'with',
        'contains',
        'age',
        'diagnoses',
        '%',
        ' ',
        '-',
        '__proto__',
        'constructor',
      ],
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece, { maxLength: 20 }).map((parts) => parts.join(' ')),
        ),
        (text) => {
          const found = parseReference(text, registry);
          if (isReference(found)) return;
          expect(found.problems.length).toBeGreaterThan(0);
          for (const { offset } of found.problems) {
            expect(offset).toBeGreaterThanOrEqual(0);
            expect(offset).toBeLessThanOrEqual(text.length);
          }
        },
      ),
    );
  });
});
