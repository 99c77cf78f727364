import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { backTestKind, testKind } from '../../src/cds/testing/figures.js';
import { cds } from '../../src/commands/cds.js';
import type { Config } from '../../src/config/environment.js';
import { fileStateStore } from '../../src/state/file.js';
import type { StateEvent } from '../../src/state/store.js';
import { configAt, loadedHome, quiet } from '../support/home.js';
import { root, temporaryFolder } from '../support/landing.js';

const folder = temporaryFolder();

interface Ran {
  readonly out: string;
  readonly err: string;
  readonly exitCode: unknown;
}

async function test(config: Config, args: readonly string[], from = root): Promise<Ran> {
  const printed = { out: '', err: '' };
  process.exitCode = undefined;
  try {
    await cds.run(['test', ...args], {
      ...quiet(),
      root: from,
      config: () => config,
      out: (text) => {
        printed.out += text;
      },
      err: (text) => {
        printed.err += text;
      },
    });
    return { ...printed, exitCode: process.exitCode ?? 0 };
  } finally {
    process.exitCode = undefined;
  }
}

const lines = ({ out }: Ran) =>
  out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

const eventsOf = ({ state }: Config, kind: string): Promise<readonly StateEvent[]> => {
  if (state.kind !== 'folder') throw new Error('the state is no folder');
  return fileStateStore(state.path).events(kind);
};

const some = ['--rule', 'los_stranded_7', '--rule', 'high_cost_top5', '--seed', '7'];
const past = ['--backtest', '2024-10-31', '2024-12-31', '1m'];

describe('maplewood cds test over a release', () => {
  let config: Config;
  let json: Ran;
  beforeAll(async () => {
    ({ config } = await loadedHome(folder, {}));
    json = await test(config, [...some, ...past, '--json']);
  }, 120_000);

  it('prints a line of JSON for each rule, engine proof and step, and ends with 0', () => {
    const found = lines(json);
    expect(json.exitCode).toBe(0);
    expect(found.map(({ kind, rule }) => [kind, rule])).toEqual([
      ['cases', 'high_cost_top5'],
      ['cases', 'los_stranded_7'],
      ['random', undefined],
      ['release', 'high_cost_top5'],
      ['release', 'los_stranded_7'],
      ['barred', 'high_cost_top5'],
      ['backtest', 'los_stranded_7'],
      ['backtest', 'los_stranded_7'],
      ['backtest', 'los_stranded_7'],
    ]);
    expect(found[2]).toMatchObject({ seed: 7, rules: 100, difference: null });
    expect(found[4]).toMatchObject({
      release: 1,
      now: '2024-12-31T23:59:59',
      evaluated: 1_000,
      differences: [],
    });
    expect(found.at(-1)).toMatchObject({ now: '2024-12-31T23:59:59', fired: found[4].fired });
  });

  it('keeps the figures of tests and back-tests in the state store', async () => {
    const [tests, steps] = [await eventsOf(config, testKind), await eventsOf(config, backTestKind)];
    expect(tests.map(({ subject }) => subject)).toEqual(['high_cost_top5', 'los_stranded_7']);
    expect(tests[1]?.body).toEqual({
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      passed: expect.any(Number),
      failed: 0,
      release: 1,
    });
    const printed = lines(json).filter(({ kind }) => kind === 'backtest');
    expect(steps.map(({ subject }) => subject)).toEqual(printed.map(({ rule }) => rule));
    expect(
      steps.map(({ body: { now, fired, new: opened, resolved, cardsADay } }) => [
        now,
        fired,
        opened,
        resolved,
        cardsADay,
      ]),
    ).toEqual(
      printed.map(({ now, fired, new: opened, resolved, cardsADay }) => [
        now,
        fired,
        opened,
        resolved,
        cardsADay,
      ]),
    );
    expect(steps[0]?.body).toMatchObject({ release: 1, step: '1 month' });
  });

  it('prints tables', async () => {
    const { out } = await test(config, [...some, ...past]);
    expect(out).toMatch(/rule +passed +failed\n +high_cost_top5 +3 +0\n/);
    expect(out).toContain('100 random rules with --seed 7: they agree');
    expect(out).toMatch(/release 1 as of 2024-12-31T23:59:59\n/);
    expect(out).toMatch(/los_stranded_7 +1,000 +\d+ +\d+ +agree\n/);
    expect(out).toContain(
      'high_cost_top5               barred: it reads patient_cost, which cannot be reckoned as of an earlier day\n',
    );
    expect(out).toMatch(/los_stranded_7 +2024-10-31( +\d+){4} +-\n +2024-11-30( +\d+){4} +\d+\.\d\n/);
  }, 60_000);

  it('refuses steps after the data', async () => {
    await expect(
      test(config, [...some, '--backtest', '2024-12-31', '2025-01-02', '1']),
    ).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining('2024-12-31T23:59:59'),
    });
  }, 60_000);
});

describe('maplewood cds test without a release', () => {
  const config = configAt(join(folder, 'nowhere'));

  it('ends with 1 where a case fails, names it, and makes no home', async () => {
    const copy = join(folder, 'copy');
    cpSync(join(root, 'rules'), join(copy, 'rules'), { recursive: true });
    const cases = join(copy, 'rules', 'tests', 'high_cost_top5.yaml');
    writeFileSync(cases, readFileSync(cases, 'utf8').replace('in_top5: false', 'in_top5: true'));
    const { out, exitCode } = await test(config, ['--rule', 'high_cost_top5'], copy);
    expect(exitCode).toBe(1);
    expect(out).toContain('does not fire below: fires: true, not false\n');
    expect(out).toContain('No release has been published yet');
    expect(existsSync(config.home.root)).toBe(false);
  }, 60_000);

  it('refuses a back-test', async () => {
    await expect(test(config, [...some, ...past])).rejects.toMatchObject({ code: 'WAREHOUSE_UNAVAILABLE' });
  }, 60_000);

  it.each([
    [['--rule', 'none']],
    [['--seed', 'x']],
    [['--backtest', '2024-10-31']],
    [['--backtest', '2024-10-31', '2024-12-31']],
    [['--backtest', '2024-10-31', '2024-12-31', 'x']],
    [['2024-10-31', '2024-12-31']],
  ])('refuses %j', async (args) => {
    await expect(test(config, args)).rejects.toMatchObject({ code: 'USAGE' });
  });
});
