import { parseFile } from '../../../src/cds/arden/parse.js';
import { type Rule, type Rules, readRules } from '../../../src/cds/rules/read-rules.js';
import { caseChecker } from '../../../src/cds/testing/check-case.js';
import { mutantsOf } from './mutants.js';
import { fixtureOf, named, rulesFolder } from './shipped.js';

/** Changes that change nothing: what a rule says with them is the same for every patient. */
const same: Readonly<Record<string, readonly string[]>> = {
  lace_high: [
    // four days are four points on both sides
    'IF los < 4 THEN: 4 -> 5',
    'IF los < 4 THEN: < -> <=',
    // four visits are four points on both sides
    'IF visits >= 4 THEN: 4 -> 5',
    'IF visits >= 4 THEN: >= -> >',
    // a weight of four and more is five points
    'weight := weight + 4;: 4 -> 5',
    'weight := weight + 6;: 6 -> 7',
    'weight := weight + 6;: 6 -> 5',
  ],
};

/** The part that both rules of NEWS2 have; its figures are guarded by the cases of one of them. */
const scoring = (text: string): string =>
  text.slice(text.indexOf('/* one decimal'), text.indexOf(';', text.indexOf(' news := ')));

describe('every figure and condition of a rule is guarded by a case', () => {
  let rules: Rules;
  beforeAll(async () => {
    rules = await readRules(rulesFolder);
  });
  const ruleOf = (name: string): Rule => {
    const found = rules.rules.find((one) => one.name === name);
    if (!found) throw new Error(`there is no rule ${name}`);
    return found;
  };

  it('scores NEWS2 alike in both its rules', () => {
    const text = scoring(ruleOf('news2_high').text);
    expect(text.length).toBeGreaterThan(1_000);
    expect(scoring(ruleOf('sepsis_news2').text)).toBe(text);
  });

  it.each(named('', '.mlm'))('%s', (name) => {
    const { text, mlm } = ruleOf(name);
    const { cases } = fixtureOf(name, rules.registry);
    const shared = name === 'sepsis_news2' ? scoring(text) : undefined;
    const slots = mlm.slots.filter((slot) => slot.name === 'data' || slot.name === 'logic');
    let tried = 0;
    const survivors = slots
      .flatMap(({ span }) => [...mutantsOf(text, span.start, span.end)])
      .filter((mutant) => shared === undefined || scoring(mutant.text) === shared)
      .filter((mutant) => {
        const parsed = parseFile(new TextEncoder().encode(mutant.text), { mode: 'strict' });
        const [changed] = parsed.mlms;
        if (!changed || parsed.diagnostics.length > 0) return false;
        tried += 1;
        const check = caseChecker(changed, rules.registry);
        return cases.every((one) => check(one).length === 0);
      })
      .map(({ line, from, to }) => `${line}: ${from} -> ${to}`);
    expect(tried).toBeGreaterThan(0);
    expect([...new Set(survivors)].sort()).toEqual([...(same[name] ?? [])].sort());
  });
});
