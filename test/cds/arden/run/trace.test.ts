import { blockers } from '../../../../src/cds/arden/run/blockers.js';
import { explainer } from '../../../../src/cds/arden/run/explain.js';
import { factsHost } from '../../../../src/cds/arden/run/facts-host.js';
import { run } from '../../../../src/cds/arden/run/run.js';
import { type Code, mlmOf, now, sourceOf } from './text.js';

const explained = (code: Code, facts: Record<string, unknown> = {}) => {
  const mlm = mlmOf(code);
  const outcome = run(mlm, factsHost({ now, ...facts }), { trace: true });
  const show = explainer({ file: 'rule.mlm', text: sourceOf(code) });
  return {
    outcome,
    trace: (outcome.trace ?? []).map(show.node),
    blockers: blockers(mlm, outcome).map(show.blocker),
  };
};

/** Kind and text of the blockers. */
const blocked = (code: Code, facts: Record<string, unknown> = {}): string[] =>
  explained(code, facts).blockers.map(({ kind, text }) => `${kind} ${text}`);

const frequent: Code = {
  data: `min_visits := 5;
  visits := READ {ed_attendance: triage_category} WHERE THEY OCCURRED WITHIN PAST 12 MONTHS;
  contact := READ LAST {community_contact: care_activity} WHERE IT OCCURRED WITHIN PAST 12 MONTHS;`,
  logic:
    'n := COUNT visits; IF n >= min_visits AND contact IS NOT PRESENT THEN CONCLUDE TRUE; ENDIF; CONCLUDE FALSE;',
  action: 'WRITE n || " ED attendances in 12 months, no community contact.";',
};

const attendances = (count: number) =>
  Array.from({ length: count }, (_, day) => ({
    value: 3,
    time: `2023-05-${String(day + 1).padStart(2, '0')}`,
  }));

describe('the trace is a tree of spans, texts, values and primary times', () => {
  const { trace } = explained(frequent, {
    reads: { 'ed_attendance: triage_category': [...attendances(6), { value: 1, time: '2020-01-01' }] },
  });
  it('has a node for each statement that was executed, with its place', () => {
    expect(trace.map(({ text }) => text.slice(0, 12))).toEqual([
      'min_visits :',
      'visits := RE',
      'contact := R',
      'n := COUNT v',
      'IF n >= min_',
      'WRITE n || "',
    ]);
    const line = sourceOf(frequent).split('\n')[(trace[3]?.span.line ?? 0) - 1] ?? '';
    expect(line.slice((trace[3]?.span.column ?? 0) - 1)).toMatch(/^n := COUNT visits/);
    expect(trace[3]?.span.file).toBe('rule.mlm');
  });
  it('has the values of the expressions', () => {
    expect(trace[3]).toMatchObject({ value: '6', children: [{ text: 'COUNT visits', value: '6' }] });
    expect(trace[4]?.children[0]).toMatchObject({ value: 'TRUE' });
  });
  it('has fact, window and row count at a READ', () => {
    expect(trace[1]?.read).toEqual({
      fact: 'ed_attendance: triage_category',
      window: { from: '2022-06-30T23:59:59', to: '2023-06-30T23:59:59' },
      found: 7,
      rows: 6,
      keys: [],
    });
  });
  it('has primary times', () => {
    const { trace: timed } = explained(
      { data: 'v := READ LAST {visits};' },
      { reads: { visits: [{ value: 1, time: '2023-06-01' }] } },
    );
    expect(timed[0]).toMatchObject({ value: '1', primaryTime: '2023-06-01T00:00:00' });
  });
});

describe('a trace that grows too long', () => {
  it('is cut, and says so', () => {
    const code = { logic: 'FOR i IN (1 SEQTO 20000) DO x := i; ENDDO; CONCLUDE FALSE;' };
    const { outcome } = explained(code);
    expect(outcome.diagnostics.map(({ code: name }) => name)).toEqual(['TRACE']);
    expect(explained({ logic: 'CONCLUDE FALSE;' }).outcome.diagnostics).toEqual([]);
  });
});

