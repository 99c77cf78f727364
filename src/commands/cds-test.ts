import { randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { formatWallClock } from '../cds/arden/run/format.js';
import { endOfDay } from '../cds/arden/run/literal.js';
import type { Time } from '../cds/arden/value.js';
import { proveRandomRules, type RandomProof } from '../cds/proof/random-rules.js';
import { type Rule, type Rules, readRules } from '../cds/rules/read-rules.js';
import { backTest, barredFromPast } from '../cds/testing/back-test.js';
import { keepStep, keepTest } from '../cds/testing/figures.js';
import { type Compared, compareOverRelease } from '../cds/testing/over-release.js';
import { type Release, releaseOf } from '../cds/testing/release.js';
import { type Steps, stepsOf } from '../cds/testing/steps.js';
import { type Tested, testRules } from '../cds/testing/test-rules.js';
import type { Config } from '../config/environment.js';
import { ensureHome } from '../config/home.js';
import { MaplewoodError } from '../errors.js';
import { fileStateStore } from '../state/file.js';
import type { StateStore } from '../state/store.js';
import { publishedReleases } from '../warehouse/duckdb/files.js';
import { rulesFolder } from './cds-files.js';
import { type Reporter, reporter } from './cds-test-report.js';
import { type Command, type CommandContext, parse, wholeNumber } from './command.js';
import { openWarehouse } from './parts.js';

/** Random rules of which the engines are asked. */
const randomRules = 100;

interface Asked {
  readonly seed: number;
  readonly steps: Steps | undefined;
  readonly rules: Rules;
}

/**
 * `cds test`: the rules on their test cases; the interpreter against the statements, on random rules and on the release that
 * is served; with `--backtest` the rules over the past. Exit code 1 where a case failed or the engines differ.
 */
export async function testAll(
  command: Pick<Command, 'usage'>,
  args: readonly string[],
  context: CommandContext,
): Promise<void> {
  const { values, positionals } = parse(
    command,
    args,
    {
      rule: { type: 'string', multiple: true, default: [] },
      seed: { type: 'string' },
      backtest: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
    2,
  );
  const usage = (problem: string): MaplewoodError =>
    new MaplewoodError('USAGE', `${problem}.\nUsage: ${command.usage}`);
  const [to = '', step = ''] = positionals;
  if (values.backtest === undefined ? positionals.length > 0 : positionals.length !== 2)
    throw usage('--backtest takes FROM, TO and STEP, and nothing else is given without a name');
  const steps = values.backtest === undefined ? undefined : stepsOf(values.backtest, to, step);
  if (typeof steps === 'string') throw usage(`--backtest: ${steps}`);
  const all = await readRules(rulesFolder(context.root));
  const unknown = values.rule.find((name) => !all.rules.some((rule) => rule.name === name));
  if (unknown !== undefined) throw usage(`There is no rule ${unknown}`);
  const rules = {
    ...all,
    rules: all.rules.filter(({ name }) => values.rule.length === 0 || values.rule.includes(name)),
  };
  const seed = values.seed === undefined ? randomInt(2 ** 31) : wholeNumber(command, '--seed', values.seed);
  const report = reporter(context, values.json);
  const failed = await tested({ seed, steps, rules }, context, report);
  if (failed > 0) process.exitCode = 1;
}

/** How many things failed. */
function tested(asked: Asked, context: CommandContext, report: Reporter): Promise<number> {
  const { rules, seed, steps } = asked;
  const config = context.config();
  return withRelease(config, rules, steps !== undefined, async (served) => {
    const now = served && endOfDay(served.dataAsOf);
    if (steps && now) assertWithin(steps, now);
    const cases = await testRules(rules, rulesFolder(context.root));
    report.cases(cases);
    const proof = await proveRandomRules({ seed: seed % 2 ** 31, rules: randomRules });
    report.random(seed, proof);
    const compared = await comparedOver(served?.release, now, asked, report);
    const state = stateOf(config);
    await keepTests(state, rules.rules, cases, compared, served?.release.id ?? null);
    if (served && steps) await overThePast(asked, steps, served.release, state, report);
    return failures(cases, proof, compared);
  });
}

/** What both engines say over the release that is served, if there is one. */
async function comparedOver(
  release: Release | undefined,
  now: Time | undefined,
  { rules, seed }: Asked,
  report: Reporter,
): Promise<readonly Compared[]> {
  if (!release || !now) {
    report.note('No release has been published yet: the engines are not compared over one.');
    return [];
  }
  const found = await compareOverRelease(rules.rules, rules.registry, release, now, seed);
  report.release(release.id, now, found);
  return found;
}

const failures = (cases: readonly Tested[], proof: RandomProof, compared: readonly Compared[]): number =>
  cases.reduce((sum, { failed }) => sum + failed.length, 0) +
  (proof.difference ? 1 : 0) +
  compared.filter(({ differences }) => differences.length > 0).length;

/** Error: `USAGE` where a step lies after the data. */
function assertWithin({ times }: Steps, end: Time): void {
  if (times.every(({ instant }) => instant <= end.instant)) return;
  const last = formatWallClock(end.wall);
  throw new MaplewoodError(
    'USAGE',
    `The release has data up to ${last}: no step of --backtest may be later.`,
  );
}

/** Runs the rules at each time of the past, and keeps what they found. */
async function overThePast(
  { rules: { rules, registry } }: Asked,
  steps: Steps,
  release: Release,
  state: StateStore | undefined,
  report: Reporter,
): Promise<void> {
  report.backTest(steps);
  for (const rule of rules) {
    const barred = barredFromPast(rule, registry);
    if (barred !== undefined) {
      report.barred(rule.name, barred);
      continue;
    }
    for await (const step of backTest(rule, registry, steps.times, release)) {
      report.step(step);
      if (state) await keepStep(state, rule, step, { release: release.id, step: steps.step });
    }
  }
}

async function keepTests(
  state: StateStore | undefined,
  rules: readonly Rule[],
  cases: readonly Tested[],
  compared: readonly Compared[],
  release: number | null,
): Promise<void> {
  if (!state) return;
  for (const rule of rules) {
    const { passed = 0, failed = [] } = cases.find((one) => one.rule === rule.name) ?? {};
    const differ = compared.some((one) => one.rule === rule.name && one.differences.length > 0);
    await keepTest(state, rule, { passed, failed: failed.length + (differ ? 1 : 0), release });
  }
}

/** Where figures are kept; undefined before there is a home, and where the state is no folder. */
function stateOf({ state, home }: Config): StateStore | undefined {
  if (state.kind !== 'folder' || !existsSync(home.root)) return undefined;
  ensureHome(home);
  return fileStateStore(state.path);
}

/** The release that is served, and its last day with data. */
interface Served {
  readonly release: Release;
  readonly dataAsOf: string;
}

/** Does something with the release that is served; with undefined where there is none, unless one is needed. */
async function withRelease<T>(
  config: Config,
  { registry }: Rules,
  isNeeded: boolean,
  work: (served: Served | undefined) => Promise<T>,
): Promise<T> {
  const { warehouse: place } = config;
  // Asked before the warehouse is opened, which makes a home.
  if (!isNeeded && place.kind === 'duckdb' && (await publishedReleases(place.path)).length === 0)
    return work(undefined);
  const warehouse = await openWarehouse(config);
  try {
    const handle = warehouse.open();
    try {
      const { dataAsOf } = handle.info;
      return await work({ release: releaseOf(handle, warehouse, registry), dataAsOf });
    } finally {
      handle.close();
    }
  } finally {
    await warehouse.close();
  }
}
