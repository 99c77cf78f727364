import { printMlm } from '../../../src/cds/arden/print-mlm.js';
import { codes, mlmText, parseSlots, parseSound, parseText, type SlotTexts, tree } from './mlm-text.js';

describe('Diagnostics', () => {
  it('say where, show the line, and what to do', () => {
    const text = mlmText({ data: '\n    x = 5;\n' });
    const line = text.split('\n').findIndex((one) => one.includes('x = 5')) + 1;
    expect(parseText(text).diagnostics).toEqual([
      {
        code: 'SYNTAX',
        severity: 'error',
        line,
        column: 7,
        message: 'Here should be :=, not =',
        excerpt: '    x = 5;',
        hint: 'An assignment is written with :=',
      },
    ]);
  });

  it.each(['\n', '\r\n', '\r'])('count lines that end with %j', (lineBreak) => {
    const text = mlmText({ data: '\n\n    x := ;' }).replaceAll('\n', lineBreak);
    const expected = text.split(lineBreak).findIndex((one) => one.includes('x :=')) + 1;
    expect(parseText(text).diagnostics).toMatchObject([
      { line: expected, column: 10, excerpt: '    x := ; ;;' },
    ]);
  });

  it('cut a long line around the place', () => {
    const [diagnostic] = parseSlots({ data: `x := ${'1 + '.repeat(200)} * 2;` }).diagnostics;
    expect(diagnostic?.excerpt.length).toBeLessThanOrEqual(160);
    expect(diagnostic?.excerpt).toContain('* 2');
  });

  it('are several a file, one for each statement that is wrong', () => {
    const { mlms, diagnostics } = parseSlots({
      data: 'a := 1;\n b := ;\n c := 3;\n d := (4;\n e := 5;',
      logic: 'f := 6 7;\n CONCLUDE;\n CONCLUDE TRUE;',
    });
    expect(codes(diagnostics)).toEqual(Array(4).fill('SYNTAX error'));
    expect(mlms[0]?.data.map((one) => one.kind === 'assign' && one.target.name)).toEqual(['a', 'c', 'e']);
    expect(mlms[0]?.logic.map(({ kind }) => kind)).toEqual(['assign', 'conclude']);
  });

  it('stand in the order of the file, those of slots too', () => {
    const { diagnostics } = parseSlots({ date: 'x', validation: '', data: 'a := ;', priority: '500' });
    expect(diagnostics.map(({ code }) => code)).toEqual(['SLOT', 'L01', 'SYNTAX', 'L03']);
    expect(diagnostics.map(({ line }) => line)).toEqual(
      [...diagnostics.map(({ line }) => line)].sort((a, b) => a - b),
    );
  });

  it('of one file are no more than 250 of a severity', () => {
    const { diagnostics } = parseSlots({ data: 'a := ;\n'.repeat(1000) });
    expect(diagnostics).toHaveLength(250);
    expect(diagnostics.at(-1)?.code).toBe('LIMIT');
  });

  it('a condition that is not understood leaves the block it guards', () => {
    const { mlms, diagnostics } = parseSlots({ data: 'IF a ++ THEN b := 1; ELSE b := 2; ENDIF; c := 3;' });
    expect(mlms[0]?.data.map(({ kind }) => kind)).toEqual(['if', 'assign']);
    expect(codes(diagnostics)).toContain('SYNTAX error');
  });

  it('nesting is bounded', () => {
    const nested = (text: SlotTexts): string[] => codes(parseSlots(text).diagnostics);
    expect(nested({ data: `x := ${'('.repeat(100)}1${')'.repeat(100)};` })).toEqual([]);
    expect(nested({ data: `x := ${'('.repeat(5000)}1${')'.repeat(5000)};` })).toEqual(['NESTING error']);
    expect(nested({ data: `x := 1${' + 1'.repeat(450)};` })).toEqual([]);
    expect(nested({ data: `x := 1${' + 1'.repeat(5000)};` })).toEqual(['NESTING error']);
    const within = (depth: number): string =>
      `${'NOW IS WITHIN 1 DAY SURROUNDING ('.repeat(depth)}NOW${')'.repeat(depth)}`;
    expect(nested({ data: `x := ${within(8)};` })).toEqual([]);
    expect(nested({ data: `x := ${within(9)};` })).toEqual(['NESTING error']);
  });

  it('what is within the bounds can be printed', () => {
    const within = `${'NOW IS WITHIN 1 DAY SURROUNDING ('.repeat(8)}NOW${')'.repeat(8)}`;
    expect(
      printMlm(parseSound({ data: `x := 1${' + 1'.repeat(450)}; y := ${within};` })).length,
    ).toBeGreaterThan(1000);
  });
});

