import { join } from 'node:path';
import { addDays } from '../../../src/warehouse/grain.js';
import type { ReleaseHandle, Warehouse } from '../../../src/warehouse/warehouse.js';
import { loadedHome } from '../../support/home.js';
import { temporaryFolder } from '../../support/landing.js';
import { at, beginning, openFacts, type RelationRow, relationRows } from './facts-at.js';

/** What the rules of the catalogue find, counted on the facts of a release of the original seed. */
const data = process.env['MAPLEWOOD_TEST_DATA'];
if (data === undefined)
  process.stdout.write('facts acceptance: SKIPPED, since MAPLEWOOD_TEST_DATA names no folder of test data\n');
const withData = data === undefined ? describe.skip : describe;
const folder = data === undefined ? '' : temporaryFolder();

const today = '2023-06-30';
const now = at(`${today}T23:59:59`);
const copd = new Map([['copd', beginning('copd', 'icd10', ['J44'])]]);

/** The local day of a primary time; days of June are an hour before those of UTC. */
const dayOf = (time: string | null): string =>
  time?.length === 10 ? time : new Date(Date.parse(time ?? '') + 3_600_000).toISOString().slice(0, 10);
const within = (row: RelationRow, from: number, to = 0): boolean => {
  const day = dayOf(row.time);
  return day >= addDays(today, -from) && day <= addDays(today, -to);
};
const counted = (rows: readonly RelationRow[]): [patients: number, rows: number] => [
  new Set(rows.map(({ patient }) => patient)).size,
  rows.length,
];
const patientsWith = (rows: readonly RelationRow[], least: number): number => {
  const counts = new Map<number, number>();
  for (const { patient } of rows) counts.set(patient, (counts.get(patient) ?? 0) + 1);
  return [...counts.values()].filter((n) => n >= least).length;
};
const number = (row: RelationRow, column: string): number => Number(row.values[column] ?? Number.NaN);

