import type { Mode } from '../../../src/cds/arden/syntax.js';
import { type CheckedMlm, checkFile } from '../../../src/cds/check/check-file.js';
import type { Provenance } from '../../../src/cds/check/check-provenance.js';
import { checkedText } from '../../../src/cds/check/checked-text.js';
import { registryOf } from '../../../src/cds/facts/registry.js';
import { sourceOf } from '../arden/run/text.js';

const checked = (text: string, mode: Mode = 'lenient', provenance?: Provenance): readonly CheckedMlm[] =>
  checkFile('a.mlm', Buffer.from(text), { mode, registry: registryOf(), provenance: () => provenance });
const one = (...args: Parameters<typeof checked>): CheckedMlm => {
  const [found, ...more] = checked(...args);
  if (!found || more.length > 0) throw new Error('not one MLM');
  return found;
};
const codes = ({ diagnostics }: CheckedMlm): string[] => diagnostics.map(({ code }) => code);

describe('§1: cds check', () => {
  it('tells name, version, slots and reads of an MLM', () => {
    const { file, mlm, ardenVersion, slots, reads } = one(
      sourceOf({
        name: 'Some_Rule',
        data: `visits := READ {ed_attendance:   triage_category
          where triage_category = '1'} WHERE THEY OCCURRED
          WITHIN PAST 12 MONTHS;
        (gap, admitted) := READ LAST {spell: days_since_discharge, admission_date} WHERE (IT < 30) AND (IT > 1);
        three := READ LAST 3 FROM {community_contact};`,
      }),
    );
    expect({ file, mlm, ardenVersion }).toEqual({ file: 'a.mlm', mlm: 'some_rule', ardenVersion: '2.10' });
    expect(slots).toMatchObject({
      title: 'Test',
      mlmname: 'Some_Rule',
      logic: 'CONCLUDE TRUE;',
    });
    expect(reads).toEqual([
      {
        variable: 'visits',
        aggregate: null,
        braces: "ed_attendance: triage_category where triage_category = '1'",
        where: 'THEY OCCURRED WITHIN PAST 12 MONTHS',
      },
      {
        variable: 'gap, admitted',
        aggregate: 'LAST',
        braces: 'spell: days_since_discharge, admission_date',
        where: '(IT < 30) AND (IT > 1)',
      },
      { variable: 'three', aggregate: 'LAST 3 FROM', braces: 'community_contact', where: null },
    ]);
  });

  it('tells READs within branches', () => {
    const { reads } = one(
      sourceOf({ data: 'IF TRUE THEN x := READ {spell}; ELSE y := READ {discharge}; ENDIF;' }),
    );
    expect(reads.map(({ variable }) => variable)).toEqual(['x', 'y']);
  });

  it('gives one report an MLM, each with what is wrong in it', () => {
    const good = sourceOf({ name: 'good' });
    const bad = sourceOf({ name: 'bad', logic: 'x := ;' });
    const found = checked(`${good}\n${bad}\n${good}`);
    expect(found.map(({ mlm, diagnostics }) => [mlm, diagnostics.length])).toEqual([
      ['good', 0],
      ['bad', 1],
      ['good', 0],
    ]);
  });

  it('gives a file without an MLM a report of its errors', () => {
    expect(one('foo')).toMatchObject({ mlm: null, ardenVersion: null, runnable: false });
    expect(codes(one('foo'))).toEqual(['FILE']);
  });

  it('says that a rule can be computed over sets, or why not, and where', () => {
    expect(one(sourceOf({ data: 'n := READ COUNT {spell};' }))).toMatchObject({
      setCompilable: true,
      reasons: [],
    });
    const loop = one(sourceOf({ logic: 'x := 3;\nWHILE x > 1 DO x := x - 1; ENDDO;\nCONCLUDE TRUE;' }));
    expect(loop).toMatchObject({ setCompilable: false, runnable: true });
    expect(loop.reasons).toEqual([
      { code: 'LOOP', statement: 'while', line: expect.any(Number), column: 1, message: 'a loop' },
    ]);
    expect(loop.diagnostics).toEqual([]);
  });

  it('takes a rule with errors for neither runnable nor computable', () => {
    expect(one(sourceOf({ logic: 'x := ;' }))).toMatchObject({ setCompilable: false, runnable: false });
  });
});

