import { printLiteral } from '../../../../src/cds/arden/run/literal.js';
import { type Code, mlmOf, runCode, value } from './text.js';

/** What is written, each with its destination. */
const written = (code: Code, facts: Record<string, unknown> = {}): string[] =>
  runCode(code, facts).written.map(
    ({ text, destination }) => text + (destination ? ` > ${destination}` : ''),
  );

const variable = (name: string, code: Code, facts: Record<string, unknown> = {}): string => {
  const found = runCode(code, facts).variables.get(name);
  return found ? printLiteral(found) : 'not assigned';
};

describe('CONCLUDE stops the logic slot', () => {
  it('does nothing after it', () => {
    const { concluded, variables } = runCode({ logic: 'x := 1; CONCLUDE TRUE; x := 2;' });
    expect(concluded).toBe(true);
    expect(variables.get('x')).toMatchObject({ value: 1 });
  });
  it('stops it from within loops and branches', () => {
    const logic = 'FOR i IN (1 SEQTO 9) DO IF i = 3 THEN CONCLUDE TRUE; ENDIF; ENDDO; CONCLUDE FALSE;';
    const { concluded, variables } = runCode({ logic });
    expect([concluded, variables.get('i')]).toEqual([true, expect.objectContaining({ value: 3 })]);
  });
});

describe('only a single TRUE runs the action slot', () => {
  it.each([
    ['CONCLUDE TRUE;', true, 1],
    ['CONCLUDE FALSE;', false, 0],
    ['CONCLUDE NULL;', null, 0],
    ['CONCLUDE (TRUE, TRUE);', null, 0],
    ['CONCLUDE (,TRUE);', null, 0],
    ['CONCLUDE 1;', null, 0],
    ['x := 1;', false, 0],
    ['', false, 0],
  ])('%s', (logic, concluded, writes) => {
    const outcome = runCode({ logic, action: 'WRITE "x";' });
    expect([outcome.concluded, outcome.written.length]).toEqual([concluded, writes]);
  });
});

describe('IF NULL → ELSE', () => {
  it.each([
    ['TRUE', '"then"'],
    ['FALSE', '"else"'],
    ['NULL', '"else"'],
    ['(TRUE, TRUE)', '"else"'],
    ['1', '"else"'],
  ])('IF %s', (condition, literal) => {
    const logic = `IF ${condition} THEN x := "then"; ELSE x := "else"; ENDIF; CONCLUDE TRUE;`;
    expect(variable('x', { logic })).toBe(literal);
  });
  it('takes the first branch that is TRUE', () => {
    const logic =
      'IF FALSE THEN x := 1; ELSEIF TRUE THEN x := 2; ELSEIF TRUE THEN x := 3; ELSE x := 4; ENDIF;';
    expect(variable('x', { logic })).toBe('2');
  });
});

describe('loops', () => {
  it.each([
    ['FOR i IN (1, 2, 3) DO x := x + i; ENDDO;', '6'],
    ['FOR i IN () DO x := 9; ENDDO;', '0'],
    ['FOR i IN NULL DO x := 9; ENDDO;', '0'],
    ['FOR i IN (1 SEQTO 9) DO x := i; IF i = 4 THEN BREAKLOOP; ENDIF; ENDDO;', '4'],
    ['WHILE x < 5 DO x := x + 2; ENDDO;', '6'],
    ['WHILE NULL DO x := 9; ENDDO;', '0'],
    ['FOR i IN (1, 2) DO FOR j IN (1, 2) DO IF j = 2 THEN BREAKLOOP; ENDIF; x := x + 1; ENDDO; ENDDO;', '2'],
  ])('%s', (loop, literal) => {
    expect(variable('x', { logic: `x := 0; ${loop}` })).toBe(literal);
  });
  it('stop after 100,000 steps with a diagnostic, and the run is undecided', () => {
    const {
      concluded,
      written: texts,
      diagnostics,
    } = runCode({
      logic: 'WHILE TRUE DO x := 1; ENDDO; CONCLUDE TRUE;',
      action: 'WRITE "never";',
    });
    expect([concluded, texts, diagnostics.map(({ code }) => code)]).toEqual([null, [], ['STEPS']]);
  });
  it('may turn 100,000 times, and not once more', () => {
    const turning = (turns: number): string =>
      `x := 0; WHILE x < ${turns} DO x := x + 1; ENDDO; CONCLUDE TRUE;`;
    expect(runCode({ logic: turning(100_000) })).toMatchObject({ concluded: true, diagnostics: [] });
    expect(runCode({ logic: turning(100_001) })).toMatchObject({ diagnostics: [{ code: 'STEPS' }] });
  });
  it('write nothing and are undecided where the action slot does not end', () => {
    const outcome = runCode({ action: 'WRITE "x"; WHILE TRUE DO y := 1; ENDDO;' });
    expect([outcome.concluded, outcome.written]).toEqual([null, []]);
  });
});

