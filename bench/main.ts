import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { benchApi } from './api.js';
import { benchEtl, benchFolder } from './etl.js';

const root = join(import.meta.dirname, '..', '..');

/** `npm run bench [-- PATIENTS]`: about twenty source rows a patient; 50,000 patients are a million rows. */
async function main(): Promise<void> {
  const patients = Number(process.argv[2] ?? 50_000);
  const { folder, remove } = benchFolder(tmpdir());
  try {
    const { home, trusts } = benchEtl(root, folder, patients);
    await benchStart(home);
    await benchApi(home, trusts);
  } finally {
    remove();
  }
}

/** Milliseconds from the start of the process to the first answered request. */
async function benchStart(home: string): Promise<void> {
  const times: number[] = [];
  for (let n = 0; n < 5; n += 1) {
    const began = performance.now();
    const child = spawn(process.execPath, [join(root, 'bin', 'maplewood.cjs'), 'serve'], {
      env: { ...process.env, MAPLEWOOD_HOME: home, MAPLEWOOD_DEV: '1', MAPLEWOOD_PORT: '0' },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    await once(child.stdout, 'data');
    times.push(performance.now() - began);
    child.kill();
    await once(child, 'exit');
  }
  const median = times.sort((a, b) => a - b)[2] ?? 0;
  process.stdout.write(
    `Server start: ${median.toFixed(0)} ms to listening (at most 1000) ${median <= 1000 ? 'ok' : 'TOO SLOW'}\n`,
  );
}

await main();
