import fc from 'fast-check';
import { splitOutside, tokensOf } from '../../../src/etl/lineage/sql-tokens.js';

const texts = (sql: string) => tokensOf(sql).map(({ text }) => text);

describe('tokens of SQL', () => {
  it('are names, texts, numbers, parameters and symbols', () => {
    expect(tokensOf(`S."Trust_Code" || 'x' + 12.5 >= $inner`).map(({ kind, text }) => [kind, text])).toEqual([
      ['name', 's'],
      ['symbol', '.'],
      ['name', 'Trust_Code'],
      ['symbol', '||'],
      ['text', "'x'"],
      ['symbol', '+'],
      ['number', '12.5'],
      ['symbol', '>='],
      ['parameter', '$inner'],
    ]);
  });

  it('keep a text with quotes and column names in it as one', () => {
    expect(texts(`case when a = 'it''s s.b' then 1 end`)).toContain(`'it''s s.b'`);
    expect(texts('"a""b"')).toEqual(['a"b']);
  });

  it.each(['select a -- b', 'select /* a */ b', "select 'open", 'select "open', 'select {a}'])(
    'are not guessed: %s',
    (sql) => expect(() => tokensOf(sql)).toThrow('not understood'),
  );

  it('hold every text whatever stands in it', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (text, name) => {
        const quoted = `'${text.replaceAll("'", "''")}'`;
        const identifier = `"${`n${name}`.replaceAll('"', '""')}"`;
        expect(tokensOf(`${quoted} ${identifier}`).map(({ kind, text: found }) => [kind, found])).toEqual([
          ['text', quoted],
          ['name', `n${name}`],
        ]);
      }),
    );
  });

  it('are split outside of brackets only', () => {
    const parts = splitOutside(tokensOf('f(a, b), [c, d], e'), ({ text }) => text === ',');
    expect(parts.map((part) => part.map(({ text }) => text).join(''))).toEqual(['f(a,b)', '[c,d]', 'e']);
    expect(() => splitOutside(tokensOf('f(a, b'), ({ text }) => text === ',')).toThrow('not closed');
  });
});