describe('SWITCH', () => {
  it.each([
    ['1', '"one"'],
    ['2', '"two"'],
    ['7', '"other"'],
    ['NULL', '"other"'],
  ])('of %s', (given, literal) => {
    const logic = `SWITCH ${given}: CASE 1 x := "one"; CASE 2 x := "two"; DEFAULT x := "other"; ENDSWITCH;`;
    expect(variable('x', { logic })).toBe(literal);
  });
});

describe('assignment', () => {
  it.each([
    ['LET x BE 5;', '5'],
    ['(x, y) := (1, 2);', '1'],
    ['(y, x) := (,1);', 'NULL'],
    ['x := (1, 2, 3); x[2] := 9;', '(1,9,3)'],
    ['x := (1, 2, 3); x[7] := 9;', '(1,2,3)'],
    ['l := (1, 2); x := l; l[1] := 5;', '(1,2)'],
  ])('%s', (data, literal) => {
    expect(variable('x', { data })).toBe(literal);
  });
});

describe('READ', () => {
  const reads = {
    'spell: ward, days': [
      { value: ['"A"', 3], time: '2023-06-01' },
      { value: ['"B"', null], time: '2023-06-02' },
      { value: ['"C"', 5], time: '2023-06-03' },
    ],
  };
  it('assigns the columns of a row to a tuple', () => {
    const data = '(w, d) := READ {spell: ward, days}; (lw, ld) := READ LAST {  spell: ward,   days };';
    const { variables } = runCode({ data }, { reads });
    expect(
      ['w', 'd', 'lw', 'ld'].map((name) => printLiteral(variables.get(name) ?? { type: 'list', items: [] })),
    ).toEqual(['("A","B","C")', '(3,NULL,5)', '"C"', '5']);
  });
  it('speaks of the first column in its WHERE, and keeps whole rows', () => {
    const data = '(w, d) := READ {spell: ward, days} WHERE IT <> "B";';
    expect(variable('d', { data }, { reads })).toBe('(3,5)');
  });
  it('filters before it aggregates', () => {
    const data = '(w, d) := READ FIRST {spell: ward, days} WHERE IT OCCURRED AFTER 2023-06-01;';
    expect(variable('w', { data }, { reads })).toBe('"B"');
  });
  it.each([
    ['COUNT', '3'],
    ['MAX', '9'],
    ['SUM', '14'],
    ['FIRST', '2'],
    ['LAST 2 FROM', '(9,3)'],
    ['MINIMUM 2 FROM', '(2,3)'],
  ])('%s', (aggregate, literal) => {
    const doses = [2, 9, 3].map((dose, day) => ({ value: dose, time: `2023-06-0${day + 1}` }));
    expect(value('x', `x := READ ${aggregate} {dose};`, { reads: { dose: doses } })).toBe(literal);
  });
  it('makes objects of rows', () => {
    const data = 'stay := OBJECT [ward, nights]; s := READ AS stay {spell: ward, days};';
    expect(value('s.ward', data, { reads })).toBe('("A","B","C")');
    expect(value('TIME OF LAST s', data, { reads })).toBe('2023-06-03T00:00:00');
  });
  it('reads what nothing is bound to as empty, and says so', () => {
    const { variables, diagnostics } = runCode({ data: 'x := READ {nothing known};' });
    expect(variables.get('x')).toEqual({ type: 'list', items: [] });
    expect(diagnostics.map(({ code }) => code)).toEqual(['UNBOUND']);
  });
  it('goes by time for FIRST and LAST in version 1', () => {
    const reads = { a: [{ value: 1, time: '2023-06-02' }], b: [{ value: 2, time: '2023-06-01' }] };
    const code = {
      version: '1',
      data: 'a := READ {a}; b := READ {b};',
      logic: 'x := LAST (a, b); CONCLUDE TRUE;',
    };
    expect(variable('x', code, { reads })).toBe('1');
  });
});

