import type { Statement } from '../../../src/cds/arden/syntax.js';
import { codes, parseSlots, parseSound, type SlotTexts, tree } from './mlm-text.js';

const data = (text: string): readonly Statement[] => parseSound({ data: text }).data;
const logic = (text: string, given = ''): readonly Statement[] =>
  parseSound({ data: given, logic: text }).logic;
const action = (text: string, given = ''): readonly Statement[] =>
  parseSound({ data: given, action: text }).action;
const wrong = (slots: SlotTexts): string[] => codes(parseSlots(slots).diagnostics);

describe('Statements of the data slot', () => {
  it('x := READ {m}', () => {
    expect(data('x := READ {spell: age};')).toMatchObject([
      { kind: 'read', targets: [{ name: 'x' }], braces: { text: 'spell: age' } },
    ]);
    expect(data('x := READ {spell};')[0]).not.toHaveProperty('aggregate');
  });

  it.each([
    ['COUNT', 'count'],
    ['EXIST', 'exist'],
    ['EXISTS OF', 'exist'],
    ['AVERAGE', 'average'],
    ['AVG', 'average'],
    ['MEDIAN', 'median'],
    ['SUM', 'sum'],
    ['STDDEV', 'stddev'],
    ['VARIANCE', 'variance'],
    ['MIN', 'minimum'],
    ['MAXIMUM', 'maximum'],
    ['FIRST', 'first'],
    ['LAST', 'last'],
    ['LAST OF', 'last'],
    ['EARLIEST', 'earliest'],
    ['LATEST', 'latest'],
    ['ANY', 'any'],
    ['ALL', 'all'],
    ['NO', 'no'],
  ])('x := READ %s {m}', (words, operator) => {
    const [read] = data(`x := READ ${words} {spell};`);
    expect(read).toMatchObject({ kind: 'read', aggregate: { operator } });
    expect(read?.kind === 'read' && read.aggregate?.count).toBeUndefined();
  });

  it.each([
    ['LAST 3 FROM', 'last from', '3'],
    ['FIRST (1 + 1) FROM', 'first from', '(+ 1 1)'],
    ['MIN n FROM', 'minimum from', 'n'],
    ['MAXIMUM 2 FROM', 'maximum from', '2'],
    ['EARLIEST 2 FROM', 'earliest from', '2'],
    ['LATEST 2 FROM', 'latest from', '2'],
  ])('x := READ %s {m}', (words, operator, count) => {
    const read = data(`n := 1; x := READ ${words} {spell};`)[1];
    if (read?.kind !== 'read' || read.aggregate?.count === undefined) throw new Error('no count');
    expect([read.aggregate.operator, tree(read.aggregate.count)]).toEqual([operator, count]);
  });

  it.each([
    ['WHERE it OCCURRED WITHIN PAST 3 DAYS', '(within (time IT) (- NOW (days 3)) NOW)'],
    ['WHERE THEY OCCURRED NOT BEFORE 2024-01-01', '(not (before (time IT) 2024-01-01T00:00:00))'],
    ['WHERE they > 5 AND it OCCURRED AFTER NOW', '(and (> IT 5) (after (time IT) NOW))'],
  ])('x := READ {m} %s', (where, expected) => {
    const [read] = data(`x := READ LAST {spell} ${where};`);
    if (read?.kind !== 'read' || read.where === undefined) throw new Error('no condition');
    expect(tree(read.where)).toBe(expected);
  });

  it('what is read may stand in parentheses', () => {
    expect(data('x := READ LAST 3 FROM ({spell} WHERE it OCCURRED BEFORE NOW);')).toMatchObject([
      { aggregate: { operator: 'last from' }, braces: { text: 'spell' }, where: { operator: 'before' } },
    ]);
    expect(data('x := READ COUNT (({spell}) WHERE it > 5);')).toMatchObject([
      { aggregate: { operator: 'count' }, where: { operator: '>' } },
    ]);
  });

  it('(a, b) := READ … is LET (a, b) BE READ …', () => {
    const withoutSpan = (text: string): unknown => {
      const [read] = data(text);
      return (
        read?.kind === 'read' && [read.targets.map(({ name }) => name), read.aggregate, read.braces.text]
      );
    };
    const expected = [['a', 'b'], { operator: 'last' }, 'spell: age, hrg_code'];
    expect(withoutSpan('(a, b) := READ LAST {spell: age, hrg_code};')).toEqual(expected);
    expect(withoutSpan('LET (a, b) BE READ LAST {spell: age, hrg_code};')).toEqual(expected);
  });

  it('READ AS Obj {…}', () => {
    expect(data('o := OBJECT [a, b]; x := READ AS o LAST 2 FROM {spell: age, hrg_code};')).toMatchObject([
      { kind: 'object', target: { name: 'o' }, attributes: ['a', 'b'] },
      { kind: 'read', as: 'o', aggregate: { operator: 'last from' } },
    ]);
  });

  it.each(['event', 'interface', 'message', 'destination'])('x := %s {…}', (what) => {
    expect(data(`x := ${what.toUpperCase()} {spell};`)).toMatchObject([
      { kind: 'declare', what, target: { name: 'x' }, braces: { text: 'spell' } },
    ]);
  });

  it('MESSAGE AS and DESTINATION AS name a type of object', () => {
    expect(data('o := OBJECT [a]; x := MESSAGE AS o {note}; y := DESTINATION AS o;')).toMatchObject([
      {},
      { what: 'message', as: 'o', braces: { text: 'note' } },
      { what: 'destination', as: 'o', braces: { text: '' } },
    ]);
  });

  it('MLM \'name\' [FROM INSTITUTION "…"]', () => {
    expect(
      data(`x := MLM 'my.mlm-2'; y := MLM 'b' FROM INSTITUTION "elsewhere"; z := MLM MLM_SELF;`),
    ).toMatchObject([
      { kind: 'mlm', name: 'my.mlm-2' },
      { kind: 'mlm', name: 'b', institution: 'elsewhere' },
      { kind: 'mlm', name: null },
    ]);
  });

  it('ARGUMENT, of one name or several', () => {
    expect(data('x := ARGUMENT; (a, b) := ARGUMENT; LET c BE ARGUMENT;')).toMatchObject([
      { kind: 'argument', targets: [{ name: 'x' }] },
      { kind: 'argument', targets: [{ name: 'a' }, { name: 'b' }] },
      { kind: 'argument', targets: [{ name: 'c' }] },
    ]);
  });

  it('INCLUDE mlm', () => {
    expect(data("m := MLM 'm'; INCLUDE m;")[1]).toMatchObject({ kind: 'include', name: 'm' });
  });

  it('IF, FOR, WHILE and expressions', () => {
    expect(
      data(
        'x := 1 + 2; IF x > 2 THEN y := 1; ENDIF; FOR i IN x DO y := i; ENDDO; WHILE y > 5 DO y := y - 1; ENDDO;',
      ).map(({ kind }) => kind),
    ).toEqual(['assign', 'if', 'for', 'while']);
  });
});

