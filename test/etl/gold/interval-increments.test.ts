import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { configAt, loadAt, measuresAlone } from '../../support/home.js';
import { temporaryFolder } from '../../support/landing.js';
import { fromRelease } from '../../support/release.js';

const folder = temporaryFolder();
const config = measuresAlone(configAt(join(folder, 'home')));
const landing = join(folder, 'landing');
let number = 0;

/** One delivery of a dataset: a row, by its columns. */
function deliver(dataset: string, row: Readonly<Record<string, string>>): void {
  number += 1;
  mkdirSync(join(landing, dataset), { recursive: true });
  writeFileSync(
    join(landing, dataset, `${String(number).padStart(3, '0')}.csv`),
    `${Object.keys(row).join(',')}\n${Object.values(row).join(',')}\n`,
  );
}
const of = { patient_id: 'P1', nhs_number: 'PSEUDO_0000000000000001' };
const other = { patient_id: 'P2', nhs_number: 'PSEUDO_0000000000000002' };
const person = (who: typeof of): void =>
  deliver('patients', {
    ...who,
    date_of_birth: '1950-01-01',
    gender: 'F',
    ethnicity: 'A',
    deprivation_decile: '5',
    registered_practice: 'M81001',
    postcode_district: 'LE1',
  });
const spell = (id: string, admission: string, discharge: string, who = of): void =>
  deliver('sus_episodes', {
    episode_id: id,
    ...who,
    trust_code: 'RAA',
    admission_date: admission,
    discharge_date: discharge,
    admission_method: '21',
    discharge_destination: '19',
    primary_diagnosis: 'J44',
    specialty: '100',
  });
const attendance = (id: string, arrival: string, departure: string, who = of): void =>
  deliver('ecds_attendances', {
    attendance_id: id,
    ...who,
    trust_code: 'RAA',
    arrival_datetime: arrival,
    departure_datetime: departure,
    triage_category: '3',
    discharge_destination: '01',
    time_to_treatment_mins: '30',
    total_time_mins: '120',
  });
const referral = (id: string, day: string, discharge: string): void =>
  deliver('mhsds_referrals', {
    referral_id: id,
    ...of,
    referral_date: day,
    referral_source: 'A01',
    primary_diagnosis: 'F32',
    care_cluster: '3',
    urgency: 'Urgent',
    initial_honos_score: '20',
    latest_honos_score: '15',
    total_contacts: '2',
    first_contact_date: day,
    last_contact_date: day,
    discharge_date: discharge,
    discharge_reason: 'DNA',
    risk_assessment: 'High',
  });
const contact = (id: string, day: string): void =>
  deliver('csds_contacts', {
    contact_id: id,
    ...of,
    contact_date: day,
    service_type: 'N01',
    contact_duration_mins: '30',
    care_activity: 'Review',
  });

/** The intervals of all events, after a run. */
async function intervals(full = false): Promise<unknown> {
  await loadAt(config, landing, full);
  const rows = (sql: string): Promise<Record<string, unknown>[]> => fromRelease(config, sql);
  return {
    spells: await rows(
      'select cast(admission_date as varchar) as day, days_since_discharge as since, cast(contact_after_discharge as varchar) as contact from fact_spell join fact_spell_interval using (spell_sk) order by 1',
    ),
    attendances: await rows(
      'select cast(arrival_date as varchar) as day, hours_since_departure as hours, cast(mh_referral_after as varchar) as referral from fact_ed_attendance join fact_ed_interval using (attendance_sk) order by arrived_at',
    ),
    referrals: await rows(
      'select cast(referral_date as varchar) as day, cast(contact_after_discharge as varchar) as contact from fact_referral join fact_referral_interval using (referral_sk) order by 1',
    ),
  };
}

describe('intervals of a patient of whom more becomes known', () => {
  it('change with the events that they are reckoned to, and are those of a full load', async () => {
    deliver('trusts', {
      trust_code: 'RAA',
      trust_name: 'Trust',
      trust_type: 'NHS Trust',
      region: 'Midlands',
      beds: '500',
      annual_income: '1',
    });
    person(of);
    spell('E2', '2023-05-20', '2023-05-22');
    attendance('A2', '2023-05-19 10:00:00', '2023-05-19 12:00:00');
    referral('R2', '2023-05-25', '2023-05-30');
    contact('C2', '2023-06-20');
    expect(await intervals()).toEqual({
      spells: [{ day: '2023-05-20', since: null, contact: '2023-06-20' }],
      attendances: [{ day: '2023-05-19', hours: null, referral: '2023-05-25' }],
      referrals: [{ day: '2023-05-25', contact: '2023-06-20' }],
    });

    // A contact alone.
    contact('C1', '2023-05-31');
    expect(await intervals()).toMatchObject({
      spells: [{ contact: '2023-05-31' }],
      referrals: [{ contact: '2023-05-31' }],
    });
    // A referral alone.
    referral('R1', '2023-05-21', '2023-05-23');
    expect(await intervals()).toMatchObject({ attendances: [{ referral: '2023-05-21' }] });
    // An earlier spell and an earlier attendance.
    spell('E1', '2023-05-01', '2023-05-10');
    attendance('A1', '2023-05-19 02:00:00', '2023-05-19 05:30:00');
    const corrected = await intervals();
    expect(corrected).toMatchObject({
      spells: [{ since: null }, { since: 10 }],
      attendances: [{ hours: null }, { hours: 4.5 }],
    });
    expect(await intervals(true)).toEqual(corrected);
  }, 180_000);
});

/** Who is in the table of costs, after a run: pounds, and whether among the most costly. */
async function costs(full = false): Promise<Record<string, unknown>[]> {
  await loadAt(config, landing, full);
  return fromRelease(
    config,
    `select cast(total_cost as double) as pounds, in_top5 as top, cast((select count(*) from fact_spell s where s.patient_no = c.patient_no) as integer) as spells
     from fact_patient_cost c order by spells`,
  );
}

describe('what patients cost', () => {
  it('follows the year of the data and what others cost, and is that of a full load', async () => {
    person(other);
    attendance('B1', '2023-06-01 10:00:00', '2023-06-01 12:00:00', other);
    // The last whole year is 2022, of which there is nothing.
    expect(await costs()).toEqual([]);
    // It becomes 2023 by an attendance of one of them.
    attendance('A3', '2024-01-05 10:00:00', '2024-01-05 12:00:00');
    expect(await costs()).toMatchObject([{ top: false }, { top: true, spells: 2 }]);
    // The other costs more now.
    for (const day of ['01', '05', '10', '15', '20'])
      spell(`F${day}`, `2023-07-${day}`, `2023-07-${day}`, other);
    const corrected = await costs();
    expect(corrected).toMatchObject([
      { top: false, spells: 2 },
      { top: true, spells: 5 },
    ]);
    expect(await costs(true)).toEqual(corrected);
  }, 180_000);
});
