import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkFile } from '../src/cds/check/check-file.js';
import { registryOf } from '../src/cds/facts/registry.js';
import { readValueSets } from '../src/cds/facts/value-set.js';
import { makeGold } from './cds-gold.js';
import type { RuleTimes } from './cds-run.js';
import { serving } from './serving.js';
import { etlRun, figure, makeLanding, print, timed } from './timed.js';

/** Rules that must run within a minute over a million patients. */
const wanted = 25;
const seconds = 60;
const megabytes = 3_000;
/** Patients a second: a rule of two reads, and one that counts. */
const least = { ed_frequent_no_contact: 100_000, ed_frequent_attender: 1_000_000 } as const;
const few = 10_000;
const evaluation =
  'query ($patient: ID!) { cdsEvaluate(patientId: $patient) { ruleName outcome message indicator urgency } }';
/** Patients who are asked about, one after the other. */
const asked = 300;

/** The rules that ship over so many patients with eleven times as many events; one patient; check of a file. */
export async function benchCds(root: string, folder: string, patients: number): Promise<void> {
  const large = join(folder, 'large.duckdb');
  const events = await makeGold(large, patients);
  print(
    `Rules over ${patients.toLocaleString('en-GB')} patients with ${events.toLocaleString('en-GB')} events\n`,
  );
  const { output, megabytes: used } = timed(
    [join(import.meta.dirname, 'cds-run.js'), root, large, join(folder, 'spill')],
    {},
    folder,
  );
  const { rules, ratios, cpu } = JSON.parse(output) as RuleTimes;
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
  figure('peak memory, MB', used, megabytes, `${used.toFixed(0)} MB`);
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

/** All rules that clinicians have results of, for one patient after the other, asked over HTTP of a server that keeps nothing. */
async function benchPatient(root: string, folder: string): Promise<void> {
  const landing = join(folder, 'few');
  const home = join(folder, 'few-home');
  makeLanding(root, landing, few);
  etlRun(root, folder, home, landing);
  const server = await serving(home);
  try {
    const ask = (query: string, variables = {}): Promise<string> =>
      server.asking('clinician', '/graphql', JSON.stringify({ query, variables }));
    const rows = JSON.parse(await ask(`{ episodes(first: ${2 * asked}) { nodes { patientId } } }`)) as {
      readonly data: { readonly episodes: { readonly nodes: readonly { readonly patientId: string }[] } };
    };
    const patients = [...new Set(rows.data.episodes.nodes.map(({ patientId }) => patientId))].slice(0, asked);
    const times: number[] = [];
    let before = 0;
    let ran = 0;
    for (const [at, patient] of patients.entries()) {
      // The first ones warm up.
      if (at === asked / 3) before = await server.cpu();
      const began = performance.now();
      const text = await ask(evaluation, { patient });
      if (at < asked / 3) continue;
      times.push(performance.now() - began);
      ran = text.split('"ruleName"').length - 1;
    }
    if (times.length < asked / 2 || ran < wanted / 2)
      throw new Error(`${times.length} patients, ${ran} rules`);
    const cpu = ((await server.cpu()) - before) / times.length;
    times.sort((a, b) => a - b);
    const at = (share: number): number => times[Math.floor(times.length * share)] ?? Number.NaN;
    print(
      `  ${ran} rules for one of ${few.toLocaleString('en-GB')} patients over HTTP, CPU ${cpu.toFixed(1)} ms\n`,
    );
    figure('the same, p50, ms', at(0.5), 20, `${at(0.5).toFixed(1)} ms`);
    figure('the same, p95, ms', at(0.95), 200, `${at(0.95).toFixed(1)} ms`);
  } finally {
    server.stop();
  }
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