describe('Statements of the logic slot', () => {
  it('x := e is LET x BE e', () => {
    const [one, other] = logic('x := 5; LET x BE 5;');
    expect(one).toMatchObject({ kind: 'assign', target: { name: 'x', path: [] }, time: false });
    expect(other).toMatchObject({ kind: 'assign', target: { name: 'x', path: [] }, time: false });
  });

  it('TIME [OF] x := e sets a primary time', () => {
    for (const text of ['TIME x := NOW;', 'TIME OF x := NOW;', 'LET TIME OF x BE NOW;'])
      expect(logic(text)).toMatchObject([{ kind: 'assign', target: { name: 'x' }, time: true }]);
  });

  it('attributes and elements are assigned to', () => {
    expect(logic('x := 1; x.part := 2; x[3].part[4] := 5;')).toMatchObject([
      {},
      { target: { name: 'x', path: [{ kind: 'attribute', attribute: 'part' }] } },
      {
        target: {
          name: 'x',
          path: [{ kind: 'index' }, { kind: 'attribute', attribute: 'part' }, { kind: 'index' }],
        },
      },
    ]);
  });

  it('(a, b) := e assigns each', () => {
    expect(logic('(a, b) := (1, 2);')).toMatchObject([
      { kind: 'assign each', targets: [{ name: 'a' }, { name: 'b' }] },
    ]);
  });

  it('IF … THEN … ELSEIF … ELSE … ENDIF', () => {
    const [statement] = logic(
      'IF a THEN b := 1; c := 2; ELSEIF b THEN b := 2; ELSEIF c THEN ELSE b := 3; ENDIF;',
      'a := 1;',
    );
    expect(statement).toMatchObject({
      kind: 'if',
      branches: [{ body: [{}, {}] }, { body: [{}] }, { body: [] }],
      otherwise: [{ kind: 'assign' }],
    });
  });

  it('FOR i IN list DO … ENDDO and WHILE c DO … ENDDO, with BREAKLOOP in them', () => {
    expect(
      logic('FOR i IN 1 SEQTO 3 DO IF i = 2 THEN BREAKLOOP; ENDIF; ENDDO; WHILE i < 3 DO BREAKLOOP; ENDDO;'),
    ).toMatchObject([
      { kind: 'for', variable: 'i', body: [{ kind: 'if', branches: [{ body: [{ kind: 'breakloop' }] }] }] },
      { kind: 'while', body: [{ kind: 'breakloop' }] },
    ]);
    expect(wrong({ logic: 'BREAKLOOP;' })).toEqual(['SYNTAX error']);
  });

  it('SWITCH … CASE … (2.8)', () => {
    expect(
      logic(
        'SWITCH x CASE 1 y := 1; z := 2; CASE "a" y := 3; DEFAULT y := 4; ENDSWITCH; CONCLUDE TRUE;',
        'x := 1;',
      ),
    ).toMatchObject([
      { kind: 'switch', cases: [{ body: [{}, {}] }, { body: [{}] }], otherwise: [{}] },
      { kind: 'conclude' },
    ]);
  });

  it('CALL, with what it returns', () => {
    expect(logic('CALL m; x := CALL m WITH 1, (2, 3); (a, b) := CALL m;', "m := MLM 'm';")).toMatchObject([
      { kind: 'call', targets: [], callee: 'm', arguments: [] },
      { kind: 'call', targets: [{ name: 'x' }], arguments: [{ kind: 'constant' }, { operator: 'join' }] },
      { kind: 'call', targets: [{ name: 'a' }, { name: 'b' }] },
    ]);
  });

  it('CONCLUDE e, in the logic slot alone', () => {
    expect(logic('CONCLUDE 1 = 1;')).toMatchObject([{ kind: 'conclude', value: { operator: '=' } }]);
    expect(wrong({ action: 'CONCLUDE TRUE;' })).toEqual(['SLOT error']);
    expect(wrong({ data: 'CONCLUDE TRUE;' })).toEqual(['SLOT error']);
  });

  it.each([
    "x := 5; x := MLM 'm';",
    'x := EVENT {spell}; x := 5;',
    'x := OBJECT [a]; (y, x) := (1, 2);',
    'x := INTERFACE {i}; x := 1;',
  ])('assigning to an EVENT, MLM or OBJECT name is an error: %s', (text) => {
    expect(codes(parseSlots({ data: text }, 'strict').diagnostics)).toEqual(['NAME error']);
    expect(codes(parseSlots({ data: text }, 'lenient').diagnostics)).toEqual(['NAME error']);
  });

  it('a name that nothing is ever assigned to is an error', () => {
    expect(wrong({ logic: 'CONCLUDE x > 5;' })).toEqual(['NAME error']);
    expect(wrong({ logic: 'CONCLUDE x > 5;', data: "m := MLM 'm'; INCLUDE m;" })).toEqual([]);
  });
});

