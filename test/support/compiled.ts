import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './landing.js';
import { sharedCopy } from './shared.js';

/**
 * Sees to it that `bin/maplewood.cjs` finds compiled commands, for tests that start them as processes. What is compiled
 * already stays as it is, so build after a change. Of several test files one compiles, and the others wait for it.
 */
export const compiled = (folder: string): Promise<void> =>
  sharedCopy(['compiled'], join(folder, 'compiled'), async (sign) => {
    mkdirSync(sign);
    if (existsSync(join(root, 'dist', 'app', 'main.js'))) return;
    const { status } = spawnSync('npm', ['run', 'build'], { cwd: root, stdio: 'ignore' });
    if (status !== 0) throw new Error('the commands cannot be compiled: see npm run build');
  });
