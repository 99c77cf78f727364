import { stringify } from 'yaml';
import type { Mlm } from '../../../src/cds/arden/syntax.js';
import { checkGem, validationOn } from '../../../src/cds/provenance/check-gem.js';
import { type GemElement, gemElements } from '../../../src/cds/provenance/elements.js';
import type { Gem } from '../../../src/cds/provenance/gem.js';
import { isGem, readGem } from '../../../src/cds/provenance/read-gem.js';
import { gem, lastSpell, mlmOf, registry } from './example.js';

const problemsOf = (value: unknown): readonly string[] => {
  const read = readGem(typeof value === 'string' ? value : stringify(value));
  return isGem(read) ? [] : read.problems;
};

describe('a provenance file', () => {
  it('is read', () => {
    expect(readGem(stringify(gem))).toEqual(gem);
  });

  it.each(Object.keys(gem))('needs %s', (key) => {
    const { [key as keyof Gem]: _left, ...rest } = gem;
    expect(problemsOf(rest)).toEqual([`${key} is missing`]);
  });

  it.each(Object.keys(gem.guideline))('needs the %s of the guideline, and that it says something', (key) => {
    expect(problemsOf({ ...gem, guideline: { ...gem.guideline, [key]: '' } })).toHaveLength(1);
  });

  it('names the place of everything that is wrong', () => {
    const wrong = {
      ...gem,
      extra: 1,
      recommendation: {
        ...gem.recommendation,
        strength: 'might',
        evidence: { system: 'GRADE', quality: 'superb' },
      },
      review: { next: '2027-02-30', owner: 'the group' },
      decision_variables: [{ name: 'x', read_var: 'Not a name', fact: 'spell' }],
      delivery: { ...gem.delivery, suppress_days: -1, hooks: ['patient-view', 'another'] },
    };
    expect([...problemsOf(wrong)].sort()).toEqual([
      expect.stringMatching(/^decision_variables\[0\]\.read_var must be a name of lower-case letters/),
      expect.stringMatching(/^delivery\.hooks\[1\] must be one of patient-view,/),
      expect.stringMatching(/^delivery\.suppress_days must be a whole number from 0 to 3650$/),
      expect.stringMatching(/^extra is no key: guideline,/),
      expect.stringMatching(/^recommendation\.evidence\.quality must be one of high,/),
      expect.stringMatching(/^recommendation\.strength must be one of must,/),
      expect.stringMatching(/^review\.next must be a day YYYY-MM-DD$/),
    ]);
  });

  it('says nothing twice', () => {
    expect(problemsOf(`${stringify(gem)}flexibility: Much.\n`)).toEqual([
      expect.stringMatching(/^Map keys must be unique/),
    ]);
  });

  it('has no aliases', () => {
    const aliased = stringify(gem).replace('owner: the group', 'owner: &a the group');
    expect(problemsOf(aliased.replace('flexibility: None.', 'flexibility: *a'))).not.toEqual([]);
    const later = stringify({ ...gem, review: undefined }).replace(
      'flexibility: None.',
      'flexibility: &a None.',
    );
    expect(problemsOf(`${later}review: { next: 2027-06-30, owner: *a }\n`)).toEqual([
      'aliases have no place in a provenance file',
    ]);
  });

  it.each(['', '[]', 'null', 'a: [', 'a: 1\na: 2', '- &x 1\n- *x', '{ guideline: 3 }', '%'])(
    'that is none is refused: %j',
    (text) => {
      expect(problemsOf(text).length).toBeGreaterThan(0);
    },
  );
});

