import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseFile } from '../../../src/cds/arden/parse.js';
import { readRules, ruleOf } from '../../../src/cds/rules/read-rules.js';
import { caseChecker } from '../../../src/cds/testing/check-case.js';
import { isFixture, readFixture } from '../../../src/cds/testing/fixture.js';
import { root } from '../../support/landing.js';
import { mutantsOf } from './mutants.js';
import { rulesFolder } from './shipped.js';

const guide = readFileSync(join(root, 'docs', 'guides', 'write-a-rule.md'), 'utf8');
/** Blocks of a language, in their order. */
const blocks = (language: string): string[] =>
  [...guide.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(
    ([, text]) => text ?? '',
  );

describe('the guide to writing a rule', () => {
  const [mlmText = ''] = blocks('text');
  const [gemText, fixtureText = ''] = blocks('yaml');
  const written = async () => {
    const { registry } = await readRules(rulesFolder);
    const rule = ruleOf('ed_left_untreated', new TextEncoder().encode(mlmText), gemText, registry);
    if ('problems' in rule) throw new Error(rule.problems.join('\n'));
    const fixture = readFixture(fixtureText, registry);
    if (!isFixture(fixture)) throw new Error(fixture.problems.join('\n'));
    return { rule, cases: fixture.cases, registry };
  };

  it('writes a strict rule that agrees with its provenance and does what its cases say', async () => {
    const { rule, cases, registry } = await written();
    expect(cases.flatMap(caseChecker(rule.mlm, registry))).toEqual([]);
    expect(cases).toHaveLength(6);
  });

  it('leaves no figure unguarded', async () => {
    const { rule, cases, registry } = await written();
    const survivors = rule.mlm.slots
      .filter(({ name }) => name === 'data' || name === 'logic')
      .flatMap(({ span }) => [...mutantsOf(mlmText, span.start, span.end)])
      .filter(({ text }) => {
        const { mlms, diagnostics } = parseFile(new TextEncoder().encode(text), { mode: 'strict' });
        const [changed] = mlms;
        if (!changed || diagnostics.length > 0) return false;
        const check = caseChecker(changed, registry);
        return cases.every((one) => check(one).length === 0);
      });
    expect(survivors.map(({ line, from, to }) => `${line}: ${from} -> ${to}`)).toEqual([]);
  });
});
