import { reservedSince } from '../../../src/cds/arden/words.js';
import { codes, mlmText, parsedExpression, parseSlots, parseSound, parseText } from './mlm-text.js';

const older = { default: null, language: null } as const;

/** What is wrong with statements of the data slot of an MLM of a version. */
function wrong(data: string, version = '2.10', mode: 'strict' | 'lenient' = 'strict'): string[] {
  const minor = Number(version.split('.')[1]);
  const { diagnostics } = parseSlots(
    { ...(minor < 9 ? older : {}), arden: `Version ${version}`, data },
    mode,
  );
  return codes(diagnostics);
}

describe('Lexing', () => {
  it('`the` is ignored at every place, also repeated', () => {
    expect(
      parseSound({ data: 'the let THE x be the the 5 the; the y := the count of the x the' }).data,
    ).toMatchObject([
      { kind: 'assign', target: { name: 'x' }, value: { constant: { value: 5 } } },
      { kind: 'assign', target: { name: 'y' }, value: { operator: 'count' } },
    ]);
    expect(parseSound({ data: 'thermo := 5; x := thermo;' }).data).toHaveLength(2);
  });

  it('keywords and names are case-insensitive', () => {
    const [, second] = parseSound({ data: 'AbCd := 5; x := CoUnT oF aBcD;' }).data;
    expect(second).toMatchObject({ value: { operator: 'count', operands: [{ name: 'abcd' }] } });
  });

  describe('comments', () => {
    it('/* … */ stand anywhere between tokens', () => {
      expect(parseSound({ data: 'a/**/:=/*x;; y*/5/***/;' }).data).toHaveLength(1);
    });
    it('/* … */ are not nested', () => {
      expect(wrong('a := /* one /* two */ 5;')).toEqual([]);
      expect(wrong('a := /* one /* two */ 5 */;')).toContain('SYNTAX error');
    });
    it('// reaches to the end of the line, from version 2 on', () => {
      expect(parseSound({ data: 'a := 5; // b := 6;\n c := 7;' }).data).toHaveLength(2);
      const { diagnostics } = parseText(
        mlmText({ ...older, mlmname: null, arden: null, data: 'a := 5; // b' }).replace(
          'title',
          'filename: f;; title',
        ),
      );
      expect(codes(diagnostics)).toContain('SYNTAX error');
    });
    it('one that is not closed ends with its line', () => {
      const { mlms, diagnostics } = parseSlots({ data: 'a := 5; /* b\n c := 7;' });
      expect(mlms[0]?.data).toHaveLength(2);
      expect(codes(diagnostics)).toEqual(['SYNTAX error']);
    });
  });

  describe('identifiers', () => {
    it('are a letter, then letters, digits and _', () => {
      expect(wrong('Asdf123_X_5 := 5;')).toEqual([]);
      expect(wrong('1var := 5;')).toContain('SYNTAX error');
      expect(wrong('_var := 5;')).toContain('CHARACTER error');
    });
    it('have at most 80 characters', () => {
      expect(wrong(`${'n'.repeat(80)} := 5;`)).toEqual([]);
      expect(wrong(`${'n'.repeat(81)} := 5;`)).toEqual(['NAME error']);
    });
    it('a-b is a subtraction', () => {
      expect(parsedExpression('a-b')).toEqual({ tree: '(- a b)', wrong: [] });
    });
    it('data-driven is one token in the type slot', () => {
      const { mlms, diagnostics } = parseSlots({ type: 'data-driven' }, 'lenient');
      expect(mlms[0]?.slots.find(({ name }) => name === 'type')?.text).toBe('data-driven');
      expect(codes(diagnostics)).toEqual(['L08 warning']);
    });
  });

  describe('reserved words', () => {
    it('depend on the declared version', () => {
      expect(wrong('object := 5; x := object;', '2.1')).toEqual([]);
      expect(wrong('object := 5;', '2.5')).toContain('SYNTAX error');
      expect(wrong('switch := 5; x := switch;', '2.7')).toEqual([]);
      expect(wrong('switch := 5;', '2.8')).toContain('SYNTAX error');
      expect(wrong('fuzzy := 5; x := fuzzy;', '2.8')).toEqual([]);
    });
    it.each([...reservedSince.keys()])('%s is never a variable', (word) => {
      expect(wrong(`LET ${word} BE 5;`)).not.toEqual([]);
    });
    it('are kept for the future: union intersect excluding citation select', () => {
      for (const word of ['union', 'intersect', 'excluding', 'citation', 'select'])
        expect(wrong(`${word} := 5;`, '2.0')).toContain('SYNTAX error');
    });
    it('of a later version explain an error', () => {
      const { diagnostics } = parseSlots({
        ...older,
        arden: 'Version 2.5',
        data: 'x := 5;',
        logic: 'switch x case 1 y := 1; endswitch;',
      });
      expect(diagnostics[0]?.hint).toBe('SWITCH is a word since version 2.8; this MLM is of version 2.5');
    });
    it('of a later version mean what they mean since, in lenient mode, where the MLM has no such name', () => {
      const slots = {
        ...older,
        arden: 'Version 2.5',
        logic: 'x := 5; SWITCH x CASE 5 y := 1; ENDSWITCH; CONCLUDE TRUE;',
      };
      const { mlms, diagnostics } = parseSlots(slots, 'lenient');
      expect(mlms[0]?.logic.map(({ kind }) => kind)).toEqual(['assign', 'switch', 'conclude']);
      expect(codes(diagnostics)).toEqual(['VERSION warning', 'VERSION warning', 'VERSION warning']);
      expect(wrong('case := 5; x := case;', '2.5', 'lenient')).toEqual([]);
    });
  });

  describe('strings', () => {
    const text = (literal: string): unknown => {
      const [statement] = parseSound({ data: `x := ${literal};` }).data;
      return statement?.kind === 'assign' && statement.value.kind === 'constant'
        ? statement.value.constant
        : statement;
    };
    it('"" in a string is one quote', () => {
      expect(text('"say ""yes"" twice"""')).toEqual({ type: 'string', value: 'say "yes" twice"' });
      expect(text('""')).toEqual({ type: 'string', value: '' });
      expect(text('""""')).toEqual({ type: 'string', value: '"' });
    });
    it.each(['\n', '\r\n', '\r'])('one line break (%j) is one blank', (lineBreak) => {
      expect(text(`"one ${lineBreak}   two"`)).toEqual({ type: 'string', value: 'one two' });
    });
    it.each(['\n', '\r\n', '\r'])('two or more line breaks (%j) are one new line', (lineBreak) => {
      expect(text(`"one ${lineBreak.repeat(2)} two"`)).toEqual({ type: 'string', value: 'one\ntwo' });
      expect(text(`"one${lineBreak} ${lineBreak}${lineBreak} two"`)).toEqual({
        type: 'string',
        value: 'one\ntwo',
      });
    });
    it('may hold ;; and braces and comments', () => {
      expect(text('"a;; {b} /* c */ // d"')).toEqual({ type: 'string', value: 'a;; {b} /* c */ // d' });
    });
    it("'…' is a term", () => {
      expect(text("'a term'")).toEqual({ type: 'term', value: 'a term' });
    });
    it('one that is not closed ends with its line, not with the file', () => {
      const { mlms, diagnostics } = parseSlots({
        data: 'x := "open;\n y := 5;',
        logic: 'z := "a"; CONCLUDE TRUE;',
      });
      expect(mlms[0]?.data).toMatchObject([
        { value: { constant: { value: 'open' } } },
        { target: { name: 'y' } },
      ]);
      expect(mlms[0]?.logic).toHaveLength(2);
      expect(codes(diagnostics)).toEqual(['SYNTAX error']);
    });
  });

  describe('numbers', () => {
    it.each([
      ['5', 5],
      ['5.', 5],
      ['.5', 0.5],
      ['12e10', 12e10],
      ['.1e-1', 0.01],
      ['1.5E+2', 150],
    ])('%s', (literal, value) => {
      expect(parseSound({ data: `x := ${literal};` }).data).toMatchObject([
        { value: { constant: { type: 'number', value } } },
      ]);
    });
    it('there are no negative literals: minus is an operator', () => {
      expect(parsedExpression('-5')).toEqual({ tree: '(negate 5)', wrong: [] });
    });
    it('one that no double holds is an error', () => {
      expect(wrong('x := 1e999;')).toEqual(['NUMBER error']);
    });
    it('% before INCREASE and DECREASE is PERCENT', () => {
      expect(parsedExpression('% DECREASE OF x')).toEqual({ tree: '(percent decrease x)', wrong: [] });
    });
  });

  describe('times', () => {
    it.each([
      ['1990-01-01', '1990-01-01T00:00:00'],
      ['1990-01-01T12:00:00', '1990-01-01T12:00:00'],
      ['1990-01-01t12:00:00.15', '1990-01-01T12:00:00.150'],
      ['2023-01-01T12:00:00Z', '2023-01-01T12:00:00'],
      ['2023-07-01T12:00:00Z', '2023-07-01T13:00:00'],
      ['2023-07-01T12:00:00.5-05:00', '2023-07-01T18:00:00.500'],
      ['2024-02-29', '2024-02-29T00:00:00'],
    ])('%s is %s on the clocks of London', (literal, shown) => {
      expect(parsedExpression(literal)).toEqual({ tree: shown, wrong: [] });
    });
    it.each(['2023-02-29', '2023-13-01', '2023-01-01T24:00:00', '2023-01-01T00:60:00'])(
      'there is no %s',
      (literal) => {
        expect(parsedExpression(literal).wrong).toEqual(['TIME error']);
      },
    );
    it('a time of day is hh:mm[:ss], from version 2.6 on', () => {
      expect(parsedExpression('18:30')).toEqual({ tree: '18:30:00', wrong: [] });
      expect(parsedExpression('18:30:05.25')).toEqual({ tree: '18:30:05.250', wrong: [] });
      expect(parsedExpression('24:00').wrong).toEqual(['TIME error']);
      expect(wrong('x := 18:30;', '2.5')).toContain('SYNTAX error');
    });
  });

  describe('braces', () => {
    it('are taken as they are, up to the first }', () => {
      const [read] = parseSound({ data: 'x := READ { spell : admission_date "a /* b } ;' }).data;
      expect(read).toMatchObject({ braces: { text: ' spell : admission_date "a /* b ' } });
    });
    it('are not nested', () => {
      expect(wrong('x := READ {spell: {a} };')).toContain('CHARACTER error');
    });
    it('that are not closed end with their line', () => {
      const { mlms, diagnostics } = parseSlots({ data: 'x := READ {spell;\n y := 5;' });
      expect(mlms[0]?.data).toMatchObject([{ braces: { text: 'spell' } }, { target: { name: 'y' } }]);
      expect(codes(diagnostics)).toEqual(['SYNTAX error']);
    });
    it('say where their text stands in the file', () => {
      const text = mlmText({ data: 'x := READ {spell: age};' });
      const [read] = parseText(text).mlms[0]!.data;
      if (read?.kind !== 'read') throw new Error('no READ');
      expect(text.slice(read.braces.span.start, read.braces.span.end)).toBe('spell: age');
    });
  });

  describe('semicolons', () => {
    it('end a statement; the last one before ;; may do without', () => {
      expect(parseSound({ data: 'a := 1; b := 2' }).data).toHaveLength(2);
    });
    it('may stand alone', () => {
      expect(parseSound({ data: '; a := 1; ; b := 2; ;' }).data).toHaveLength(2);
    });
    it(';;; is an error', () => {
      const { diagnostics } = parseText(mlmText({ data: 'a := 1' }).replace('a := 1 ;;', 'a := 1;;;'));
      expect(codes(diagnostics)).toEqual(['SYNTAX error']);
    });
  });
});
