import { join } from 'node:path';
import type { Config } from '../../../src/config/environment.js';
import { loadedHome } from '../../support/home.js';
import { temporaryFolder } from '../../support/landing.js';
import { fromRelease } from '../../support/release.js';
import { runRules } from './run-rules.js';

/** The catalogue of rules over a release of the original seed, as statements. */
const data = process.env['MAPLEWOOD_TEST_DATA'];
if (data === undefined)
  process.stdout.write(
    'results acceptance: SKIPPED, since MAPLEWOOD_TEST_DATA names no folder of test data\n',
  );
const withData = data === undefined ? describe.skip : describe;
const folder = data === undefined ? '' : temporaryFolder();

/** Patients for whom a rule fires at the end of 30 June 2023. */
const patients: Readonly<Record<string, number>> = {
  los_stranded_7: 102,
  readmit_30d: 635,
  ed_4h_breach: 22,
  ed_triage_target: 53,
  ed_frequent_no_contact: 2_550,
  ed_mh_no_referral: 85,
  safeguarding_repeat: 5,
  copd_repeat_emergency: 204,
  social_care_review_overdue: 60,
  dq_spell_dates: 1_516,
  dq_los_mismatch: 1_516,
};

withData('the catalogue on nhs_seed_original at the end of 30 June 2023', () => {
  let config: Config;
  let ran: Awaited<ReturnType<typeof runRules>>;
  beforeAll(async () => {
    ({ config } = await loadedHome(folder, { sample: join(data ?? '', 'nhs_seed_original') }));
    ran = await runRules(config, '--as-of', '2023-06-30');
  }, 300_000);

  it('runs every rule to its end', () => {
    expect(ran.rules.filter(({ failure }) => failure !== undefined)).toEqual([]);
    expect(ran.rules.every(({ evaluated }) => evaluated === 10_000)).toBe(true);
  });

  it.each(Object.entries(patients))('%s: %i patients', async (rule, fired) => {
    expect(ran.rules.find((line) => line.rule === rule)?.fired).toBe(fired);
    const [kept] = await fromRelease<{ patients: number }>(
      config,
      `select cast(count(distinct patient_no) as integer) as patients from cds_result where rule = '${rule}'`,
    );
    expect(kept?.patients).toBe(fired);
  });

  it('lace_high: 474 patients, give or take those with two discharges on their last day', async () => {
    // Which of the two counts is decided by their keys, which hang on the key of the warehouse.
    const [tied] = await fromRelease<{ patients: number }>(
      config,
      `select cast(count(*) as integer) as patients from (
        select patient_no, discharge_date as day, max(discharge_date) over (partition by patient_no) as last, count(*) as discharges
        from fact_spell where discharge_destination <> '79' and discharge_date between date '2023-05-31' and date '2023-06-30'
        group by patient_no, discharge_date) where day = last and discharges > 1`,
    );
    const fired = ran.rules.find(({ rule }) => rule === 'lace_high')?.fired ?? 0;
    expect(Math.abs(fired - 474)).toBeLessThanOrEqual(tied?.patients ?? 0);
  });

  it('gives every result a key of its own, and the rows that it rests on', async () => {
    const [row] = await fromRelease<{ results: number; keys: number; without: number }>(
      config,
      `select cast(count(*) as integer) as results, cast(count(distinct result_key) as integer) as keys,
        cast(count(*) filter (result_key not in (select result_key from cds_evidence)) as integer) as without
       from cds_result`,
    );
    expect(row?.results).toBe(ran.rules.reduce((sum, { fired }) => sum + fired, 0));
    expect(row?.keys).toBe(row?.results);
    expect(row?.without).toBe(0);
  });
});