describe('Statements of the action slot', () => {
  it('WRITE e [AT dest]', () => {
    expect(action('WRITE "a" || n; WRITE "b" AT mail;', 'n := 1; mail := DESTINATION {ward};')).toMatchObject(
      [
        { kind: 'write', value: { operator: '||' } },
        { kind: 'write', at: { kind: 'name', name: 'mail' } },
      ],
    );
  });

  it('RETURN e1, e2', () => {
    expect(action('RETURN 1, (2, 3); RETURN 4;')).toMatchObject([
      { kind: 'return', values: [{ kind: 'constant' }, { operator: 'join' }] },
      { kind: 'return', values: [{}] },
    ]);
    expect(wrong({ logic: 'RETURN 5;' })).toEqual(['SLOT error']);
  });

  it('CALL x [WITH …] [DELAY d]', () => {
    expect(action('CALL m WITH 1, 2 DELAY 3 DAYS; CALL m DELAY 1 DAY;', "m := MLM 'm';")).toMatchObject([
      { kind: 'call', arguments: [{}, {}], delay: { operator: 'days' } },
      { kind: 'call', arguments: [], delay: { operator: 'days' } },
    ]);
  });

  it('IF, loops, and assignment since 2.5', () => {
    expect(
      action('x := 1; IF x = 1 THEN WRITE x; ENDIF; FOR i IN x DO WRITE i; ENDDO;').map(({ kind }) => kind),
    ).toEqual(['assign', 'if', 'for']);
    const older = { default: null, language: null, action: 'x := 1;' };
    expect(wrong({ ...older, arden: 'Version 2.5' })).toEqual([]);
    expect(wrong({ ...older, arden: 'Version 2.1' })).toEqual(['VERSION error']);
  });
});

