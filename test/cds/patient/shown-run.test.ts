import { factsHost } from '../../../src/cds/arden/run/facts-host.js';
import { run } from '../../../src/cds/arden/run/run.js';
import { registryOf } from '../../../src/cds/facts/registry.js';
import { type ShownNode, shownRun } from '../../../src/cds/patient/shown-run.js';
import { toldOf } from '../../../src/cds/patient/told.js';
import { readReferences } from '../../../src/cds/rules/references.js';
import { shownOfRun } from '../../../src/schema/cds-limits.js';
import { type Code, mlmOf, now, sourceOf } from '../arden/run/text.js';

const registry = registryOf(
  new Map([
    [
      'aids',
      { name: 'aids', codes: [{ system: 'icd10', code: 'B20', match: 'prefix', display: '', source: '' }] },
    ],
    [
      'copd',
      { name: 'copd', codes: [{ system: 'icd10', code: 'J44', match: 'prefix', display: '', source: '' }] },
    ],
  ]),
);
const listed = new Set(['B20', 'F10']);
const toldFor = (code: Code) => {
  const mlm = mlmOf(code);
  return toldOf(mlm, readReferences(mlm, registry), registry, listed);
};

const shown = (code: Code, reads: Record<string, unknown> = {}, isOpen = true) => {
  const mlm = mlmOf(code);
  const host = factsHost({ now, reads });
  const outcome = run(mlm, host, { trace: true });
  const told = toldOf(mlm, readReferences(mlm, registry), registry, listed);
  return shownRun({ mlm, text: sourceOf(code) }, outcome, { isOpen, told, now: host.now });
};
const all = (nodes: readonly ShownNode[]): ShownNode[] =>
  nodes.flatMap((node) => [node, ...all(node.children)]);

const frequent: Code = {
  data: `visits := READ {ed_attendance: triage_category} WHERE THEY OCCURRED WITHIN PAST 12 MONTHS;
  contact := READ LAST {community_contact: care_activity};`,
  logic:
    'n := COUNT visits; many := n >= 5; IF many AND contact IS PRESENT THEN CONCLUDE TRUE; ENDIF; CONCLUDE FALSE;',
};
const visits = {
  'ed_attendance: triage_category': Array.from({ length: 6 }, (_none, day) => ({
    value: 3,
    time: `2023-05-0${day + 1}`,
  })),
};

describe('a run that is shown', () => {
  it('has no node for a constant, nor for the whole of what is assigned', () => {
    const { nodes, isComplete } = shown(frequent, visits).trace();
    expect(isComplete).toBe(true);
    const many = nodes.find(({ text }) => text.startsWith('many :='));
    expect(many).toMatchObject({ value: 'TRUE', children: [{ text: 'n', value: '6' }] });
  });

  it('says of an operator that is the negation of another what is written', () => {
    const found = shown(frequent, visits);
    const present = all(found.trace().nodes).filter(({ text }) => text === 'contact IS PRESENT');
    expect(present).toMatchObject([{ value: 'FALSE', children: [{ text: 'contact', value: 'NULL' }] }]);
    expect(found.blockers()).toMatchObject({
      nodes: [
        {
          blockerKind: 'FALSE',
          text: 'contact IS PRESENT',
          value: 'FALSE',
          children: [{ text: 'contact', value: 'NULL' }],
        },
      ],
      missing: ['community_contact: care_activity'],
    });
  });

  it('has single values as variables', () => {
    expect(shown(frequent, visits).variables()).toEqual([
      { name: 'n', value: '6', primaryTime: null },
      { name: 'many', value: 'TRUE', primaryTime: null },
    ]);
  });

  it('leaves out all but truth where it has read what the caller does not see', () => {
    const found = shown(frequent, visits, false);
    const values = all([...found.trace().nodes, ...found.blockers().nodes]);
    expect(new Set(values.map(({ value }) => value))).toEqual(new Set([null, 'TRUE', 'FALSE', 'NULL']));
    expect(values.filter(({ primaryTime }) => primaryTime !== null)).toEqual([]);
    expect(found.variables()).toEqual([{ name: 'many', value: 'TRUE', primaryTime: null }]);
  });

  it('says where it has more than is shown', () => {
    const long: Code = { logic: 'n := 0; WHILE n < 300 DO n := n + 1; ENDDO; CONCLUDE n > 500;' };
    const { nodes, isComplete } = shown(long).trace();
    expect(isComplete).toBe(false);
    expect(all(nodes)).toHaveLength(shownOfRun.nodes + 1);
    expect(nodes.at(-1)).toMatchObject({ text: '…', value: null, children: [] });
  });

  it('tells truth alone of what datasets show in less detail, whatever it is made into', () => {
    const old: Code = {
      data: `(age_now, stay_days, codes) := READ LAST {spell: age, length_of_stay, diagnoses};
  stays := READ {spell: diagnoses};`,
      logic: `half := age_now / 2; twice := half * 4; n := COUNT stays; is_old := twice > 100; said := "age " || twice;
  IF stay_days > 3 AND is_old THEN CONCLUDE TRUE; ENDIF; CONCLUDE FALSE;`,
    };
    const row = { time: '2023-06-01' };
    const found = shown(old, {
      'spell: age, length_of_stay, diagnoses': [{ ...row, value: [77, 5, '"J44"'] }],
      'spell: diagnoses': [{ ...row, value: '"J44"' }],
    });
    expect(found.variables().map(({ name, value }) => [name, value])).toEqual([
      ['stay_days', '5'],
      ['n', '1'],
      ['is_old', 'TRUE'],
    ]);
    const values = all(found.trace().nodes).map(({ value }) => value ?? '');
    expect(values).toContain('5');
    for (const value of values) expect(value).not.toMatch(/77|38|154|J44/);
  });

  it('tells of times of events the hour', () => {
    const late: Code = {
      data: 'visits := READ {ed_attendance: triage_category}; last_visit := READ LAST {ed_attendance: triage_category};',
      logic: 'when := TIME OF last_visit; gone := NOW - when; CONCLUDE gone > 2 DAYS;',
    };
    const found = shown(late, {
      'ed_attendance: triage_category': [{ value: 3, time: '2023-06-01T10:34:56' }],
    });
    const nodes = all(found.trace().nodes);
    expect(nodes.find(({ text }) => text.startsWith('last_visit :='))?.primaryTime).toBe(
      '2023-06-01T09:00:00Z',
    );
    expect(JSON.stringify([nodes, found.variables()])).not.toMatch(/34:56|34:5|\d{5,}/);
    expect(found.variables().map(({ name }) => name)).toEqual(['last_visit']);
  });

  it.each([
    [
      'in a value set',
      "codes := READ LAST {spell: length_of_stay where diagnoses in valueset 'aids'};",
      '',
      false,
    ],
    [
      'between the braces',
      "codes := READ LAST {spell: length_of_stay where diagnoses contains 'F10'};",
      '',
      false,
    ],
    [
      'in the logic',
      'codes := READ LAST {spell: primary_diagnosis};',
      'IF codes = "F102" THEN CONCLUDE TRUE; ENDIF;',
      false,
    ],
    [
      'and nothing of others',
      "codes := READ LAST {spell: length_of_stay where diagnoses in valueset 'copd'};",
      'IF codes = 10 THEN CONCLUDE TRUE; ENDIF;',
      true,
    ],
  ])('tells nothing of a rule that names a listed diagnosis: %s', (_where, data, logic, isTold) => {
    expect(toldFor({ data, logic: `${logic} CONCLUDE FALSE;` }).isTold).toBe(isTold);
  });
});
