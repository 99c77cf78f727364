import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './landing.js';
import { sharedCopy } from './shared.js';

const folder = temporaryFolder();
// A folder of a run of our own: in the real one other test files are at work.
const run = join(folder, 'run');
mkdirSync(run);
process.env['MAPLEWOOD_TEST_RUN'] = run;
let asked = 0;
/** Asks for a thing that is a file with the number of times that it was made. */
const thing = () => {
  const name = `thing ${process.pid} ${asked++}`;
  let made = 0;
  return {
    made: () => made,
    copy: (to: string, meanwhile: () => Promise<void> | void = () => undefined) =>
      sharedCopy([name], join(folder, `${name} ${to}`), async (at) => {
        made += 1;
        mkdirSync(at, { recursive: true });
        writeFileSync(join(at, 'file'), `made ${made}`);
        await meanwhile();
      }),
    read: (to: string) => readFileSync(join(folder, `${name} ${to}`, 'file'), 'utf8'),
    write: (to: string, text: string) => writeFileSync(join(folder, `${name} ${to}`, 'file'), text),
  };
};

describe('what test files share', () => {
  it('is made once, also for those who ask while it is being made', async () => {
    const { copy, made, read } = thing();
    await Promise.all(['a', 'b', 'c'].map((to) => copy(to)));
    await copy('d');
    expect(['a', 'b', 'c', 'd'].map(read)).toEqual(Array(4).fill('made 1'));
    expect(made()).toBe(1);
  });

  it('is a copy for each, so that nobody sees the changes of another', async () => {
    const { copy, read, write } = thing();
    await copy('a');
    write('a', 'changed');
    await copy('b');
    expect([read('a'), read('b')]).toEqual(['changed', 'made 1']);
  });

  it('is made by the next one where making it failed, and nothing half made is left', async () => {
    const { copy, read } = thing();
    const before = readdirSync(run);
    const failing = copy('a', () => Promise.reject(new Error('no room')));
    await expect(failing).rejects.toThrow('no room');
    expect(readdirSync(run)).toEqual(before);
    await copy('b');
    expect(read('b')).toBe('made 2');
  });

  it('is not waited for where whoever makes it has died', async () => {
    const { copy, read } = thing();
    let over: () => void = () => undefined;
    const end = new Promise<void>((resolve) => {
      over = resolve;
    });
    const before = new Set(readdirSync(run));
    const first = copy('a', () => end);
    const lock = join(run, readdirSync(run).find((name) => !before.has(name) && name.endsWith('.lock'))!);
    // No process has this number.
    writeFileSync(join(folder, 'of the dead'), String(2 ** 30));
    renameSync(join(folder, 'of the dead'), lock);
    await copy('b');
    expect(read('b')).toBe('made 2');
    over();
    await first;
    expect(read('a')).toBe('made 1');
  });
});
