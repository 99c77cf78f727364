import { join } from 'node:path';
import { loadedHome } from '../../support/home.js';
import { temporaryFolder } from '../../support/landing.js';
import { openRelease, type Reader } from '../../support/release.js';

/** Readmissions counted on the tables of a release of the original seed. */
const data = process.env['MAPLEWOOD_TEST_DATA'];
if (data === undefined) {
  process.stdout.write(
    'readmission-goldens: SKIPPED, since MAPLEWOOD_TEST_DATA names no folder of test data\n',
  );
}
const withData = data === undefined ? describe.skip : describe;
const folder = data === undefined ? '' : temporaryFolder();

withData('readmissions of nhs_seed_original', () => {
  let release: Reader;
  beforeAll(async () => {
    const { config } = await loadedHome(folder, { sample: join(data ?? '', 'nhs_seed_original') });
    release = await openRelease(config);
  }, 300_000);
  afterAll(() => release.close());

  const counted = async (sql: string): Promise<number[]> => {
    const [row] = await release.rows<Record<string, bigint>>(sql);
    return Object.values(row ?? {}).map(Number);
  };
  const alive = "discharge_date is not null and coalesce(discharge_destination, '') <> '79'";
  const index = `(select * from fact_spell join fact_spell_score using (spell_sk, patient_no) where ${alive} and discharge_date <= DATE '2023-12-31' - 30)`;

  it('by default 28,046 of 100,588: 0 to 29 days, the last 30 days of data dropped (line 13)', async () => {
    expect(
      await counted(`select count(*) filter (next_emergency_days <= 29), count(*) from ${index}`),
    ).toEqual([28_046, 100_588]);
  });

  it('30 days inclusive and the same trust give other figures', async () => {
    const [inclusive = 0, sameTrust = 0] = await counted(
      `select count(*) filter (next_emergency_days <= 30), count(*) filter (next_emergency_days_same_trust <= 29) from ${index}`,
    );
    expect(inclusive).toBeGreaterThan(28_046);
    expect(sameTrust).toBeLessThan(28_046);
  });

  it('the attribution view gives 23,953 of 106,749 (line 14)', async () => {
    // A same-day stay is its own latest discharge, so that the latest other one is looked for.
    const latest = `select max(p.discharge_date) from fact_spell p where p.patient_no = e.patient_no and p.spell_sk <> e.spell_sk and p.discharge_date <= e.admission_date and ${alive.replaceAll('discharge_', 'p.discharge_')}`;
    expect(
      await counted(
        `select (select count(*) from fact_spell e where is_emergency and e.admission_date - (${latest}) <= 29), (select count(*) from fact_spell where ${alive}), (select count(*) from fact_spell where is_emergency)`,
      ),
    ).toEqual([23_953, 106_749, 47_096]);
  });

  it('the row before by admission is not the latest discharge: LAG finds some 19,593 only (line 15)', async () => {
    // Equal stays, one of them planned, have no order of their own: both are tried.
    const found = (planned: 'asc' | 'desc') =>
      counted(`select count(*) from (
        select *, lag(discharge_date) over (partition by patient_no order by admission_date, discharge_date, is_emergency ${planned}) as discharged_before from fact_spell
      ) where is_emergency and admission_date - discharged_before between 0 and 29`);
    const [[least = 0], [most = 0]] = [await found('asc'), await found('desc')];
    expect(least).toBeLessThanOrEqual(19_593);
    expect(most).toBeGreaterThanOrEqual(19_593);
    expect(most - least).toBeLessThan(50);
  });
});