withData('what the rules find on nhs_seed_original at the end of 30 June 2023', () => {
  let warehouse: Warehouse;
  let handle: ReleaseHandle;
  beforeAll(async () => {
    const { config } = await loadedHome(folder, { sample: join(data ?? '', 'nhs_seed_original') });
    warehouse = await openFacts(config, folder);
    handle = warehouse.open();
  }, 300_000);
  afterAll(async () => {
    handle.close();
    await warehouse.close();
  });
  const rowsOf = (text: string): Promise<RelationRow[]> => relationRows(handle, text, now, copd);

  it('the as-of rule gives 559 current in-patients in 593 spells, 102 in 103 of them for seven days', async () => {
    const open = await rowsOf('spell where discharge_date is null');
    expect(counted(open)).toEqual([559, 593]);
    expect(counted(open.filter((row) => dayOf(row.time) <= addDays(today, -7)))).toEqual([102, 103]);
  });

  it('readmit_30d: 635 patients, 838 spells', async () => {
    const spells = await rowsOf("spell: days_since_discharge where admission_method starts with '2'");
    const found = spells.filter(
      (row) =>
        within(row, 30) &&
        number(row, 'days_since_discharge') >= 0 &&
        number(row, 'days_since_discharge') <= 29,
    );
    expect(counted(found)).toEqual([635, 838]);
  });

  it('the attribution view of readmissions: 23,953 spells', async () => {
    const spells = await relationRows(
      handle,
      "spell: days_since_discharge where admission_method starts with '2'",
      at('2024-12-31T23:59:59'),
    );
    expect(spells.filter((row) => number(row, 'days_since_discharge') <= 29)).toHaveLength(23_953);
  });

  it('ed_4h_breach: 22 patients, not the 29 of a look-ahead', async () => {
    const waits = (await rowsOf('ed_attendance: total_time_mins, arrival_datetime')).filter((row) =>
      within(row, 0),
    );
    const found = waits.filter((row) => {
      const known = row.values['total_time_mins'];
      const waited = (now.instant - Date.parse(row.time ?? '')) / 60_000;
      return (known === null ? waited : Number(known)) > 240;
    });
    expect(counted(found)).toEqual([22, 22]);
  });

  it('ed_triage_target: 53 patients, 10 of them in category 2', async () => {
    const target: Readonly<Record<number, number>> = { 1: 0, 2: 10, 3: 60, 4: 120, 5: 240 };
    const waits = await rowsOf('ed_attendance: time_to_treatment_mins, triage_category');
    const found = waits.filter((row) => {
      const known = row.values['time_to_treatment_mins'];
      const waited = (now.instant - Date.parse(row.time ?? '')) / 60_000;
      return (
        within(row, 0) &&
        (known === null ? waited : Number(known)) > (target[number(row, 'triage_category')] ?? 1e9)
      );
    });
    expect(counted(found)).toEqual([53, 53]);
    expect(found.filter((row) => number(row, 'triage_category') === 2)).toHaveLength(10);
  });

  it('ed_frequent_attender at five visits: 2,839 patients, 2,550 of them without a community contact', async () => {
    const past = (row: RelationRow): boolean => {
      const instant = Date.parse(row.time?.length === 10 ? `${row.time}T00:00:00Z` : (row.time ?? ''));
      return instant >= Date.parse('2022-06-30T22:59:59Z');
    };
    const visits = (await rowsOf('ed_attendance')).filter(past);
    expect(patientsWith(visits, 5)).toBe(2_839);
    const contacts = new Set((await rowsOf('community_contact')).filter(past).map(({ patient }) => patient));
    expect(
      patientsWith(
        visits.filter(({ patient }) => !contacts.has(patient)),
        5,
      ),
    ).toBe(2_550);
  });

  it('ed_mh_no_referral: 85 patients, 85 attendances', async () => {
    const attendances = await rowsOf(
      "ed_attendance: days_to_mh_referral where presenting_complaint = 'Mental health' and discharge_destination = '01'",
    );
    const found = attendances.filter(
      (row) => within(row, 30, 7) && !(number(row, 'days_to_mh_referral') <= 7),
    );
    expect(counted(found)).toEqual([85, 85]);
  });

  it('mh_urgent_wait: 58 urgent referrals of 58 patients', async () => {
    const referrals = await rowsOf("mh_referral: first_contact_date where urgency = 'Urgent'");
    const found = referrals.filter(
      (row) =>
        within(row, 90) && String(row.values['first_contact_date'] ?? today) > addDays(row.time ?? '', 7),
    );
    expect(counted(found)).toEqual([58, 58]);
  });

  it('safeguarding_repeat: 5 patients', async () => {
    const flags = [
      ...(await rowsOf('ed_attendance where safeguarding_concern = true')),
      ...(await rowsOf('community_contact where safeguarding_concern = true')),
    ].filter((row) => within(row, 90));
    expect(patientsWith(flags, 2)).toBe(5);
  });

  it('copd_repeat_emergency: 204 patients', async () => {
    const spells = await rowsOf(
      "spell where admission_method starts with '2' and diagnoses in valueset 'copd'",
    );
    expect(
      patientsWith(
        spells.filter((row) => within(row, 365)),
        2,
      ),
    ).toBe(204);
  });

  it('social_care_review_overdue: 60 patients, 60 packages', async () => {
    const packages = await rowsOf("social_care_package: review_date where status = 'Active'");
    const found = packages.filter(
      ({ values }) => values['review_date'] !== null && String(values['review_date']) < today,
    );
    expect(counted(found)).toEqual([60, 60]);
  });

  it('dq_spell_dates, dq_los_mismatch: 1,516 patients, 1,788 spells each', async () => {
    for (const rule of ['SUS_DISCHARGE_BEFORE_ADMISSION', 'LOS_MISMATCH'])
      expect(counted(await rowsOf(`quality_finding where rule = '${rule}'`))).toEqual([1_516, 1_788]);
  });

  it('the other findings are those of the definitions', async () => {
    const rows = async (rule: string): Promise<number> =>
      (await rowsOf(`quality_finding where rule = '${rule}'`)).length;
    expect(await rows('ICD10_LOOKS_LIKE_OPCS4')).toBe(46_883);
    expect(await rows('DIAGNOSIS_INVALID')).toBe(4_096);
    expect(await rows('NHS_NUMBER_INVALID')).toBe(245);
    expect(await rows('NHS_NUMBER_MISSING')).toBe(257);
    // 409 identical and 391 conflicting surplus rows.
    expect(await rows('PATIENT_DUPLICATE')).toBe(800);
  });
});
