import { type Rules, readRules } from '../../../src/cds/rules/read-rules.js';
import { caseChecker } from '../../../src/cds/testing/check-case.js';
import { fixtureOf, named, rulesFolder } from './shipped.js';

let rules: Rules;
beforeAll(async () => {
  rules = await readRules(rulesFolder);
});

describe.each(named('', '.mlm'))('%s', (name) => {
  const rule = () => {
    const found = rules.rules.find((one) => one.name === name);
    if (!found) throw new Error(`there is no rule ${name}`);
    return found;
  };

  it('does in all its cases what they say', () => {
    const { registry } = rules;
    const check = caseChecker(rule().mlm, registry);
    const failed = fixtureOf(name, registry).cases.flatMap((one) =>
      check(one).map((what) => `${one.it}: ${what}`),
    );
    expect(failed).toEqual([]);
  });

  it('has cases that fire, one with its message, and cases that do not', () => {
    const { rule: of, cases } = fixtureOf(name, rules.registry);
    expect(of).toBe(name);
    expect(cases.some(({ fires, message }) => fires === true && message !== undefined)).toBe(true);
    expect(cases.some(({ fires }) => fires !== true)).toBe(true);
    expect(new Set(cases.map((one) => one.it)).size).toBe(cases.length);
  });
});
