import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readRules } from '../../../src/cds/rules/read-rules.js';
import { type Tested, testRules } from '../../../src/cds/testing/test-rules.js';
import { temporaryFolder } from '../../support/landing.js';
import { rulesFolder } from '../rules/shipped.js';

const all = temporaryFolder();
const cases = join('tests', 'high_cost_top5.yaml');

/** What the cases of one rule come to in a folder that was changed. */
async function tested(change: (folder: string) => void): Promise<readonly Tested[]> {
  const folder = mkdtempSync(join(all, 'rules-'));
  for (const file of ['valuesets', 'high_cost_top5.mlm', 'high_cost_top5.gem.yaml', cases])
    cpSync(join(rulesFolder, file), join(folder, file), { recursive: true });
  change(folder);
  return testRules(await readRules(folder), folder);
}
const edit = (from: string, to: string) => (folder: string) => {
  const text = readFileSync(join(folder, cases), 'utf8');
  expect(text).toContain(from);
  writeFileSync(join(folder, cases), text.replace(from, to));
};

describe('the test of a folder of rules', () => {
  it('counts the cases that pass', async () => {
    await expect(tested(() => undefined)).resolves.toEqual([
      { rule: 'high_cost_top5', passed: 3, failed: [] },
    ]);
  });

  it('names the case that fails, and how', async () => {
    await expect(tested(edit('in_top5: false', 'in_top5: true'))).resolves.toEqual([
      {
        rule: 'high_cost_top5',
        passed: 2,
        failed: [{ it: 'does not fire below', problems: ['fires: true, not false'] }],
      },
    ]);
  });

  it.each([
    ['without cases', (folder: string) => rmSync(join(folder, cases)), 'there is no such file'],
    ['with the cases of another', edit('rule: high_cost_top5', 'rule: other'), 'they are those of other'],
    [
      'with a case that is none',
      edit('fires: true', 'fires: often'),
      'cases[0].fires must be true, false or null',
    ],
  ])('fails a rule %s', async (_what, change, problem) => {
    const [one] = await tested(change);
    expect(one?.passed).toBe(0);
    expect(one?.failed.flatMap(({ problems }) => problems)).toContain(problem);
  });
});