describe('READs are kept even where the logic is broken', () => {
  const reads = (slots: SlotTexts): unknown[] =>
    parseSlots(slots, 'lenient').mlms[0]!.data.flatMap((statement) =>
      statement.kind === 'read'
        ? [[statement.targets[0]?.name, statement.aggregate?.operator, statement.braces.text]]
        : [],
    );

  it('a condition that is not understood', () => {
    expect(
      reads({
        data: 'x := READ LAST {spell: age} WHERE it is somewhere over the rainbow; y := READ {discharge};',
      }),
    ).toEqual([
      ['x', 'last', 'spell: age'],
      ['y', undefined, 'discharge'],
    ]);
  });
  it('a statement that is not understood', () => {
    expect(reads({ data: 'the best x := READ COUNT {spell}; y := 5 READ {discharge};' })).toEqual([
      ['x', 'count', 'spell'],
      [undefined, undefined, 'discharge'],
    ]);
  });
  it('whatever the other slots hold', () => {
    expect(reads({ data: 'x := READ {spell};', logic: '?? what )) is this', action: '"' })).toEqual([
      ['x', undefined, 'spell'],
    ]);
  });
  it('a READ with what is appended to it', () => {
    expect(reads({ data: 'x := READ {spell} sort of;' })).toEqual([['x', undefined, 'spell']]);
  });
});

describe('Worked example', () => {
  const text = `maintenance: title: Frequent ED attender without community contact;; mlmname: ed_frequent_no_contact;; arden: Version 2.10;;
 version: 1.0.0;; institution: Maplewood General Hospital;; author: CDS group;; specialist: ;; date: 2025-01-15;; validation: testing;;
library: purpose: Find people with 5 or more ED attendances in 12 months and no community contact;;
 explanation: Both windows end at NOW.;; keywords: emergency department; high intensity use;;
 links: OTHER_LINK "gem", 'ed_frequent_no_contact.gem.yaml';;
knowledge: type: data_driven;;
 data: ed_arrival := EVENT {ed_attendance}; min_visits := 5;
  visits := READ {ed_attendance: triage_category} WHERE THEY OCCURRED WITHIN PAST 12 MONTHS;
  contact := READ LAST {community_contact: care_activity} WHERE IT OCCURRED WITHIN PAST 12 MONTHS; ;;
 priority: 60;; evoke: ed_arrival;;
 logic: n := COUNT visits; IF n >= min_visits AND contact IS NOT PRESENT THEN CONCLUDE TRUE; ENDIF; CONCLUDE FALSE; ;;
 action: WRITE n || " ED attendances in 12 months, no community contact."; ;;
 urgency: 60;;
resources: default: en;; language: en ;; end:
`;

  it('is sound in strict mode, and understood', () => {
    const { mlms, diagnostics } = parseText(text);
    expect(diagnostics).toEqual([]);
    expect(mlms).toHaveLength(1);
    const [mlm] = mlms;
    expect(mlm).toMatchObject({
      name: 'ed_frequent_no_contact',
      arden: [2, 10],
      validation: 'testing',
      keywords: ['emergency department', 'high intensity use'],
      links: [{ kind: 'other_link', name: 'gem', address: 'ed_frequent_no_contact.gem.yaml' }],
      priority: 60,
      urgency: { constant: { value: 60 } },
      evoke: [{ kind: 'events', names: ['ed_arrival'] }],
      data: [
        { kind: 'declare', what: 'event', braces: { text: 'ed_attendance' } },
        { kind: 'assign' },
        { kind: 'read', braces: { text: 'ed_attendance: triage_category' } },
        {
          kind: 'read',
          aggregate: { operator: 'last' },
          braces: { text: 'community_contact: care_activity' },
        },
      ],
      defaultLanguage: 'en',
      languages: [{ language: 'en', texts: {} }],
    });
    const branch = mlm!.logic[1];
    expect(branch?.kind === 'if' && tree(branch.branches[0]!.condition)).toBe(
      '(and (>= n min_visits) (is null contact))',
    );
  });
});
