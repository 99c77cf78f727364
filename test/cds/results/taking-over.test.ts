import type { Config } from '../../../src/config/environment.js';
import { fileStateStore } from '../../../src/state/file.js';
import { addDays } from '../../../src/warehouse/grain.js';
import { london } from '../../loaders/calendar.js';
import { loadAt, loadedHome } from '../../support/home.js';
import { temporaryFolder } from '../../support/landing.js';
import { contentOf, fromRelease, served } from '../../support/release.js';
import { overriddenCards } from '../hooks/overridden-cards.js';
import { rulesWithLoop } from './loop-rule.js';
import { runRules, runRulesOf } from './run-rules.js';

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
const lasting = /^(mart_)?cds_(?!run$)/;

interface Counted {
  readonly rule: string;
  readonly day: string;
  readonly about: string;
  readonly fired: number;
  readonly patients: number;
  readonly resolved: number;
  readonly repeats: number;
}

/** By rule and day what the mart has, and the same by hand from the results of rules in production. */
async function countedTwice(): Promise<[mart: Counted[], byHand: Counted[]]> {
  const mart = await fromRelease<Counted>(
    config,
    `select rule, cast(period as varchar) as day, about, cast(events as integer) as fired, cast(events__persons as integer) as patients,
      cast(resolved as integer) as resolved, cast(repeats as integer) as repeats
     from mart_cds_counts where grain = 'DAY' and rule is not null and trust_code is null and objective is null order by rule, day`,
  );
  const rows = await fromRelease<Record<'rule' | 'first' | 'patient', string> & { n: number; over: boolean }>(
    config,
    `select r.rule, cast(first_fired_at as varchar) as first, hex(patient_sk) as patient, occurrences as n, resolved_at is not null as over
     from cds_result r join cds_rule u using (rule, text_sha256) where u.validation = 'production'`,
  );
  const byHand = new Map<string, Omit<Counted, 'patients'> & { people: Set<string> }>();
  for (const { rule, first, patient, n, over } of rows) {
    const day = london(Date.parse(`${first.replace(' ', 'T')}Z`) / 1000).day;
    const known = byHand.get(`${rule} ${day}`) ?? {
      ...{ rule, day, about: rule.startsWith('dq_') ? 'DATA_QUALITY' : 'CARE' },
      ...{ fired: 0, resolved: 0, repeats: 0, people: new Set<string>() },
    };
    known.people.add(patient);
    byHand.set(`${rule} ${day}`, {
      ...known,
      fired: known.fired + 1,
      resolved: known.resolved + (over ? 1 : 0),
      repeats: known.repeats + n - 1,
    });
  }
  return [
    mart,
    [...byHand]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, { people, ...counted }]) => ({ ...counted, patients: people.size })),
  ];
}

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

  it('are counted by rule and day, those in production alone', async () => {
    const [mart, byHand] = await countedTwice();
    expect(mart).toEqual(byHand);
    expect(new Set(mart.map(({ about }) => about))).toEqual(new Set(['CARE', 'DATA_QUALITY']));
    expect(mart.every((row) => row.day === day && row.resolved === 0 && row.repeats === 0)).toBe(true);
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

  it('are counted again after it: on the day of the first time, with those that are over and came again', async () => {
    const [mart, byHand] = await countedTwice();
    expect(mart).toEqual(byHand);
    expect(new Set(mart.map((row) => row.day))).toEqual(new Set([day, addDays(day, 7)]));
    expect(mart.some(({ resolved }) => resolved > 0)).toBe(true);
    expect(mart.some(({ repeats }) => repeats > 0)).toBe(true);
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
    const others = /^(?!(mart_)?cds_)/;
    const [before, release] = [await contentOf(config, others), (await served(config)).manifest?.id ?? 0];
    const ran = await runRules(config);
    expect(ran.release).toBe(release + 1);
    expect(await contentOf(config, others)).toEqual(before);
  });
});