describe('Statements of the evoke slot', () => {
  const evoke = (text: string): unknown =>
    parseSound({ data: 'e1 := EVENT {spell}; e2 := EVENT {spell}; e3 := EVENT {spell};', evoke: text }).evoke;

  it.each([
    ['e1', ['e1']],
    ['e1 OR e2', ['e1', 'e2']],
    ['ANY OF (e1, e2)', ['e1', 'e2']],
    ['ANY (e1, e2, e3)', ['e1', 'e2', 'e3']],
    ['e1 OR ANY OF (e2, e3)', ['e1', 'e2', 'e3']],
  ])('%s', (text, names) => {
    expect(evoke(text)).toMatchObject([{ kind: 'events', names }]);
  });

  it('d AFTER TIME OF event', () => {
    expect(evoke('3 DAYS AFTER TIME OF e1;')).toMatchObject([
      { kind: 'at', time: { operator: '+', operands: [{ operator: 'time' }, { operator: 'days' }] } },
    ]);
  });

  it('constant time', () => {
    expect(evoke('2025-01-01T08:00:00')).toMatchObject([
      { kind: 'at', time: { constant: { type: 'time' } } },
    ]);
  });

  it('EVERY d FOR d STARTING t [UNTIL e]', () => {
    expect(
      evoke(
        'EVERY 1 DAY FOR 14 DAYS STARTING 5 DAYS AFTER TIME OF e1 UNTIL e2 IS PRESENT; EVERY 1 HOUR FOR 1 DAY STARTING TIME OF e1;',
      ),
    ).toMatchObject([
      { kind: 'every', starting: { operator: '+' }, until: { operator: 'not' } },
      { kind: 'every', every: { operator: 'hours' }, lasting: { operator: 'days' } },
    ]);
  });

  it('several statements, and none', () => {
    expect(evoke('e1; e2;')).toHaveLength(2);
    expect(evoke('')).toEqual([]);
  });

  it('an event must be declared', () => {
    expect(wrong({ evoke: 'nothing_declared' })).toEqual(['NAME error']);
  });
});
