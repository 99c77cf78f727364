import { parseFile } from '../../../src/cds/arden/parse.js';
import { timeAt } from '../../../src/cds/arden/run/time.js';
import type { Mlm } from '../../../src/cds/arden/syntax.js';
import { registryOf } from '../../../src/cds/facts/registry.js';
import { caseChecker } from '../../../src/cds/testing/check-case.js';
import { type FixtureCase, isFixture, readFixture } from '../../../src/cds/testing/fixture.js';
import { fixtureHosts } from '../../../src/cds/testing/fixture-host.js';

const registry = registryOf();
const now = timeAt(Date.parse('2023-06-30T23:59:59Z'))!;

const file = (
  cases: string,
  head = 'now: 2023-06-30T23:59:59\nrows:\n  spell: { specialty: "300" }',
): string => `rule: example\n${head}\ncases:\n${cases}`;
const casesOf = (text: string): readonly FixtureCase[] => {
  const read = readFixture(text, registry);
  if (!isFixture(read)) throw new Error(read.problems.join('\n'));
  return read.cases;
};
const problemsOf = (text: string): readonly string[] => {
  const read = readFixture(text, registry);
  return isFixture(read) ? [] : read.problems;
};

describe('test cases of a rule', () => {
  it('have rows with the columns of their fact, those of all rows, and null for the rest', () => {
    const [one] = casesOf(
      file(`  - it: fires
    given:
      spell: [{ admission_date: 2023-06-01, key: b }, { admission_date: 2023-06-01, key: a, specialty: null }]
    fires: true`),
    );
    const host = fixtureHosts(registry)(one!);
    expect(host.now).toEqual(now);
    expect(host.rows('spell: specialty, admission_method')).toEqual([
      expect.objectContaining({ key: 'a', values: [{ type: 'null' }, { type: 'null' }] }),
      expect.objectContaining({ key: 'b', values: [{ type: 'string', value: '300' }, { type: 'null' }] }),
    ]);
  });

  it('show no row and no value before its time', () => {
    const [one] = casesOf(
      file(`  - it: fires
    given:
      spell: [{ admission_date: 2023-07-01 }, { admission_date: 2023-06-01, discharge_date: 2023-07-01, length_of_stay: 30 }]
    fires: true`),
    );
    const rows = fixtureHosts(registry)(one!).rows('spell: length_of_stay');
    expect(rows?.map(({ values }) => values)).toEqual([[{ type: 'null' }]]);
  });

  it('bind nothing to a text that names no fact', () => {
    const [one] = casesOf(file('  - { it: fires, fires: true }'));
    expect(fixtureHosts(registry)(one!).rows('select 1')).toBeUndefined();
  });

  it('may have a time of their own, and rows by alias', () => {
    const cases = casesOf(
      file(
        `  - { it: fires, now: 2023-01-01T00:00:00, fires: false }
  - { it: does not, given: { observation: [*one, *one] }, fires: null }`,
        'now: 2023-06-30T23:59:59\nnamed:\n  one: &one { effective_datetime: 2023-06-01T10:00:00, code: 8867-4, value: 1 }',
      ),
    );
    expect(cases.map((one) => one.now.wall)).toEqual([Date.parse('2023-01-01T00:00:00Z'), now.wall]);
    expect(cases.map(({ fires }) => fires)).toEqual([false, null]);
    expect(fixtureHosts(registry)(cases[1]!).rows('observation')).toHaveLength(2);
  });

  it.each([
    ['no YAML', 'a: [', /./],
    ['no map', '[]', /the file must be a map/],
    ['no case', file('', 'now: 2023-06-30T23:59:59').replace('cases:\n', 'cases: []'), /at least 1/],
    ['an unknown key', file('  - { it: fires, fires: true, urgent: 1 }'), /cases\[0\]\.urgent is no key/],
    ['no time', file('  - { it: fires, fires: true }', 'rows: {}'), /cases\[0\] has no now/],
    ['no such time', file('  - { it: fires, fires: true, now: 2023-06-30 }'), /cases\[0\] has no now/],
    ['nothing expected', file('  - { it: fires }'), /cases\[0\]\.fires must be true, false or null/],
    ['a message of silence', file('  - { it: fires, fires: false, message: x }'), /of a case that fires/],
    [
      'an unknown fact',
      file('  - { it: fires, fires: true, given: { stay: [] } }'),
      /given\.stay is no fact/,
    ],
    [
      'an unknown column',
      file('  - { it: fires, fires: true, given: { spell: [{ admission_date: 2023-06-01, ward: W1 }] } }'),
      /given\.spell\[0\]: spell has no column ward/,
    ],
    [
      'a row without its time',
      file('  - { it: fires, fires: true, given: { spell: [{ age: 3 }] } }'),
      /admission_date is its primary time and is missing/,
    ],
    [
      'a value of another type',
      file(
        '  - { it: fires, fires: true, given: { spell: [{ admission_date: 2023-06-01, admission_method: 21 }] } }',
      ),
      /admission_method is no string/,
    ],
    [
      'a value that nobody can know yet',
      file(
        '  - { it: fires, fires: true, given: { spell: [{ admission_date: 2023-06-01, length_of_stay: 3 }] } }',
      ),
      /length_of_stay is known at discharge_date, which is missing/,
    ],
  ])('with %s are refused, with the place', (_what, text, problem) => {
    expect(problemsOf(text).join('\n')).toMatch(problem);
  });

  it('are not blown up by aliases of aliases', () => {
    const level = (n: number): string =>
      `  l${n}: &l${n} [${Array.from({ length: 10 }, () => (n === 0 ? '1' : `*l${n - 1}`)).join(', ')}]`;
    const bomb = file(
      '  - { it: fires, fires: true }',
      `named:\n${Array.from({ length: 12 }, (_none, n) => level(n)).join('\n')}`,
    );
    expect(problemsOf(bomb)).toEqual(['there are too many aliases']);
  });
});

