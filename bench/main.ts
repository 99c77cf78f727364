import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { benchApi } from './api.js';
import { benchArden } from './arden.js';
import { benchCds } from './cds.js';
import { benchCombinations } from './combinations.js';
import { benchDelta } from './delta.js';
import { benchEtl } from './etl.js';
import { benchScale } from './scale.js';
import { benchSchemas } from './schemas.js';
import { benchFolder } from './timed.js';

const root = join(import.meta.dirname, '..', '..');

/** Patients or episodes where the command line says nothing. */
const usual = { etl: 50_000, delta: 250_000, scale: 10_000_000, cds: 1_000_000 };
const usage = 'Usage: npm run bench [-- [etl|delta|scale|cds|all] [SIZE]]';

/**
 * `npm run bench [-- [PART] [SIZE]]`. `etl`, the usual part: the ETL, the schemas, the parser of rules, the start of the server and the
 * API over SIZE patients, about twenty source rows each. `delta`: a delta of 1 % after a full load of SIZE patients, and how long
 * measures take over what it leaves. `scale`: SIZE
 * episodes and twice as many prescriptions; it takes long and tens of gigabytes of disk. `cds`: the rules of decision support over
 * SIZE patients. `all`: these four.
 */
async function main(): Promise<void> {
  const given = process.argv.slice(2);
  const part = given.find((word) => !/^\d+$/.test(word)) ?? 'etl';
  const size = given.find((word) => /^\d+$/.test(word));
  if (!(part in usual) && part !== 'all') throw new Error(usage);
  for (const one of ['etl', 'delta', 'scale', 'cds'] as const) {
    if (part !== one && part !== 'all') continue;
    const { folder, remove } = benchFolder(tmpdir());
    try {
      await run(one, folder, size === undefined ? usual[one] : Number(size));
    } finally {
      remove();
    }
  }
}

async function run(part: keyof typeof usual, folder: string, size: number): Promise<void> {
  if (part === 'delta') return benchCombinations(await benchDelta(root, folder, size));
  if (part === 'cds') return benchCds(root, folder, size);
  if (part === 'scale') return benchScale(root, folder, size);
  const home = benchEtl(root, folder, size);
  benchSchemas(root);
  benchArden();
  await benchStart(home);
  await benchApi(home);
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