describe('evidence: keys of the rows that each READ kept', () => {
  const row = (key: string, at: string, value: number) => ({
    key,
    time: { wall: Date.parse(`${at}Z`), instant: Date.parse(`${at}Z`) },
    values: [{ type: 'number' as const, value }],
  });
  const rows = [
    row('a', '2023-01-01T00:00', 5),
    row('b', '2023-01-02T00:00', 1),
    row('c', '2023-01-03T00:00', 7),
  ];
  const host = { ...factsHost({ now }), rows: () => rows };
  it.each([
    ['READ {x}', ['a', 'b', 'c']],
    ['READ {x} WHERE IT > 3', ['a', 'c']],
    ['READ LAST {x}', ['c']],
    ['READ FIRST {x} WHERE IT < 3', ['b']],
    ['READ LAST 2 FROM {x}', ['b', 'c']],
    ['READ COUNT {x}', ['a', 'b', 'c']],
    ['READ LAST {x} WHERE IT > 100', []],
  ])('%s', (read, keys) => {
    const { evidence } = run(mlmOf({ data: `v := ${read};` }), host);
    expect(evidence).toEqual([{ targets: ['v'], braces: 'x', span: expect.anything(), keys }]);
  });
});

describe('why not fired: the smallest set of parts that decided', () => {
  it('names the condition that is not met, with its value and threshold', () => {
    const { blockers: found } = explained(frequent, {
      reads: { 'ed_attendance: triage_category': attendances(2) },
    });
    expect(found).toMatchObject([
      {
        kind: 'FALSE',
        text: 'n >= min_visits',
        value: 'FALSE',
        operands: [
          { text: 'n', value: '2' },
          { text: 'min_visits', value: '5' },
        ],
      },
    ]);
  });

  it('is empty where the rule fired, and without a trace', () => {
    const fired = { logic: 'CONCLUDE TRUE;' };
    expect(blocked(fired)).toEqual([]);
    const mlm = mlmOf({ logic: 'CONCLUDE FALSE;' });
    expect(blockers(mlm, run(mlm, factsHost({ now })))).toEqual([]);
  });

  it('says of which READ nothing was found where the condition is NULL', () => {
    const code = {
      data: 'score := READ LAST {honos};',
      logic: 'IF score > 5 THEN CONCLUDE TRUE; ENDIF; CONCLUDE FALSE;',
    };
    const { blockers: found } = explained(code, { reads: { honos: [] } });
    expect(found).toMatchObject([{ kind: 'UNKNOWN', text: 'score > 5', missing: ['honos'] }]);
  });

  it.each<[string, string, string[]]>([
    ['of AND one operand is enough', 'CONCLUDE 1 > 2 AND 3 > 4;', ['FALSE 1 > 2']],
    ['what is not met goes before what is unknown', 'CONCLUDE NULL > 2 AND 3 > 4;', ['FALSE 3 > 4']],
    ['of OR all operands', 'CONCLUDE 1 > 2 OR 3 > 4;', ['FALSE 1 > 2', 'FALSE 3 > 4']],
    ['the fewest', 'CONCLUDE (1 > 2 OR 3 > 4) AND 5 > 6;', ['FALSE 5 > 6']],
    ['through NOT', 'CONCLUDE NOT (1 < 2 OR 3 > 4);', ['FALSE 1 < 2']],
    ['through variables', 'old := 1 > 2; ill := old AND TRUE; CONCLUDE ill;', ['FALSE 1 > 2']],
    [
      'through assignments in branches',
      'found := FALSE; IF 1 > 2 THEN found := TRUE; ENDIF; CONCLUDE found;',
      ['FALSE 1 > 2'],
    ],
    [
      'of each CONCLUDE that could have fired',
      'IF 1 > 2 THEN CONCLUDE TRUE; ELSEIF 3 > 4 THEN CONCLUDE TRUE; ENDIF; CONCLUDE FALSE;',
      ['FALSE 1 > 2', 'FALSE 3 > 4'],
    ],
    [
      'an earlier CONCLUDE',
      'IF 1 < 2 THEN CONCLUDE FALSE; ENDIF; IF 3 < 4 THEN CONCLUDE TRUE; ENDIF;',
      ['NOT_REACHED 1 < 2'],
    ],
    [
      'an earlier branch',
      'IF 1 < 2 THEN x := 1; ELSEIF TRUE THEN CONCLUDE TRUE; ENDIF; CONCLUDE FALSE;',
      ['FALSE 1 < 2'],
    ],
    ['nothing where nothing could fire', 'CONCLUDE FALSE;', []],
    ['a loop without elements', 'FOR i IN () DO CONCLUDE TRUE; ENDDO;', ['UNKNOWN ()']],
  ])('%s', (_, logic, parts) => {
    expect(blocked({ logic })).toEqual(parts);
  });
});

describe('the worked example', () => {
  it('is concluded as published, with its message', () => {
    const { outcome } = explained(frequent, {
      reads: { 'ed_attendance: triage_category': attendances(7), 'community_contact: care_activity': [] },
    });
    expect(outcome.concluded).toBe(true);
    expect(outcome.written).toEqual([{ text: '7 ED attendances in 12 months, no community contact.' }]);
  });
});
