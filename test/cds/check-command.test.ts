import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cds } from '../../src/commands/cds.js';
import { quiet } from '../support/home.js';
import { root, temporaryFolder } from '../support/landing.js';
import { sourceOf } from './arden/run/text.js';

const folder = temporaryFolder();
const put = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

async function check(...args: string[]): Promise<{ out: string; exitCode: unknown }> {
  let out = '';
  process.exitCode = undefined;
  try {
    await cds.run(['check', ...args], {
      ...quiet(),
      out: (text) => {
        out += text;
      },
    });
    return { out, exitCode: process.exitCode ?? 0 };
  } finally {
    process.exitCode = undefined;
  }
}

const shipped = readdirSync(join(root, 'rules'))
  .filter((file) => file.endsWith('.mlm'))
  .map((file) => join(root, 'rules', file));

describe('maplewood cds check FILE…', () => {
  it('finds nothing wrong with the rules that ship, strictly, and that all run over sets', async () => {
    const { out, exitCode } = await check(...shipped, '--strict', '--json');
    const found = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(exitCode).toBe(0);
    expect(found).toHaveLength(shipped.length);
    for (const one of found)
      expect(one).toMatchObject({ setCompilable: true, runnable: true, reasons: [], diagnostics: [] });
  });

  it('prints the fields of the specification, one line an MLM', async () => {
    const { out } = await check(
      put('two.mlm', `${sourceOf({ name: 'one' })}\n${sourceOf({ name: 'two', logic: 'x := ;' })}`),
      '--json',
    );
    const lines = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toHaveLength(2);
    for (const line of lines)
      expect(Object.keys(line).sort()).toEqual([
        'ardenVersion',
        'diagnostics',
        'file',
        'mlm',
        'reads',
        'reasons',
        'runnable',
        'setCompilable',
        'slots',
      ]);
    expect(Object.keys(lines[1].diagnostics[0])).toEqual(['code', 'severity', 'line', 'column', 'message']);
  });

  it('ends with 1 where there is an error, and with 0 for warnings', async () => {
    const departing = put('departing.mlm', sourceOf({}).replace('validation: testing', 'validation: '));
    expect((await check(departing)).exitCode).toBe(0);
    expect((await check(departing, '--lenient')).exitCode).toBe(0);
    expect((await check(departing, '--strict')).exitCode).toBe(1);
    expect((await check(put('wrong.mlm', sourceOf({ logic: 'x := ;' })))).exitCode).toBe(1);
  });

  it('compares a rule with the provenance beside it', async () => {
    put('mine.gem.yaml', 'guideline: 1');
    const { out } = await check(put('mine.mlm', sourceOf({ name: 'mine' })));
    expect(out).toContain('warning GEM: mine.gem.yaml: ');
  });

  it('sums up', async () => {
    const { out } = await check(put('good.mlm', sourceOf({ name: 'good' })));
    expect(out).toContain(
      '1 MLM in 1 file: 0 errors, 0 warnings; 1 of 1 can run over all patients at once.\n',
    );
  });

  it('refuses wrong usage', async () => {
    await expect(check()).rejects.toMatchObject({ code: 'USAGE' });
    await expect(check(join(folder, 'none.mlm'))).rejects.toMatchObject({ code: 'USAGE' });
    await expect(check(put('x.mlm', ''), '--strict', '--lenient')).rejects.toMatchObject({ code: 'USAGE' });
  });
});
