import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readRules } from '../../../src/cds/rules/read-rules.js';
import { temporaryFolder } from '../../support/landing.js';
import { rulesFolder } from './shipped.js';

const all = temporaryFolder();

/** A folder with one rule, changed. */
function folderWith(change: (folder: string) => void): string {
  const folder = mkdtempSync(join(all, 'rules-'));
  cpSync(join(rulesFolder, 'valuesets'), join(folder, 'valuesets'), { recursive: true });
  for (const file of ['high_cost_top5.mlm', 'high_cost_top5.gem.yaml'])
    cpSync(join(rulesFolder, file), join(folder, file));
  change(folder);
  return folder;
}
const edit = (file: string, from: string, to: string) => (folder: string) => {
  const path = join(folder, file);
  const text = readFileSync(path, 'utf8');
  expect(text).toContain(from);
  writeFileSync(path, text.replace(from, to));
};

describe('a folder of rules', () => {
  it('is read', async () => {
    const { rules, registry } = await readRules(folderWith(() => undefined));
    expect(rules.map(({ name, sha256 }) => [name, sha256])).toEqual([
      ['high_cost_top5', expect.stringMatching(/^[0-9a-f]{64}$/)],
    ]);
    expect(registry.valueSets.get('copd')?.codes).toHaveLength(1);
  });

  it.each([
    [
      'a rule without provenance',
      (folder: string) => rmSync(join(folder, 'high_cost_top5.gem.yaml')),
      /^high_cost_top5\.gem\.yaml: there is no such file$/,
    ],
    [
      'a rule of another name than its file',
      edit('high_cost_top5.mlm', 'mlmname: high_cost_top5', 'mlmname: high_cost'),
      /high_cost_top5\.mlm: the MLM is called high_cost$/m,
    ],
    [
      'a rule that is not strict',
      edit('high_cost_top5.mlm', 'type: data_driven', 'type: data-driven'),
      /high_cost_top5\.mlm:\d+:\d+: /,
    ],
    [
      'a file without a rule',
      (folder: string) => writeFileSync(join(folder, 'high_cost_top5.mlm'), ''),
      /high_cost_top5\.mlm: a file of a rule holds one MLM/,
    ],
    [
      'a provenance that says otherwise',
      edit('high_cost_top5.gem.yaml', 'fact: patient_cost', 'fact: spell'),
      /high_cost_top5\.gem\.yaml: cost reads patient_cost, not spell/,
    ],
    [
      'a value set without a source',
      (folder: string) =>
        writeFileSync(
          join(folder, 'valuesets', 'copd.csv'),
          'system,code,match,display,source\nicd10,J44,prefix,COPD,\n',
        ),
      /copd\.csv:2: source is empty/,
    ],
  ])('with %s is refused, with the place', async (_what, change, message) => {
    await expect(readRules(folderWith(change))).rejects.toMatchObject({
      code: 'CONFIGURATION',
      message: expect.stringMatching(message),
    });
  });

  it('may hold none', async () => {
    const folder = mkdtempSync(join(all, 'none-'));
    mkdirSync(join(folder, 'valuesets'));
    await expect(readRules(folder)).resolves.toMatchObject({ rules: [] });
  });
});
