import { join } from 'node:path';
import { timeOrEndOfDay } from '../../../src/cds/arden/run/literal.js';
import { dayText } from '../../../src/cds/facts/rows/bounds.js';
import { type Rule, type Rules, readRules } from '../../../src/cds/rules/read-rules.js';
import { backTest, barredFromPast, type Step } from '../../../src/cds/testing/back-test.js';
import { compareOverRelease } from '../../../src/cds/testing/over-release.js';
import { type Release, releaseOf } from '../../../src/cds/testing/release.js';
import { stepsOf } from '../../../src/cds/testing/steps.js';
import type { Config } from '../../../src/config/environment.js';
import type { ReleaseHandle, Warehouse } from '../../../src/warehouse/warehouse.js';
import { loadedHome } from '../../support/home.js';
import { temporaryFolder } from '../../support/landing.js';
import { fromRelease } from '../../support/release.js';
import { openFacts } from '../facts/facts-at.js';
import { rulesFolder } from '../rules/shipped.js';

const folder = temporaryFolder();
let rules: Rules;
let config: Config;
let warehouse: Warehouse;
let handle: ReleaseHandle;
let release: Release;

beforeAll(async () => {
  rules = await readRules(rulesFolder);
  ({ config } = await loadedHome(folder, {}));
  warehouse = await openFacts(config, join(folder, 'facts'));
  handle = warehouse.open();
  release = releaseOf(handle, warehouse, rules.registry);
}, 120_000);
afterAll(async () => {
  handle.close();
  await warehouse.close();
});

function ruleNamed(name: string): Rule {
  const rule = rules.rules.find((one) => one.name === name);
  if (!rule) throw new Error(`there is no rule ${name}`);
  return rule;
}

async function steps(name: string, from: string, to: string, step: string): Promise<Step[]> {
  const times = stepsOf(from, to, step);
  if (typeof times === 'string') throw new Error(times);
  const found: Step[] = [];
  for await (const one of backTest(ruleNamed(name), rules.registry, times.times, release)) found.push(one);
  return found;
}

describe('§11: every shipped rule over a release in both engines', () => {
  const compare = (source: Release, names?: readonly string[]) => {
    const now = timeOrEndOfDay(handle.info.dataAsOf);
    if (!now) throw new Error('no day');
    const some = rules.rules.filter(({ name }) => names?.includes(name) ?? true);
    return compareOverRelease(some, rules.registry, source, now, 1);
  };

  it('finds no difference in any rule, and rules that fire among them', async () => {
    const found = await compare(release);
    expect(found.map(({ rule }) => rule)).toEqual(rules.rules.map(({ name }) => name));
    expect(found.flatMap(({ differences }) => differences)).toEqual([]);
    expect(found.filter(({ fired }) => fired > 0).length).toBeGreaterThan(20);
    for (const { evaluated, fired, undecided } of found) {
      expect(evaluated).toBe(1_000);
      expect(fired + undecided).toBeLessThanOrEqual(evaluated);
    }
  }, 120_000);

  it('tells in which patients the engines differ, where the interpreter knows other codes', async () => {
    const blind = { ...release, source: { ...release.source, valueSets: new Map() } };
    const [found] = await compare(blind, ['copd_repeat_emergency']);
    expect(found?.fired).toBeGreaterThan(0);
    expect(found?.differences[0]).toMatch(
      /^patient \d+: the interpreter concludes false, the statement fires$/,
    );
    expect(found?.differences.length).toBeLessThanOrEqual(5);
  });
});

describe('§14: back-test', () => {
  const openSpells = async (day: string): Promise<number> => {
    const [found] = await fromRelease<{ n: bigint }>(
      config,
      `select count(distinct patient_no) as n from fact_spell where admission_date <= date '${day}' - 7
        and (discharge_date is null or discharge_date > date '${day}')`,
    );
    return Number(found?.n);
  };

  it('runs a rule at each step as of that time, without look-ahead', async () => {
    const found = await steps('los_stranded_7', '2024-06-30', '2024-09-30', '1m');
    expect(found.map(({ now }) => dayText(now))).toEqual([
      '2024-06-30',
      '2024-07-30',
      '2024-08-30',
      '2024-09-30',
    ]);
    for (const { now, patients } of found) expect(patients).toBe(await openSpells(dayText(now)));
    expect(found.some(({ patients }) => patients > 0)).toBe(true);
  });

  it('counts what is new and what is resolved since the step before', async () => {
    const found = await steps('los_stranded_7', '2024-09-01', '2024-12-01', '3');
    expect(found[0]).toMatchObject({ resolved: 0, cardsADay: null });
    expect(found[0]?.new).toBe(found[0]?.fired);
    for (const [at, step] of found.entries()) {
      const before = found[at - 1];
      if (!before) continue;
      expect(step.new - step.resolved).toBe(step.fired - before.fired);
      expect(step.cardsADay).toBe(step.new / 3);
    }
    expect(found.some(({ resolved }) => resolved > 0)).toBe(true);
    expect(found.slice(1).some(({ new: opened }) => opened > 0)).toBe(true);
    expect(found.some(({ new: opened, fired }) => opened < fired)).toBe(true);
  });

  it('takes a result without a row for another one in the next window', async () => {
    const found = await steps('copd_repeat_emergency', '2024-09-29', '2024-10-01', '1');
    const { window } = ruleNamed('copd_repeat_emergency').gem.delivery;
    expect(window).toBe('quarter');
    const [, sameQuarter, nextQuarter] = found;
    expect(sameQuarter?.new).toBeLessThan(sameQuarter?.fired ?? 0);
    expect(nextQuarter?.new).toBe(nextQuarter?.fired);
    expect(nextQuarter?.resolved).toBe(sameQuarter?.fired);
  });

  it('the same release, rule and time give the same figures', async () => {
    const twice = [1, 2].map(() => steps('readmit_30d', '2024-09-01', '2024-09-03', '1'));
    const [one, other] = await Promise.all(twice);
    expect(one).toEqual(other);
  });

  it('bars rules that read what cannot be reckoned as of an earlier day', () => {
    const barred = rules.rules.filter((rule) => barredFromPast(rule, rules.registry) !== undefined);
    expect(barred.map(({ name }) => name)).toEqual(
      rules.rules
        .filter(({ text }) =>
          /\{\s*(patient_cost|quality_finding|social_care_package)\b/.test(text.replace(/EVENT \{.*/g, '')),
        )
        .map(({ name }) => name),
    );
    expect(barred.length).toBeGreaterThan(3);
    expect(barredFromPast(ruleNamed('high_cost_top5'), rules.registry)).toBe(
      'reads patient_cost, which cannot be reckoned as of an earlier day',
    );
  });
});
