import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkFile } from '../src/cds/check/check-file.js';
import { registryOf } from '../src/cds/facts/registry.js';
import { readValueSets } from '../src/cds/facts/value-set.js';
import { makeGold } from './cds-gold.js';
import type { PatientTimes, RuleTimes } from './cds-run.js';
import { figure, print, timed } from './timed.js';

/** Rules that must run within a minute over a million patients. */
const wanted = 25;
const seconds = 60;
const megabytes = 3_000;
/** Patients a second: a rule of two reads, and one that counts. */
const least = { ed_frequent_no_contact: 100_000, ed_frequent_attender: 1_000_000 } as const;
const few = 10_000;

/** The rules that ship over so many patients with eleven times as many events; one patient; check of a file. */
export async function benchCds(root: string, folder: string, patients: number): Promise<void> {
  const large = join(folder, 'large.duckdb');
  const events = await makeGold(large, patients);
  print(
    `Rules over ${patients.toLocaleString('en-GB')} patients with ${events.toLocaleString('en-GB')} events\n`,
  );
  const run = ranOver<RuleTimes>(root, folder, large, 'all');
  const { rules, ratios, cpu } = run.times;
  for (const { rule, seconds: took, fired } of rules)
    print(`    ${rule.padEnd(30)} ${took.toFixed(2)} s, ${fired.toLocaleString('en-GB')} fired\n`);
  const all = rules.reduce((sum, one) => sum + one.seconds, 0);
  figure(
    `${wanted} rules of ${rules.length}, by the mean, seconds`,
    (all / rules.length) * wanted,
    seconds,
    `${all.toFixed(1)} s / ${rules.length} × ${wanted}`,
  );
  print(`  all ${rules.length} rules: ${all.toFixed(1)} s, processor time ${cpu.toFixed(1)} s\n`);
  figure('peak memory, MB', run.megabytes, megabytes, `${run.megabytes.toFixed(0)} MB`);
  for (const { rule, ours, theirs, fired } of ratios) {
    figure(`${rule}, against SQL by hand`, ours / theirs, 2, `${ours.toFixed(2)} s / ${theirs.toFixed(2)} s`);
    if (fired[0] !== fired[1])
      throw new Error(`${rule} fires for ${fired[0]} patients, and by hand for ${fired[1]}`);
    const speed = patients / ours;
    const limit = least[rule as keyof typeof least];
    print(
      `  ${rule.padEnd(46)} ${Math.round(speed).toLocaleString('en-GB')} patients/s (at least ${limit.toLocaleString('en-GB')}) ${speed >= limit ? 'ok' : 'TOO SLOW'}\n`,
    );
  }
  await benchPatient(root, folder);
  await benchCheck(root);
}

interface Ran<T> {
  readonly times: T;
  readonly megabytes: number;
}

/** Runs rules over gold in a process of its own. */
function ranOver<T>(root: string, folder: string, file: string, part: string): Ran<T> {
  const { output, megabytes: used } = timed(
    [join(import.meta.dirname, 'cds-run.js'), root, file, join(folder, 'spill'), part],
    {},
    folder,
  );
  return { times: JSON.parse(output) as T, megabytes: used };
}

/** All rules for one of ten thousand patients. */
async function benchPatient(root: string, folder: string): Promise<void> {
  const small = join(folder, 'small.duckdb');
  await makeGold(small, few);
  const { p50, p95 } = ranOver<PatientTimes>(root, folder, small, 'patient').times;
  figure(
    `all rules for one of ${few.toLocaleString('en-GB')} patients, p50, ms`,
    p50,
    20,
    `${p50.toFixed(1)} ms`,
  );
  figure('the same, p95, ms', p95, 200, `${p95.toFixed(1)} ms`);
}

/** Parsing and checking the rules that ship. */
async function benchCheck(root: string): Promise<void> {
  const folder = join(root, 'rules');
  const registry = registryOf(await readValueSets(join(folder, 'valuesets')));
  const files = readdirSync(folder)
    .filter((file) => file.endsWith('.mlm'))
    .map((file) => readFileSync(join(folder, file)));
  const check = (): number => {
    const began = performance.now();
    for (const bytes of files) checkFile('', bytes, { mode: 'strict', registry });
    return (performance.now() - began) / files.length;
  };
  check();
  const times = Array.from({ length: 5 }, check).sort((a, b) => a - b);
  figure(
    'parse and check of one MLM, ms',
    times[2] ?? Number.NaN,
    5,
    `${(times[2] ?? Number.NaN).toFixed(2)} ms`,
  );
}
