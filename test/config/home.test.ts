import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureHome, homeAt } from '../../src/config/home.js';

describe('the home', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'home-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is made for its owner alone', () => {
    const home = homeAt(join(folder, 'a', 'b'));
    ensureHome(home);
    ensureHome(home);
    for (const path of Object.values(home)) expect(statSync(path).mode & 0o777).toBe(0o700);
    expect(readdirSync(home.root).sort()).toEqual([
      'audit',
      'identified',
      'keys',
      'lake',
      'runs',
      'state',
      'tmp',
      'warehouse',
    ]);
  });

  it('says which folder cannot be written, and why', () => {
    writeFileSync(join(folder, 'file'), '');
    const root = join(folder, 'file', 'home');
    expect(() => ensureHome(homeAt(root))).toThrow(
      expect.objectContaining({
        code: 'HOME_NOT_WRITABLE',
        message: expect.stringContaining(`${root} cannot be written (a part of the path is a file)`),
      }),
    );
  });

  it('says so when a file stands in its place', () => {
    writeFileSync(join(folder, 'file'), '');
    expect(() => ensureHome(homeAt(join(folder, 'file')))).toThrow('a file stands in its place');
  });
});