describe('EVENT, MESSAGE, DESTINATION, INTERFACE, ARGUMENT', () => {
  it('an event is TRUE where it evoked the run, and has its time', () => {
    const code = { data: 'e := EVENT {admission of patient}; f := EVENT {other};' };
    const facts = { event: 'admission of patient', eventTime: '2023-06-30T08:00:00' };
    expect(variable('e', code, facts)).toBe('TRUE');
    expect(variable('f', code, facts)).toBe('FALSE');
    expect(variable('e', code)).toBe('FALSE');
    expect(value('TIME OF e', code.data, facts)).toBe('2023-06-30T08:00:00');
    expect(variable('e', code, { event: 'E' })).toBe('TRUE');
  });
  it('a message and a destination are texts', () => {
    const code = {
      data: 'm := MESSAGE {hello}; d := DESTINATION {ward round}; e := DESTINATION {board};',
      action: 'WRITE m AT d; WRITE "plain" AT e;',
    };
    const facts = { messages: { hello: 'Good day' }, destinations: { 'ward round': 'mail:ward' } };
    expect(written(code, facts)).toEqual(['Good day > mail:ward', 'plain > board']);
  });
  it('an interface returns values', () => {
    const data = 'f := INTERFACE {eGFR}; x := CALL f WITH 5; (y, z) := CALL f WITH 5;';
    const facts = { interfaces: { eGFR: ['44', '"low"'] } };
    expect(variable('x', { data }, facts)).toBe('44');
    expect(variable('z', { data }, facts)).toBe('"low"');
    expect(variable('x', { data })).toBe('NULL');
  });
  it('arguments come in order, what is missing is NULL', () => {
    expect(variable('b', { data: '(a, b) := ARGUMENT;' }, { arguments: ['1', '(1,2)'] })).toBe('(1,2)');
    expect(variable('b', { data: '(a, b) := ARGUMENT;' }, { arguments: [1] })).toBe('NULL');
  });
});

describe('CALL of an MLM', () => {
  const double = mlmOf({
    name: 'double',
    data: 'n := ARGUMENT;',
    action: 'WRITE "doubling"; RETURN n * 2, "done";',
  });
  const endless = mlmOf({ name: 'endless', data: 'self := MLM MLM_SELF; x := CALL self;' });
  const modules = (name: string) => ({ double, endless })[name];

  it('runs it and gives what it returns', () => {
    const data = "m := MLM 'double'; (x, y) := CALL m WITH 21;";
    const { variables, written: texts, calls } = runCode({ data }, {}, { modules });
    expect([variables.get('x'), variables.get('y')]).toMatchObject([{ value: 42 }, { value: 'done' }]);
    expect(texts).toEqual([{ text: 'doubling' }]);
    expect(calls.map(({ mlm }) => mlm)).toEqual(['double']);
  });
  it('only records a call with a delay', () => {
    const { calls, written: texts } = runCode(
      { data: "m := MLM 'double';", action: 'CALL m WITH 1 DELAY 2 DAYS;' },
      {},
      { modules },
    );
    expect(texts).toEqual([]);
    expect(calls.map(({ mlm, delay }) => [mlm, delay && printLiteral(delay)])).toEqual([
      ['double', '2 days'],
    ]);
  });
  it('records a call of an MLM that is not known', () => {
    const { calls, diagnostics, variables } = runCode({ data: "m := MLM 'unknown'; x := CALL m;" });
    expect(calls).toEqual([{ mlm: 'unknown', arguments: [] }]);
    expect(diagnostics.map(({ code }) => code)).toEqual(['CALL']);
    expect(variables.get('x')).toMatchObject({ type: 'null' });
  });
  it('ends where MLMs call themselves', () => {
    const { diagnostics } = runCode({ data: "m := MLM 'endless'; x := CALL m;" }, {}, { modules });
    expect(diagnostics.map(({ code }) => code)).toEqual(['CALL']);
  });
});

