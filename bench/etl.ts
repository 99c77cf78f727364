import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunReport } from '../src/etl/report.js';

interface Timed {
  readonly wall: number;
  readonly cpu: number;
  readonly megabytes: number;
  readonly output: string;
}

/** A child process, and what it used by its own account at the end. */
function timed(args: readonly string[], env: NodeJS.ProcessEnv, folder: string): Timed {
  const usage = join(folder, 'usage.json');
  const began = performance.now();
  const child = spawnSync(process.execPath, ['--require', join(folder, 'usage.cjs'), ...args], {
    env: { ...process.env, ...env, UV_THREADPOOL_SIZE: '16', BENCH_USAGE: usage },
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (child.status !== 0) throw new Error(child.stderr);
  const wall = (performance.now() - began) / 1000;
  const { cpu, megabytes } = JSON.parse(readFileSync(usage, 'utf8')) as Pick<Timed, 'cpu' | 'megabytes'>;
  return { wall, cpu, megabytes, output: child.stdout };
}

const recordUsage = `process.on('exit', () => {
  const used = process.resourceUsage();
  require('node:fs').writeFileSync(process.env.BENCH_USAGE, JSON.stringify({
    cpu: (used.userCPUTime + used.systemCPUTime) / 1e6, megabytes: used.maxRSS / 1024 }));
});
`;

/** The ETL against one hand-written DuckDB script over the same CSV files. Leaves the home for the API bench. */
export function benchEtl(
  root: string,
  folder: string,
  patients: number,
): { home: string; trusts: readonly string[] } {
  const cli = join(root, 'bin', 'maplewood.cjs');
  writeFileSync(join(folder, 'usage.cjs'), recordUsage);
  const landing = join(folder, 'landing');
  execFileSync(
    process.execPath,
    [
      cli,
      'synth',
      '--out',
      landing,
      '--patients',
      String(patients),
      '--seed',
      '1',
      '--years',
      '2',
      '--format',
      'csv',
    ],
    { stdio: 'ignore' },
  );
  const home = join(folder, 'home');
  const floor = timed(
    [join(import.meta.dirname, 'etl-floor.js'), landing, join(folder, 'floor')],
    {},
    folder,
  );
  const ours = timed(
    [cli, 'etl', 'run', '--landing', landing, '--json'],
    { MAPLEWOOD_HOME: home, MAPLEWOOD_DEV: '1' },
    folder,
  );
  const report = JSON.parse(ours.output) as RunReport;
  const theirs = JSON.parse(floor.output) as Record<'bronze' | 'silver' | 'gold' | 'marts', number>;
  const rows = report.sources.reduce((sum, source) => sum + source.rows, 0);
  const seconds = (step: string): number => report.timings[step] ?? 0;
  const out = (text: string): void => {
    process.stdout.write(text);
  };
  const ratio = (label: string, a: number, b: number): void =>
    out(
      `  ${label.padEnd(46)} ${a.toFixed(1)} s / ${b.toFixed(1)} s = ${(a / b).toFixed(2)}  (at most 2.0) ${a / b <= 2 ? 'ok' : 'TOO SLOW'}\n`,
    );
  out(`ETL, ${rows.toLocaleString('en-GB')} source rows of CSV; ratio to one hand-written DuckDB script\n`);
  ratio(
    'cleaning: CSV to silver, wall',
    seconds('bronze') + seconds('silver') + seconds('rules'),
    theirs.bronze + theirs.silver,
  );
  ratio(
    'and star schema with keyed pseudonyms, wall',
    seconds('bronze') + seconds('silver') + seconds('rules') + seconds('gold'),
    theirs.bronze + theirs.silver + theirs.gold,
  );
  ratio('whole process with marts, checks, publish, wall', ours.wall, floor.wall);
  ratio('the same, CPU', ours.cpu, floor.cpu);
  out(
    `  steps: ${Object.entries(report.timings)
      .map(([step, time]) => `${step} ${time.toFixed(1)}`)
      .join(', ')}; script: ${Object.entries(theirs)
      .map(([step, time]) => `${step} ${time.toFixed(1)}`)
      .join(', ')}\n`,
  );
  out(
    `  peak memory ${ours.megabytes.toFixed(0)} MB (at most 1500) ${ours.megabytes <= 1500 ? 'ok' : 'TOO MUCH'}; the script ${floor.megabytes.toFixed(0)} MB\n`,
  );
  out(`  ${(rows / ours.wall / 1000).toFixed(0)},000 rows a second in all\n`);
  const again = timed(
    [cli, 'etl', 'run', '--landing', landing, '--json'],
    { MAPLEWOOD_HOME: home, MAPLEWOOD_DEV: '1' },
    folder,
  );
  out(
    `  the same landing again: ${(JSON.parse(again.output) as RunReport).outcome}, ${again.wall.toFixed(1)} s (at most 3.0)\n`,
  );
  const trusts = readFileSync(join(landing, 'trusts', 'trusts.csv'), 'utf8')
    .split('\n')
    .slice(1)
    .flatMap((line) => /^[A-Z0-9]{3,5}/.exec(line)?.[0] ?? []);
  return { home, trusts };
}

/** A folder for one bench, removed at the end. */
export function benchFolder(parent: string): { folder: string; remove(): void } {
  const folder = mkdtempSync(join(parent, 'maplewood-bench-'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
