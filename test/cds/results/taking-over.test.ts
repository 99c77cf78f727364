import type { Config } from '../../../src/config/environment.js';
import { addDays } from '../../../src/warehouse/grain.js';
import { loadAt, loadedHome } from '../../support/home.js';
import { temporaryFolder } from '../../support/landing.js';
import { contentOf, fromRelease, served } from '../../support/release.js';
import { runRules } from './run-rules.js';

const folder = temporaryFolder();
let config: Config;
let landing: string;
let day: string;

interface Result {
  readonly key: string;
  readonly rule: string;
  readonly first: string;
  readonly last: string;
  readonly occurrences: number;
  readonly resolved: string | null;
}

const results = (): Promise<Result[]> =>
  fromRelease<Result>(
    config,
    `select hex(result_key) as key, rule, cast(first_fired_at as varchar) as first, cast(last_fired_at as varchar) as last,
      occurrences, cast(resolved_at as varchar) as resolved from cds_result order by 1`,
  );
const byKey = (rows: readonly Result[]) => new Map(rows.map((row) => [row.key, row]));
/** Everything but the log of runs, which tells when and how long. */
const lasting = /^cds_(?!run$)/;

beforeAll(async () => {
  ({ config, landing } = await loadedHome(folder, { patients: 600 }));
  day = (await served(config)).manifest?.dataAsOf ?? '';
}, 120_000);

describe('results of a release', () => {
  it('are there after a load, as of the end of the last day with data', async () => {
    const rows = await results();
    expect(rows.length).toBeGreaterThan(50);
    expect(new Set(rows.map(({ first, last }) => `${first} ${last}`)).size).toBe(1);
    expect(rows[0]?.last.slice(0, 10)).toBe(day);
    expect(rows.every(({ occurrences, resolved }) => occurrences === 1 && resolved === null)).toBe(true);
  });

  it('are the same when the same is run again', async () => {
    const before = await contentOf(config, lasting);
    await runRules(config);
    expect(await contentOf(config, lasting)).toEqual(before);
    await loadAt(config, landing, true);
    expect(await contentOf(config, lasting)).toEqual(before);
  });

  it('go on in a later run: fired again, resolved, or new', async () => {
    const before = byKey(await results());
    await runRules(config, '--as-of', addDays(day, 7));
    const after = byKey(await results());
    const again = [...after.values()].filter(({ key, resolved }) => before.has(key) && resolved === null);
    const over = [...after.values()].filter(({ resolved }) => resolved !== null);
    expect([...before.keys()].every((key) => after.has(key))).toBe(true);
    expect(again.length).toBeGreaterThan(0);
    expect(over.length).toBeGreaterThan(0);
    for (const { key, first, last, occurrences } of again) {
      expect(first).toBe(before.get(key)?.first);
      expect(last.slice(0, 10)).toBe(addDays(day, 7));
      expect(occurrences).toBe(2);
    }
    for (const { key, last, resolved } of over) {
      expect(last).toBe(before.get(key)?.last);
      expect(resolved?.slice(0, 10)).toBe(addDays(day, 7));
    }
    const lost = await fromRelease<{ n: number }>(
      config,
      'select cast(count(*) as integer) as n from cds_result where result_key not in (select result_key from cds_evidence)',
    );
    expect(lost[0]?.n).toBe(0);
  });

  it('stay as they are where their rule is not run', async () => {
    const before = (await results()).filter(({ rule }) => rule !== 'copd_repeat_emergency');
    const ran = await runRules(config, '--as-of', addDays(day, 14), '--rule', 'copd_repeat_emergency');
    expect(ran.rules.map(({ rule }) => rule)).toEqual(['copd_repeat_emergency']);
    expect((await results()).filter(({ rule }) => rule !== 'copd_repeat_emergency')).toEqual(before);
  });

  it('of earlier runs are not taken over by a run as of an earlier time', async () => {
    await runRules(config, '--as-of', addDays(day, -60));
    const rows = await results();
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.every(({ occurrences, resolved }) => occurrences === 1 && resolved === null)).toBe(true);
    expect(new Set(rows.map(({ first }) => first.slice(0, 10)))).toEqual(new Set([addDays(day, -60)]));
  });

  it('are published as a release whose other tables are those of the one before', async () => {
    const others = /^(?!cds_)/;
    const [before, release] = [await contentOf(config, others), (await served(config)).manifest?.id ?? 0];
    const ran = await runRules(config);
    expect(ran.release).toBe(release + 1);
    expect(await contentOf(config, others)).toEqual(before);
  });
});
