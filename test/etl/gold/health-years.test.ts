import { join } from 'node:path';
import { type Engine, openEngine } from '../../../src/etl/engine.js';
import { healthYearSql, staleYearsSql } from '../../../src/etl/gold/health-years.js';
import { temporaryFolder } from '../../support/landing.js';

const folder = temporaryFolder();
let engine: Engine;

beforeAll(async () => {
  engine = await openEngine({ spill: join(folder, 'spill'), threads: 2, memoryLimit: '1GB' });
  const table = (name: string, columns: string, rows: readonly string[]): Promise<void> =>
    engine.run(`create table ${name} as select * from (values ${rows.join(', ')}) t(${columns})`);
  await table('dim_date', 'year_start, in_data', [
    "(DATE '2022-01-01', true)",
    "(DATE '2023-01-01', true)",
    "(DATE '2024-01-01', false)",
  ]);
  // 40, 39 until July, unknown, born late in 2023, born in 2024, the oldest.
  await table('patient_key', 'patient_no, date_of_birth', [
    "(1, DATE '1983-01-01')",
    "(2, DATE '1983-07-02')",
    '(3, null)',
    "(4, DATE '2023-11-30')",
    "(5, DATE '2024-01-01')",
    "(6, DATE '1901-05-05')",
  ]);
  await table('dim_patient', 'patient_no, deprivation_quintile, ethnic_group', [
    "(1, 1, 'white')",
    "(2, 5, 'asian')",
    "(3, null, 'not_stated')",
    "(4, 3, 'black')",
    "(5, 3, 'black')",
    "(6, 2, 'white')",
  ]);
  await table(
    'fact_spell',
    'patient_no, admission_date, discharge_date, is_emergency, admission_method, discharge_destination',
    [
      "(1, DATE '2023-01-01', DATE '2023-01-02', true, '21', '19')",
      "(1, DATE '2023-12-31', DATE '2024-01-05', true, '22', '79')",
      "(1, DATE '2022-05-05', DATE '2022-05-06', false, '12', '79')",
      "(2, DATE '2023-03-03', null, false, '82', null)",
      "(9, DATE '2023-03-03', null, true, '21', null)",
    ],
  );
  await table('fact_ed_attendance', 'patient_no, arrival_date, total_minutes, discharge_destination', [
    "(2, DATE '2023-02-01', 240, '01')",
    "(2, DATE '2023-02-02', 241, '04')",
    "(2, DATE '2021-02-02', 300, '01')",
    "(3, DATE '2023-02-02', null, '01')",
  ]);
  await table('fact_referral', 'patient_no, referral_date', ["(3, DATE '2022-06-30')"]);
  await table('fact_contact', 'patient_no, contact_date', [
    "(4, DATE '2023-12-01')",
    "(4, DATE '2023-12-02')",
    "(6, DATE '2024-01-01')",
  ]);
  await table('fact_prescription', 'patient_no, prescription_date, items', [
    "(6, DATE '2022-01-01', 2)",
    "(6, DATE '2022-12-31', 3)",
    "(6, DATE '2023-12-31', 0)",
  ]);
  await engine.run(`create table fact_health_year as ${healthYearSql((fact) => fact)}`);
});
afterAll(() => engine.close());

const rows = (columns: string, where: string): Promise<Record<string, string>[]> =>
  engine.rows(
    `select year(year_start) || ' ' || patient_no as who, ${columns} from fact_health_year where ${where} order by all`,
  );

describe('the years of patients', () => {
  it('are those with data, of everybody born before their end, by age on 1 July', async () => {
    const dims =
      'age_band as age, standard_band as band, deprivation_quintile as quintile, ethnic_group as "group"';
    expect(await rows(dims, "kind = 'PERSON'")).toEqual([
      { who: '2022 1', age: '30-39', band: 7, quintile: '1', group: 'white' },
      { who: '2022 2', age: '30-39', band: 7, quintile: '5', group: 'asian' },
      { who: '2022 3', age: 'unknown', band: -1, quintile: 'unknown', group: 'not_stated' },
      { who: '2022 6', age: '90+', band: 18, quintile: '2', group: 'white' },
      { who: '2023 1', age: '40-49', band: 8, quintile: '1', group: 'white' },
      { who: '2023 2', age: '30-39', band: 7, quintile: '5', group: 'asian' },
      { who: '2023 3', age: 'unknown', band: -1, quintile: 'unknown', group: 'not_stated' },
      { who: '2023 4', age: '0-17', band: 0, quintile: '3', group: 'black' },
      { who: '2023 6', age: '90+', band: 18, quintile: '2', group: 'white' },
    ]);
  });

  it('hold the events of each kind, by their own day, and of deaths the first', async () => {
    expect(await rows('kind, n', "kind <> 'PERSON'")).toEqual([
      { who: '2022 1', kind: 'ELECTIVE_ADMISSIONS', n: 1 },
      { who: '2022 1', kind: 'HOSPITAL_DEATHS', n: 1 },
      { who: '2022 3', kind: 'MENTAL_HEALTH_REFERRALS', n: 1 },
      { who: '2022 6', kind: 'PRESCRIPTION_ITEMS', n: 5 },
      { who: '2023 1', kind: 'EMERGENCY_ADMISSIONS', n: 2 },
      { who: '2023 2', kind: 'ED_ATTENDANCES', n: 2 },
      { who: '2023 2', kind: 'ED_OVER_4_HOURS', n: 1 },
      { who: '2023 2', kind: 'HOSPITAL_DEATHS', n: 1 },
      { who: '2023 3', kind: 'ED_ATTENDANCES', n: 1 },
      { who: '2023 4', kind: 'COMMUNITY_CONTACTS', n: 2 },
    ]);
  });

  it('are all made anew when the data reach another year', async () => {
    const stale = async () => (await engine.rows<{ n: number }>(staleYearsSql))[0]?.n;
    expect(await stale()).toBe(0);
    await engine.run('update dim_date set in_data = true');
    expect(await stale()).toBe(1);
    await engine.run("delete from dim_date where year_start <> DATE '2023-01-01'");
    expect(await stale()).toBe(1);
  });
});
