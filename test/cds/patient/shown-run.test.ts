import { factsHost } from '../../../src/cds/arden/run/facts-host.js';
import { run } from '../../../src/cds/arden/run/run.js';
import { type ShownNode, shownRun } from '../../../src/cds/patient/shown-run.js';
import { shownOfRun } from '../../../src/schema/cds-limits.js';
import { type Code, mlmOf, now, sourceOf } from '../arden/run/text.js';

const shown = (code: Code, reads: Record<string, unknown> = {}, isOpen = true) => {
  const mlm = mlmOf(code);
  const outcome = run(mlm, factsHost({ now, reads }), { trace: true });
  return shownRun({ mlm, text: sourceOf(code) }, outcome, isOpen);
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
});
