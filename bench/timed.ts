import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a child process used, by its own account at its end: seconds and megabytes. */
export interface Timed {
  readonly wall: number;
  readonly cpu: number;
  readonly megabytes: number;
  readonly output: string;
}

const recordUsage = `process.on('exit', () => {
  const used = process.resourceUsage();
  require('node:fs').writeFileSync(process.env.BENCH_USAGE, JSON.stringify({
    cpu: (used.userCPUTime + used.systemCPUTime) / 1e6, megabytes: used.maxRSS / 1024 }));
});
`;

/** A child process in Node, and what it used. `folder` holds the account. Throws with its stderr if it fails. */
export function timed(args: readonly string[], env: NodeJS.ProcessEnv, folder: string): Timed {
  const usage = join(folder, 'usage.json');
  const hook = join(folder, 'usage.cjs');
  writeFileSync(hook, recordUsage);
  const began = performance.now();
  const child = spawnSync(process.execPath, ['--require', hook, ...args], {
    env: { ...process.env, ...env, BENCH_USAGE: usage },
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (child.status !== 0) throw new Error(child.stderr);
  const wall = (performance.now() - began) / 1000;
  const { cpu, megabytes } = JSON.parse(readFileSync(usage, 'utf8')) as Pick<Timed, 'cpu' | 'megabytes'>;
  return { wall, cpu, megabytes, output: child.stdout };
}

/** A folder for one bench, removed at the end. */
export function benchFolder(parent: string): { folder: string; remove(): void } {
  const folder = mkdtempSync(join(parent, 'maplewood-bench-'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

export const print = (text: string): void => {
  process.stdout.write(text);
};

/** A figure against its limit, on one line. */
export function figure(label: string, value: number, atMost: number, how: string): void {
  print(
    `  ${label.padEnd(46)} ${how} = ${value.toFixed(2)}  (at most ${atMost.toFixed(2)}) ${value <= atMost ? 'ok' : 'TOO MUCH'}\n`,
  );
}

/** Synthetic files of so many patients over two years; `more`: what else is said to `maplewood synth`. */
export function makeLanding(root: string, out: string, patients: number, ...more: readonly string[]): void {
  const cli = join(root, 'bin', 'maplewood.cjs');
  const args = [
    cli,
    'synth',
    '--out',
    out,
    '--patients',
    String(patients),
    '--seed',
    '1',
    '--years',
    '2',
    ...more,
  ];
  execFileSync(process.execPath, args, { stdio: 'ignore' });
}

/** One run of the ETL in a home of its own, and its rows. */
export const etlRun = (root: string, folder: string, home: string, landing: string): Timed =>
  timed(
    [join(root, 'bin', 'maplewood.cjs'), 'etl', 'run', '--landing', landing, '--json'],
    { MAPLEWOOD_HOME: home, MAPLEWOOD_DEV: '1' },
    folder,
  );