describe('a rule and its provenance', () => {
  it('agree', () => {
    expect(checkGem(gem, mlmOf(lastSpell), registry)).toEqual([]);
  });

  it('every decision variable names a READ', () => {
    const variable = { name: 'more', read_var: 'other', fact: 'spell' };
    const more = { ...gem, decision_variables: [...gem.decision_variables, variable] };
    expect(checkGem(more, mlmOf(lastSpell), registry)).toEqual([
      'the decision variable "more" names other, which no READ brings',
    ]);
  });

  it('every READ is named by a decision variable, in branches too', () => {
    const data = `${lastSpell} IF 1 = 1 THEN visits := READ COUNT {ed_attendance}; ENDIF`;
    expect(checkGem(gem, mlmOf(data), registry)).toEqual(['no decision variable names the READ of visits']);
  });

  it('a decision variable names the fact and the value set of its READ', () => {
    const wrong = (variable: Partial<Gem['decision_variables'][number]>): Gem => ({
      ...gem,
      decision_variables: [{ name: 'latest spell', read_var: 'admitted', fact: 'spell', ...variable }],
    });
    const mlm = mlmOf(lastSpell);
    expect(checkGem(wrong({ fact: 'discharge', valueset: 'copd' }), mlm, registry)).toEqual([
      'admitted reads spell, not discharge',
    ]);
    expect(checkGem(wrong({ valueset: 'asthma' }), mlm, registry)).toEqual([
      'admitted reads no value set asthma',
    ]);
    expect(checkGem(wrong({}), mlm, registry)).toEqual([
      'admitted reads the value set copd, which is not named',
    ]);
  });

  it('the links of the rule name its provenance', () => {
    const mlm = mlmOf(lastSpell, `OTHER_LINK "gem", 'another.gem.yaml'`);
    expect(checkGem(gem, mlm, registry)).toEqual([
      `the links of the MLM do not name it: OTHER_LINK "gem", 'example.gem.yaml'`,
    ]);
  });

  it('a result has a subject or a window', () => {
    const { subject: _none, ...delivery } = gem.delivery;
    const mlm = mlmOf(lastSpell);
    const either = ['delivery has either a subject or a window'];
    expect(checkGem({ ...gem, delivery }, mlm, registry)).toEqual(either);
    expect(checkGem({ ...gem, delivery: { ...gem.delivery, window: 'day' } }, mlm, registry)).toEqual(either);
    expect(checkGem({ ...gem, delivery: { ...delivery, window: 'day' } }, mlm, registry)).toEqual([]);
  });

  it.each(['READ COUNT {spell', 'READ {spell', 'READ LAST 2 FROM {spell'])(
    'a subject is a row, which %s} is not',
    (read) => {
      const data = `admitted := ${read}: admission_date where diagnoses in valueset 'copd'}`;
      expect(checkGem(gem, mlmOf(data), registry)).toEqual([
        'the subject admitted is no variable of a READ FIRST or LAST',
      ]);
    },
  );

  it('past its review a rule is expired, on the day itself it is not', () => {
    const mlm = mlmOf(lastSpell);
    expect(validationOn(mlm, gem, '2027-06-30')).toBe('production');
    expect(validationOn(mlm, gem, '2027-07-01')).toBe('expired');
  });
});

describe('the elements of the guideline model', () => {
  const mlm: Mlm = mlmOf(lastSpell);
  const found = (element: string, tree = gemElements(mlm, gem)): GemElement[] => [
    ...(tree.element === element ? [tree] : []),
    ...(tree.children ?? []).flatMap((child) => found(element, child)),
  ];
  const texts = (element: string): (string | undefined)[] => found(element).map(({ text }) => text);

  it.each([
    ['identity.title', 'Example'],
    ['purpose.objective', 'Find examples'],
    ['committee.name', 'Maplewood, Group'],
    ['status', 'production'],
    ['scheduled.review', '2027-06-30'],
    ['reference', 'One book.'],
    ['reference.refute', 'Another book.'],
    ['decision.variable.description', 'latest spell'],
    ['logic', 'CONCLUDE admitted IS PRESENT'],
    ['action.description', 'Look again'],
    ['recommendation.text', 'Look for examples.'],
    ['strength.of.recommendation', 'should'],
    ['evidence.quality', 'GRADE: low'],
    ['flexibility', 'None.'],
    ['eligibility.inclusion', 'everybody'],
    ['eligibility.exclusion', 'nobody'],
  ])('%s is that of the rule or its provenance', (element, text) => {
    expect(texts(element)).toEqual([text]);
  });

  it('say whether the guideline says it or it was inferred', () => {
    expect(found('recommendation').map(({ source }) => source)).toEqual(['inferred']);
    expect(found('identity').map(({ source }) => source)).toEqual(['explicit']);
  });

  it('are left out where nothing is said', () => {
    expect(texts('specialist')).toEqual([]);
  });
});