describe('results by the interpreter', () => {
  const tables = async () => ({
    results: await fromRelease(
      config,
      'select * exclude (text_sha256), hex(result_key) from cds_result order by result_key',
    ),
    variables: await fromRelease<{ key: string; name: string }>(
      config,
      "select hex(result_key) as key, * exclude (result_key) from cds_variable where name not like '#%' order by 1, name",
    ),
    evidence: await fromRelease(
      config,
      'select hex(result_key) as key, hex(row_key) as row, * exclude (result_key, row_key) from cds_evidence order by 1, 2, fact',
    ),
  });

  it('are those of the statements: rows of all tables, of every shipped rule', async () => {
    const [statements, before] = [(await runRules(config)).rules, await tables()];
    const interpreted = (await runRules(config, '--interpret')).rules;
    const counted = (lines: typeof statements) =>
      lines.map(({ rule, evaluated, fired, rows, undecided, failed }) => ({
        rule,
        evaluated,
        fired,
        rows,
        undecided,
        failed,
      }));
    expect(new Set(statements.map(({ engine }) => engine))).toEqual(new Set(['statement']));
    expect(new Set(interpreted.map(({ engine }) => engine))).toEqual(new Set(['interpreter']));
    expect(counted(interpreted)).toEqual(counted(statements));
    const after = await tables();
    expect(before.results.length).toBeGreaterThan(50);
    expect(after.results).toEqual(before.results);
    expect(after.evidence).toEqual(before.evidence);
    // Those that the statements compute when they are read are kept as well.
    const kept = new Set(before.variables.map(({ key, name }) => `${key} ${name}`));
    expect(before.variables.length).toBeGreaterThan(50);
    expect(after.variables.filter(({ key, name }) => kept.has(`${key} ${name}`))).toEqual(before.variables);
  }, 120_000);

  it('of a rule that no statement can run are there too, and go on', async () => {
    const from = rulesWithLoop(`${folder}/with-loop`);
    const [line] = (await runRulesOf(from, config, '--rule', 'long_stays')).rules;
    const expected = await fromRelease<{ patient_no: number; total: number }>(
      config,
      `select patient_no, cast(sum(los_days) as integer) as total from fact_spell
       where discharge_date <= date '${day}' group by 1 having total >= 20 order by 1`,
    );
    expect(expected.length).toBeGreaterThan(5);
    expect(line).toMatchObject({ engine: 'interpreter', fired: expected.length, failed: 0 });
    const found = () =>
      fromRelease<{ patient_no: number; total: number }>(
        config,
        `select r.patient_no, cast(v.number_value as integer) as total from cds_result r join cds_variable v using (result_key)
         where r.rule = 'long_stays' and v.name = 'total' and r.urgency = 60 and r.subject_key is not null and r.trust_code is not null order by 1`,
      );
    expect(await found()).toEqual(expected);
    const [run] = await fromRelease<{ engine: string; reasons: string; purpose: string; priority: number }>(
      config,
      `select engine, reasons, purpose, priority from cds_run join cds_rule using (rule, text_sha256)
       where rule = 'long_stays' and not is_set_based and subject_fact = 'spell'`,
    );
    expect(run).toEqual({
      engine: 'interpreter',
      reasons: 'LOOP',
      purpose: 'Find people with many days in hospital.',
      priority: 40,
    });
    await runRulesOf(from, config, '--rule', 'long_stays', '--as-of', addDays(day, 1));
    expect(await found()).toEqual(expect.arrayContaining(expected.slice(0, 1)));
    const again = await fromRelease<{ n: number }>(
      config,
      "select cast(count(*) as integer) as n from cds_result where rule = 'long_stays' and occurrences = 2",
    );
    expect(again).toEqual([{ n: expected.length }]);
  }, 60_000);

  it('of a patient whose run does not come to its end are undecided, and counted', async () => {
    const endless = 'total := 0; WHILE COUNT stays >= 3 DO total := total + 1; ENDDO; CONCLUDE FALSE;';
    const from = rulesWithLoop(`${folder}/endless`, endless);
    const [line] = (await runRulesOf(from, config, '--rule', 'long_stays')).rules;
    const [{ n } = { n: 0 }] = await fromRelease<{ n: number }>(
      config,
      'select cast(count(*) as integer) as n from (select patient_no from fact_spell group by 1 having count(*) >= 3)',
    );
    expect(n).toBeGreaterThan(0);
    expect(line).toMatchObject({ engine: 'interpreter', fired: 0, undecided: n, failed: n });
    expect(line?.failure).toBeUndefined();
  }, 120_000);
});

describe('the report of a run', () => {
  it('names the rules whose cards nobody follows', async () => {
    const only = ['--rule', 'copd_repeat_emergency'];
    expect((await runRules(config, ...only)).demoted).toEqual([]);
    if (config.state.kind !== 'folder') throw new Error('the state is no folder');
    await overriddenCards(fileStateStore(config.state.path), 'readmit_30d', 50);
    expect((await runRules(config, ...only)).demoted).toEqual([
      { rule: 'readmit_30d', outcomes: 50, overridden: 50 },
    ]);
  }, 60_000);
});
