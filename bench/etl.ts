import { join } from 'node:path';
import type { RunReport } from '../src/etl/report.js';
import { etlRun, makeLanding, print, timed } from './timed.js';

/** Steps of the script, and those of ours that do the same. */
const sameSteps: Readonly<Record<'bronze' | 'silver' | 'gold' | 'marts', readonly string[]>> = {
  bronze: ['bronze'],
  silver: ['silver', 'rules'],
  gold: ['gold'],
  marts: ['marts'],
};

/** The ETL against one hand-written DuckDB script over the same CSV files. Leaves the home for the API bench. */
export function benchEtl(root: string, folder: string, patients: number): string {
  const landing = join(folder, 'landing');
  makeLanding(root, landing, patients, '--format', 'csv', '--tables-only');
  const home = join(folder, 'home');
  const floor = timed(
    [join(import.meta.dirname, 'etl-floor.js'), landing, join(folder, 'floor')],
    {},
    folder,
  );
  const ours = etlRun(root, folder, home, landing);
  const report = JSON.parse(ours.output) as RunReport;
  const theirs = JSON.parse(floor.output) as Record<'bronze' | 'silver' | 'gold' | 'marts', number>;
  const rows = report.sources.reduce((sum, source) => sum + source.rows, 0);
  const seconds = (step: string): number => report.timings[step] ?? 0;
  const ratio = (label: string, a: number, b: number): void =>
    print(
      `  ${label.padEnd(46)} ${a.toFixed(1)} s / ${b.toFixed(1)} s = ${(a / b).toFixed(2)}  (at most 2.0) ${a / b <= 2 ? 'ok' : 'TOO SLOW'}\n`,
    );
  print(`ETL, ${rows.toLocaleString('en-GB')} source rows of CSV; ratio to one hand-written DuckDB script\n`);
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
  // Steps that the script does not have (checks, OMOP, publishing) are told without a ratio.
  const own = { ...report.timings };
  for (const [step, parts] of Object.entries(sameSteps)) {
    const ours = parts.reduce((sum, part) => sum + seconds(part), 0);
    const script = theirs[step as keyof typeof theirs];
    print(
      `    ${step.padEnd(44)} ${ours.toFixed(1)} s / ${script.toFixed(1)} s = ${(ours / script).toFixed(2)}\n`,
    );
    for (const part of parts) delete own[part];
  }
  print(
    `    beside them: ${Object.entries(own)
      .map(([step, time]) => `${step} ${time.toFixed(1)} s`)
      .join(', ')}\n`,
  );
  print(
    `  peak memory ${ours.megabytes.toFixed(0)} MB (at most 1500) ${ours.megabytes <= 1500 ? 'ok' : 'TOO MUCH'}; the script ${floor.megabytes.toFixed(0)} MB\n`,
  );
  print(`  ${(rows / ours.wall / 1000).toFixed(0)},000 rows a second in all\n`);
  const again = etlRun(root, folder, home, landing);
  print(
    `  the same landing again: ${(JSON.parse(again.output) as RunReport).outcome}, ${again.wall.toFixed(1)} s (at most 3.0)\n`,
  );
  return home;
}