describe('a rule on a case', () => {
  const mlm = (logic: string, action = 'WRITE "Yes, " || n'): Mlm => {
    const text = `maintenance: title: T;; mlmname: example;; arden: Version 2.10;; version: 1;; institution: I;; author: ;;
specialist: ;; date: 2026-01-01;; validation: testing;; library: purpose: P;; explanation: E;; keywords: k;;
knowledge: type: data_driven;; data: n := READ COUNT {spell};; evoke: ;; logic: ${logic};; action: ${action};; urgency: 60;;
resources: default: en;; language: en ;; end:`;
    const { mlms, diagnostics } = parseFile(new TextEncoder().encode(text), { mode: 'strict' });
    expect(diagnostics).toEqual([]);
    return mlms[0]!;
  };
  const one = (more: Partial<FixtureCase>): FixtureCase => ({
    it: 'fires',
    now,
    rows: new Map(),
    fires: true,
    ...more,
  });

  it('does what was expected', () => {
    const expected = one({ message: 'Yes, 0', urgency: 60 });
    expect(caseChecker(mlm('CONCLUDE TRUE'), registry)(expected)).toEqual([]);
  });

  it.each([
    ['fires', mlm('CONCLUDE TRUE'), one({ fires: false }), ['fires: true, not false']],
    ['is undecided', mlm('CONCLUDE NULL'), one({ fires: false }), ['fires: null, not false']],
    ['says something else', mlm('CONCLUDE TRUE'), one({ message: 'No' }), ['message: Yes, 0', 'not: No']],
    ['is less urgent', mlm('CONCLUDE TRUE'), one({ urgency: 80 }), ['urgency: 60, not 80']],
    ['says nothing', mlm('CONCLUDE TRUE', ''), one({}), ['nothing is written']],
  ])('%s: and that is said', (_what, rule, expected, problems) => {
    expect(caseChecker(rule, registry)(expected)).toEqual(problems);
  });
});