describe('INCLUDE', () => {
  const shared = mlmOf({
    name: 'shared',
    data: "stay := OBJECT [ward, nights]; board := DESTINATION {the board}; other := MLM 'shared'; secret := 5;",
  });
  it('brings the declarations of another MLM, and no values', () => {
    const code = {
      data: `common := MLM 'shared'; INCLUDE common; s := NEW stay WITH "A", 3;`,
      action: 'WRITE s.ward AT board;',
    };
    const modules = (name: string) => (name === 'shared' ? shared : undefined);
    const outcome = runCode(code, {}, { modules });
    expect(outcome.written).toEqual([{ text: 'A', destination: 'the board' }]);
    expect(outcome.variables.has('secret')).toBe(false);
    expect(outcome.diagnostics).toEqual([]);
  });
  it('ends where MLMs include one another', () => {
    const one = mlmOf({ name: 'one', data: "other := MLM 'two'; INCLUDE other;" });
    const two = mlmOf({ name: 'two', data: "start := MLM 'one'; INCLUDE start; board := DESTINATION {b};" });
    const modules = (name: string) => ({ one, two })[name];
    const outcome = runCode(
      { data: "start := MLM 'one'; INCLUDE start;", action: 'WRITE 1 AT board;' },
      {},
      { modules },
    );
    expect(outcome).toMatchObject({ diagnostics: [], written: [{ text: '1', destination: 'b' }] });
  });
  it('tells of an MLM that is not known', () => {
    const { diagnostics } = runCode({ data: "common := MLM 'absent'; INCLUDE common;" });
    expect(diagnostics.map(({ code }) => code)).toEqual(['CALL']);
  });
  it('leaves no trace of statements that stand in another file', () => {
    const modules = (name: string) => (name === 'shared' ? shared : undefined);
    const code = { data: "common := MLM 'shared'; INCLUDE common;" };
    const { trace } = runCode(code, {}, { modules, trace: true });
    expect(trace?.map(({ tree }) => tree.kind)).toEqual(['mlm', 'include', 'conclude']);
  });
});

describe('LOCALIZED', () => {
  const resources = `default: en;; language: en 'hi': "Hello"; 'only': "English";; language: de 'hi': "Guten Tag";; `;
  it.each([
    ["LOCALIZED 'hi'", 'en', 'Hello'],
    ["LOCALIZED 'hi'", 'de', 'Guten Tag'],
    ["LOCALIZED 'hi'", 'fr', 'Hello'],
    ['LOCALIZED \'hi\' BY "de"', 'en', 'Guten Tag'],
    ["LOCALIZED 'only'", 'de', 'null'],
  ])('%s in %s', (expression, language, text) => {
    expect(written({ action: `WRITE ${expression};`, resources }, { language })).toEqual([text]);
  });
});

describe('WRITE and RETURN', () => {
  it('writes texts as they are', () => {
    const action = 'WRITE "n is " || 5 || ", in " || 3 days; WRITE (1, 2); WRITE NULL;';
    expect(written({ action })).toEqual(['n is 5, in 3 days', '(1,2)', 'null']);
  });
  it('returns values, and stops the action slot', () => {
    const outcome = runCode({ action: 'RETURN 1, (2, 3); WRITE "never";' });
    expect(outcome.returned.map(printLiteral)).toEqual(['1', '(2,3)']);
    expect(outcome.written).toEqual([]);
  });
});

describe('urgency is a number or the value of a name at the end of the logic slot', () => {
  it('takes the value', () => {
    expect(runCode({ urgency: '80' }).urgency).toMatchObject({ value: 80 });
    const logic = 'u := 90; CONCLUDE TRUE;';
    expect(runCode({ urgency: 'u', data: 'u := 10;', logic }).urgency).toMatchObject({ value: 90 });
  });
});

describe('one option sets whether `=` takes upper and lower case for the same', () => {
  it.each([
    ['"a" = "A"', true, 'TRUE'],
    ['"a" = "A"', false, 'FALSE'],
    ['"a" IN ("B", "A")', true, 'TRUE'],
    ['"ABC" MATCHES PATTERN "a%"', true, 'TRUE'],
    ['"ABC" MATCHES PATTERN "a%"', false, 'FALSE'],
  ])('%s, %s', (expression, ignoreCase, literal) => {
    const [returned] = runCode({ action: `RETURN (${expression});` }, {}, { ignoreCase }).returned;
    expect(returned && printLiteral(returned)).toBe(literal);
  });
});
