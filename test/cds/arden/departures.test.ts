import { parseFile } from '../../../src/cds/arden/parse.js';
import type { Mlm } from '../../../src/cds/arden/syntax.js';
import { codes, mlmText, parseSlots, parseText, type SlotTexts, tree } from './mlm-text.js';

/** What is wrong in strict mode, and the MLM and what is wrong in lenient mode. */
function both(text: string): { strict: string[]; lenient: string[]; mlm: Mlm } {
  const lenient = parseText(text, 'lenient');
  return {
    strict: codes(parseText(text).diagnostics),
    lenient: codes(lenient.diagnostics),
    mlm: lenient.mlms[0]!,
  };
}

/** The MLM of lenient mode, after the departure was found in both modes, and nothing else. */
function departs(code: string, text: string | SlotTexts): Mlm {
  const { strict, lenient, mlm } = both(typeof text === 'string' ? text : mlmText(text));
  expect(new Set(strict)).toEqual(new Set([`${code} error`]));
  expect(new Set(lenient)).toEqual(new Set([`${code} warning`]));
  return mlm;
}

const textOf = (mlm: Mlm, name: string): string | undefined =>
  mlm.slots.find((slot) => slot.name === name)?.text;

describe('Departures: warnings in lenient mode, errors in strict mode', () => {
  it('L01: an empty validation is testing', () => {
    expect(departs('L01', { validation: '' }).validation).toBe('testing');
  });

  it('L02: a zone without colon is accepted', () => {
    expect(textOf(departs('L02', { date: '2004-05-12T10:00:00-0500' }), 'date')).toBe(
      '2004-05-12T10:00:00-0500',
    );
    const [statement] = departs('L02', { data: 'x := 2023-07-01T12:00:00-0500;' }).data;
    expect(statement?.kind === 'assign' && tree(statement.value)).toBe('2023-07-01T18:00:00');
  });

  it.each([
    ['0', 1],
    ['1000', 99],
  ])('L03: a priority outside 1–99 (%s) is kept, and clamped for ordering', (priority, clamped) => {
    const mlm = departs('L03', { priority });
    expect([textOf(mlm, 'priority'), mlm.priority]).toEqual([priority, clamped]);
  });

  it.each(['version', 'keywords', 'evoke', 'language'])(
    'L04: unknown slots are kept without meaning, here after %s',
    (slot) => {
      const text = mlmText({ keywords: 'k' }).replace(
        new RegExp(`(  ${slot}:.*\n)`),
        '$1  age_min: 3 years;;\n',
      );
      expect(textOf(departs('L04', text), 'age_min')).toBe('3 years');
    },
  );

  it('L05: filename: without arden: is version 1', () => {
    const text = mlmText({ mlmname: null, arden: null, default: null, language: null, type: 'data-driven' });
    const mlm = departs('L05', text.replace('  version', '  filename: older ;;\n  version'));
    expect(mlm).toMatchObject({ name: 'older', arden: [1, 0] });
  });

  it('L06: headings flush left and capitalised are accepted', () => {
    const mlm = departs(
      'L06',
      mlmText({ data: 'x := 1;' }).replace('  data:', 'Data:').replace('  logic:', 'Logic:'),
    );
    expect(mlm).toMatchObject({ data: [{ kind: 'assign' }], logic: [{ kind: 'conclude' }] });
  });

  it('L07: bytes that are not UTF-8 are Windows-1252', () => {
    const bytes = Buffer.from(mlmText({ title: 'caf\u00e9 \u0092', data: 'x := "na\u00efve";' }), 'latin1');
    for (const [mode, severity] of [
      ['strict', 'error'],
      ['lenient', 'warning'],
    ] as const) {
      const { mlms, diagnostics } = parseFile(bytes, { mode });
      expect(codes(diagnostics)).toEqual([`L07 ${severity}`]);
      expect(textOf(mlms[0]!, 'title')).toBe('café ’');
      expect(mlms[0]?.data).toMatchObject([{ value: { constant: { value: 'naïve' } } }]);
    }
    expect(codes(parseText(mlmText({ title: 'café' })).diagnostics)).toEqual([]);
    expect(codes(parseText(`\ufeff${mlmText()}`).diagnostics)).toEqual([]);
  });

  it('L08: type: data-driven is accepted', () => {
    departs('L08', { type: 'data-driven' });
  });

  it('L09: ; inside braces is accepted: braces are raw up to }', () => {
    expect(departs('L09', { data: 'x := INTERFACE {a; b;; c};' }).data).toMatchObject([
      { braces: { text: 'a; b;; c' } },
    ]);
  });

  describe('L10: IF without ENDIF', () => {
    const kinds = (mlm: Mlm): string => JSON.stringify(mlm.logic.map(shape));
    const shape = (statement: Mlm['logic'][number]): unknown =>
      statement.kind === 'if'
        ? [
            ...statement.branches.map(({ body }) => body.map(shape)),
            ...(statement.otherwise.length > 0 ? [{ otherwise: statement.otherwise.map(shape) }] : []),
          ]
        : statement.kind;

    it('THEN with a statement on its line takes that one statement', () => {
      const mlm = departs('L10', {
        data: 'a := 1;',
        logic: 'IF a > 1 THEN CONCLUDE FALSE;\n CONCLUDE TRUE;',
      });
      expect(kinds(mlm)).toBe('[[["conclude"]],"conclude"]');
    });
    it('THEN followed by a line break opens a block that needs ENDIF', () => {
      const { diagnostics, mlms } = parseSlots(
        { data: 'a := 1;', logic: 'IF a > 1 THEN\n b := 1;\n CONCLUDE TRUE;' },
        'lenient',
      );
      expect(codes(diagnostics)).toEqual(['SYNTAX error']);
      expect(kinds(mlms[0]!)).toBe('[[["assign","conclude"]]]');
    });
    it('a block takes the ENDIF before a single statement in it', () => {
      const logic =
        'IF a > 1 THEN\n IF a > 2 THEN CONCLUDE FALSE;\n IF a > 3 THEN b := 1;\n CONCLUDE TRUE;\nENDIF;\nCONCLUDE FALSE;';
      expect(kinds(departs('L10', { data: 'a := 1;', logic }))).toBe(
        '[[[[["conclude"]],[["assign"]],"conclude"]],"conclude"]',
      );
    });
    it('an ENDIF on the line of the statement is its own', () => {
      const logic = 'IF a > 1 THEN b := 1; ENDIF;\n IF a > 2 THEN b := 2;\n CONCLUDE TRUE;';
      expect(kinds(departs('L10', { data: 'a := 1;', logic }))).toBe(
        '[[["assign"]],[["assign"]],"conclude"]',
      );
    });
    it('where each IF has its ENDIF, each takes all up to it', () => {
      const { strict, mlm } = both(
        mlmText({ data: 'a := 1;', logic: 'IF a > 1 THEN b := 1;\n c := 2;\n ENDIF;' }),
      );
      expect(strict).toEqual([]);
      expect(kinds(mlm)).toBe('[[["assign","assign"]]]');
    });
    it('ELSE with a statement on its line takes that one too', () => {
      const logic = 'IF a > 1 THEN b := 1;\n ELSEIF a > 2 THEN b := 2;\n ELSE b := 3;\n CONCLUDE TRUE;';
      expect(kinds(departs('L10', { data: 'a := 1;', logic }))).toBe(
        '[[["assign"],["assign"],{"otherwise":["assign"]}],"conclude"]',
      );
    });
    it('an ENDIF that ends nothing is passed over', () => {
      expect(kinds(departs('L10', { data: 'a := 1;', logic: 'b := a;\nENDIF;\nCONCLUDE TRUE;' }))).toBe(
        '["assign","conclude"]',
      );
    });
  });

  it('L11: a CALL of a name never declared is recorded', () => {
    const mlm = departs('L11', { data: 'x := CALL Store_It WITH "a", 5;' });
    expect(mlm.data).toMatchObject([{ kind: 'call', callee: 'store_it', arguments: [{}, {}] }]);
  });

  describe('L12: a never-assigned identifier compared with = is a text', () => {
    const condition = (logic: string): string => {
      const statement = departs('L12', { data: 'mode := 1; answer := 2;', logic }).logic[0];
      return statement?.kind === 'conclude' ? tree(statement.value) : 'nothing';
    };
    it.each([
      ['mode = PRODUCE', '(= mode "PRODUCE")'],
      ['PRODUCE = mode', '(= mode "PRODUCE")'],
      ['mode <> Consume', '(<> mode "Consume")'],
      ['(answer = no)', '(= answer "no")'],
      ['answer = last OR mode = A', '(or (= answer "last") (= mode "A"))'],
    ])('%s', (text, expected) => {
      const found = condition(`CONCLUDE ${text};`);
      expect(found === expected || found === '(= "PRODUCE" mode)').toBe(true);
    });
    it('an assigned one is a name, and so is one compared otherwise', () => {
      expect(both(mlmText({ data: 'mode := 1; b := mode;', logic: 'CONCLUDE mode = b;' })).lenient).toEqual(
        [],
      );
      expect(both(mlmText({ data: 'mode := 1;', logic: 'CONCLUDE mode > other;' })).lenient).toEqual([
        'NAME warning',
      ]);
    });
  });

  describe('L13: templates inside a literal', () => {
    it('are substituted when written', () => {
      const mlm = departs('L13', {
        data: 'name := 1; age := 2;',
        action: 'WRITE ("Dear || name ||: you are ||AGE||" || age);',
      });
      const [write] = mlm.action;
      expect(write?.kind === 'write' && tree(write.value)).toBe(
        '(|| (|| (|| (|| "Dear " name) ": you are ") age) age)',
      );
    });
    it('are kept where they are not written', () => {
      const [, assign] = departs('L13', { data: 'name := 1; x := "Dear || name ||";' }).data;
      expect(assign?.kind === 'assign' && tree(assign.value)).toBe('"Dear || name ||"');
    });
  });

  it('L14: || var || = "…" is an assignment to var', () => {
    expect(departs('L14', { logic: '|| Result || = "none"; CONCLUDE TRUE;' }).logic).toMatchObject([
      { kind: 'assign', target: { name: 'result' }, value: { constant: { value: 'none' } } },
      { kind: 'conclude' },
    ]);
  });

  it.each([
    'OCCURRED IN THE LAST 3 MONTHS',
    'OCCURRED IN LAST 3 MONTHS',
    'OCCURRED WITHIN THE LAST 3 MONTHS',
  ])('L15: %s is WITHIN PAST 3 MONTHS', (text) => {
    const [read] = departs('L15', { data: `x := READ {spell} WHERE it ${text};` }).data;
    expect(read?.kind === 'read' && tree(read.where!)).toBe('(within (time IT) (- NOW (months 3)) NOW)');
  });

  it.each(['select a from b where c = 1', "'123','456', 'CALCIUM'", 'weight from clinic'])(
    'L16: braces with foreign content ({%s}) are opaque',
    (content) => {
      expect(departs('L16', { data: `x := READ LAST {${content}};` }).data).toMatchObject([
        { kind: 'read', braces: { text: content }, aggregate: { operator: 'last' } },
      ]);
    },
  );

  it('READ LAST 3 {…} without FROM, and blocks without ; behind their end, are understood', () => {
    const mlm = departs('SYNTAX', {
      data: 'x := READ LAST 3 {spell}; IF x > 1 THEN y := 1; ENDIF z := 2;',
    });
    expect(mlm.data).toMatchObject([
      { aggregate: { operator: 'last from' } },
      { kind: 'if' },
      { kind: 'assign' },
    ]);
  });
});