describe('§2: braces that name no fact', () => {
  it('L16: foreign braces are kept, and the rule is not runnable', () => {
    const found = one(sourceOf({ data: "k := READ {'123','456'};" }));
    expect(codes(found)).toEqual(['L16']);
    expect(found).toMatchObject({ runnable: false, reads: [{ braces: "'123','456'" }] });
  });

  it('an unknown fact or column is told at its place: a warning in lenient mode, an error in strict', () => {
    const source = sourceOf({ data: 'x := READ {spel};\ny := READ {spell: nonsense};\ne := EVENT {fall};' });
    const found = one(source);
    expect(found.diagnostics).toMatchObject([
      { code: 'FACT', severity: 'warning', message: 'there is no fact spel' },
      { code: 'FACT', severity: 'warning', column: 19 },
      { code: 'FACT', severity: 'warning', message: 'there is no fact fall' },
    ]);
    expect(found.runnable).toBe(false);
    expect(one(source, 'strict').diagnostics.map(({ severity }) => severity)).toEqual([
      'error',
      'error',
      'error',
    ]);
  });

  it('nothing answers an INTERFACE', () => {
    expect(one(sourceOf({ data: 'f := INTERFACE {some function};' })).runnable).toBe(false);
  });
});

describe('§12: provenance', () => {
  const linked = (validation: string, logic = 'CONCLUDE TRUE;'): string =>
    sourceOf({ logic })
      .replace('keywords: test;;', `keywords: test;; links: OTHER_LINK "gem", 'test_rule.gem.yaml';;`)
      .replace('validation: testing', `validation: ${validation}`);

  it('an MLM that names a provenance file must have it', () => {
    const found = one(linked('testing'), 'strict', { file: 'test_rule.gem.yaml', text: undefined });
    expect(found.diagnostics).toMatchObject([
      { code: 'GEM', severity: 'error', message: 'test_rule.gem.yaml: there is no such file' },
    ]);
  });

  it('says what is wrong with the file', () => {
    const found = one(linked('testing'), 'lenient', { file: 'test_rule.gem.yaml', text: 'guideline: 1' });
    expect(found.diagnostics.length).toBeGreaterThan(3);
    expect(new Set(codes(found))).toEqual(new Set(['GEM']));
    expect(found.runnable).toBe(true);
  });

  it('a rule in production must be computable over sets', () => {
    const loop = 'WHILE FALSE DO x := 1; ENDDO; CONCLUDE TRUE;';
    const given = { file: 'test_rule.gem.yaml', text: undefined };
    expect(codes(one(linked('production', loop), 'strict', given))).toContain('SETS');
    expect(codes(one(linked('testing', loop), 'strict', given))).not.toContain('SETS');
    expect(codes(one(linked('production'), 'strict', given))).not.toContain('SETS');
  });
});

describe('the report for authors', () => {
  it('shows file, line and column, the line with a mark at the place, and what to do', () => {
    const text = checkedText(one(sourceOf({ data: '  x := READ {spel};' })));
    expect(text).toContain(
      'a.mlm:5:21: warning FACT: there is no fact spel.\n    data:   x := READ {spel}; ;;\n',
    );
    const [, line = '', mark = ''] = /\n(.*READ \{spel\};.*)\n(.*\^)\n/.exec(text) ?? [];
    expect(mark.indexOf('^')).toBe(line.indexOf('spel'));
    expect(text).toContain('facts: patient, spell');
  });

  it('marks the place in long lines too', () => {
    const text = checkedText(
      one(sourceOf({ data: `${' '.repeat(3)}s := "${'x'.repeat(200)}"; x := READ {spel};` })),
    );
    const [, line = '', mark = ''] = /\n(.*spel\};.*)\n(.*\^)\n/.exec(text) ?? [];
    expect(line.slice(mark.indexOf('^'))).toMatch(/^spel/);
  });

  it('shows reads and why a rule runs patient by patient', () => {
    const text = checkedText(
      one(sourceOf({ data: 'n := READ COUNT {spell};', logic: 'WHILE n > 1 DO n := n - 1; ENDDO;' })),
    );
    expect(text).toContain(
      '  reads n: COUNT {spell}\n  runs patient by patient only:\n    7:9: LOOP: a loop (while)\n',
    );
  });
});
