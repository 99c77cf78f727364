import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FaultManifest } from '../../src/synth/manifest.js';
import { synthesise } from '../../src/synth/synthesise.js';
import { landing, type Reader, read, referenceDir } from './landing.js';

const { remove, ...options } = landing({ patients: 3000 });
let data: Reader;
let faults: FaultManifest;

beforeAll(async () => {
  await synthesise(options);
  data = await read(options.out);
  faults = JSON.parse(readFileSync(join(options.out, 'faults.json'), 'utf8'));
});

afterAll(() => {
  data.close();
  remove();
});

const census = `
  SELECT day, count(*) AS occupied
  FROM (SELECT CAST(unnest(generate_series(DATE '2024-01-01', DATE '2025-12-31', INTERVAL 1 DAY)) AS DATE) AS day)
  JOIN sus_episodes ON admission_date <= day AND (discharge_date > day OR discharge_date IS NULL)
  GROUP BY day`;

describe('a delivery without faults', () => {
  it('breaks no rule but those that arise naturally', () => {
    const broken = Object.keys(faults.counts).filter((name) => (faults.counts[name] ?? 0) > 0);
    const natural = [
      'SECONDARY_MISSING',
      'PROCEDURE_MISSING',
      'ED_CROSSES_CLOCK_CHANGE',
      'PRESCRIPTION_OTHER_PRACTICE',
    ];
    expect(broken.filter((name) => !natural.some((rule) => name.endsWith(`/${rule}`)))).toEqual([]);
  });

  it('has the declared types', async () => {
    const types = await data.rows(
      "SELECT column_name, column_type FROM (DESCRIBE FROM ecds_attendances) WHERE column_name NOT IN ('row_no', 'file_row_number')",
    );
    expect(types.map((row) => row['column_type'])).toEqual([
      'VARCHAR',
      'VARCHAR',
      'VARCHAR',
      'VARCHAR',
      'TIMESTAMP',
      'TIMESTAMP',
      'BIGINT',
      'VARCHAR',
      'VARCHAR',
      'BIGINT',
      'BIGINT',
      'VARCHAR',
      'BOOLEAN',
      'BOOLEAN',
      'TIMESTAMP',
    ]);
  });

  it('gives every patient an NHS number of its own, valid by modulus 11, of the 999 range, no palindrome', async () => {
    const numbers = (await data.rows('SELECT nhs_number FROM patients')).map((row) =>
      String(row['nhs_number']),
    );
    expect(new Set(numbers).size).toBe(3000);
    for (const number of numbers) {
      expect(number).toMatch(/^999\d{7}$/);
      const sum = [...number.slice(0, 9)].reduce((total, digit, i) => total + Number(digit) * (10 - i), 0);
      expect((11 - (sum % 11)) % 11).toBe(Number(number[9]));
      expect(number.slice(0, 5)).not.toBe([...number.slice(5)].reverse().join(''));
    }
  });

  it('has birthdays over the whole year, all ages and all deciles', async () => {
    expect(await data.figure('SELECT count(DISTINCT month(date_of_birth)) FROM patients')).toBe(12);
    expect(await data.figure('SELECT count(DISTINCT deprivation_decile) FROM patients')).toBe(10);
    expect(await data.figure('SELECT max(age_at_start) - min(age_at_start) FROM patients')).toBeGreaterThan(
      88,
    );
  });

  it('uses codes that the reference lists name', async () => {
    const unknown = (table: string, column: string, list: string): Promise<number> =>
      data.figure(`SELECT count(*) FROM ${table} WHERE ${column} IS NOT NULL AND ${column} NOT IN
        (SELECT code FROM read_csv('${join(referenceDir, list)}', header = true, all_varchar = true))`);
    expect(await unknown('sus_episodes', 'primary_diagnosis', 'icd10.csv')).toBe(0);
    expect(await unknown('sus_episodes', 'primary_procedure', 'opcs4.csv')).toBe(0);
    expect(await unknown('sus_episodes', 'hrg_code', 'hrg4plus.csv')).toBe(0);
    expect(await unknown('sus_episodes', 'specialty', 'specialty.csv')).toBe(0);
    expect(await unknown('sus_episodes', 'admission_method', 'admission_method.csv')).toBe(0);
    expect(await unknown('sus_episodes', 'admission_source', 'admission_source.csv')).toBe(0);
    expect(await unknown('sus_episodes', 'discharge_destination', 'discharge_destination.csv')).toBe(0);
    expect(await unknown('ecds_attendances', 'discharge_destination', 'ed_destination.csv')).toBe(0);
    expect(await unknown('prescriptions', 'bnf_code', 'bnf.csv')).toBe(0);
    expect(await unknown('patients', 'ethnicity', 'ethnic_category.csv')).toBe(0);
    expect(
      await unknown(
        "(SELECT unnest(string_split(secondary_diagnoses, ',')) AS code FROM sus_episodes)",
        'code',
        'icd10.csv',
      ),
    ).toBe(0);
  });

  it('writes every primary diagnosis in four characters', async () => {
    expect(await data.figure('SELECT count(*) FROM sus_episodes WHERE length(primary_diagnosis) <> 4')).toBe(
      0,
    );
  });
});

describe('beds', () => {
  it('are on average nine tenths full, and fuller in winter than in summer', async () => {
    const share = `occupied / (SELECT sum(beds) FROM trusts)`;
    const mean = await data.figure(`SELECT avg(${share}) FROM (${census})`);
    expect(mean).toBeGreaterThan(0.85);
    expect(mean).toBeLessThan(0.99);
    const season = (months: string): Promise<number> =>
      data.figure(`SELECT avg(occupied) FROM (${census}) WHERE month(day) IN (${months})`);
    expect(await season('12, 1, 2')).toBeGreaterThan(await season('6, 7, 8'));
  });

  it('leave out stays that began before the first day, and hold patients at the end', async () => {
    expect(
      await data.figure("SELECT count(*) FROM sus_episodes WHERE admission_date < DATE '2024-01-01'"),
    ).toBe(0);
    expect(
      await data.figure('SELECT count(*) FROM sus_episodes WHERE discharge_date IS NULL'),
    ).toBeGreaterThan(5);
    expect(await data.figure('SELECT avg((length_of_stay = 0)::INTEGER) FROM sus_episodes')).toBeGreaterThan(
      0.25,
    );
  });

  it('take back 12 to 16 in a hundred as an emergency within 30 days', async () => {
    const rate = await data.figure(`
      SELECT avg(EXISTS (FROM sus_episodes e WHERE e.patient_id = i.patient_id AND e.episode_id <> i.episode_id AND e.admission_method LIKE '2%'
                         AND e.admission_date - i.discharge_date BETWEEN 0 AND 29)::INTEGER)
      FROM sus_episodes i WHERE i.discharge_destination <> '79' AND i.discharge_date <= DATE '2025-12-31' - 30`);
    expect(rate).toBeGreaterThan(0.11);
    expect(rate).toBeLessThan(0.17);
  });
});

describe('the emergency department', () => {
  it('sees 70 to 80 in a hundred within four hours, with a tail beyond twelve', async () => {
    const within = await data.figure('SELECT avg((total_time_mins <= 240)::INTEGER) FROM ecds_attendances');
    expect(within).toBeGreaterThan(0.7);
    expect(within).toBeLessThan(0.8);
    const over = await data.figure('SELECT avg((total_time_mins > 720)::INTEGER) FROM ecds_attendances');
    expect(over).toBeGreaterThan(0.005);
    expect(over).toBeLessThan(0.06);
  });

  it('is more crowded in the evening than at dawn', async () => {
    const present = (hour: number): Promise<number> =>
      data.figure(`SELECT count(*) FROM ecds_attendances, (SELECT unnest([0, 1]) AS next) WHERE arrival_datetime <= CAST(arrival_datetime AS DATE) + next + to_hours(${hour})
        AND departure_datetime > CAST(arrival_datetime AS DATE) + next + to_hours(${hour})`);
    expect(await present(19)).toBeGreaterThan(2 * (await present(6)));
  });

  it('treats nobody after leaving, and its durations are those of the clock', async () => {
    expect(
      await data.figure(
        'SELECT count(*) FROM ecds_attendances WHERE time_to_treatment_mins > total_time_mins',
      ),
    ).toBe(0);
    expect(
      await data.figure(
        'SELECT count(*) FROM ecds_attendances WHERE departure_datetime - arrival_datetime <> to_minutes(total_time_mins)',
      ),
    ).toBe(0);
  });

  it('hands every admitted patient to a spell of the same trust on the same or next day', async () => {
    expect(
      await data.figure(`
      SELECT count(*) FROM ecds_attendances a WHERE discharge_destination = '02' AND CAST(departure_datetime AS DATE) <= DATE '2025-12-31'
        AND NOT EXISTS (FROM sus_episodes s WHERE s.patient_id = a.patient_id AND s.trust_code = a.trust_code AND s.admission_method = '21'
                        AND s.admission_date - CAST(a.arrival_datetime AS DATE) BETWEEN 0 AND 1)`),
    ).toBe(0);
  });
});

describe('people', () => {
  it('have no event after their death in any table', async () => {
    const dead = `(SELECT patient_id, min(day) AS died FROM (
        SELECT patient_id, discharge_date AS day FROM sus_episodes WHERE discharge_destination = '79'
        UNION ALL SELECT patient_id, CAST(departure_datetime AS DATE) FROM ecds_attendances WHERE discharge_destination = '04') GROUP BY patient_id)`;
    expect(await data.figure(`SELECT count(*) FROM ${dead}`)).toBeGreaterThan(10);
    for (const [table, day] of [
      ['sus_episodes', 'admission_date'],
      ['ecds_attendances', 'CAST(arrival_datetime AS DATE)'],
      ['mhsds_referrals', 'greatest(referral_date, last_contact_date, discharge_date)'],
      ['csds_contacts', 'contact_date'],
      ['prescriptions', 'prescription_date'],
      ['social_care', 'greatest(start_date, end_date)'],
    ]) {
      expect([
        table,
        await data.figure(
          `SELECT count(*) FROM ${table} JOIN ${dead} USING (patient_id) WHERE ${day} > died`,
        ),
      ]).toEqual([table, 0]);
    }
  });

  it('differ: a tenth of them has a third of the spells or more', async () => {
    expect(
      await data.figure(`SELECT sum(spells) FILTER (WHERE place <= 300) / sum(spells) FROM (
      SELECT count(*) AS spells, row_number() OVER (ORDER BY count(*) DESC) AS place FROM sus_episodes GROUP BY patient_id)`),
    ).toBeGreaterThan(0.33);
  });

  it('get worse as well as better in mental health care', async () => {
    const worse = await data.figure(
      'SELECT avg((latest_honos_score > initial_honos_score)::INTEGER) FROM mhsds_referrals WHERE latest_honos_score IS NOT NULL',
    );
    expect(worse).toBeGreaterThan(0.1);
    expect(worse).toBeLessThan(0.3);
  });

  it('take medicines that should not go together', async () => {
    for (const [first, second] of [
      ['0208020', '1001010'],
      ['0205051', '0202030'],
      ['0407020', '0401020'],
      ['0402030', '0202010'],
      ['1001030U0', '0501080W0'],
    ]) {
      const both =
        await data.figure(`SELECT count(DISTINCT a.patient_id) FROM prescriptions a JOIN prescriptions b USING (patient_id)
        WHERE a.bnf_code LIKE '${first}%' AND b.bnf_code LIKE '${second}%'`);
      expect(both).toBeGreaterThan(0);
    }
  });

  it('add up to the journeys of the supplier', async () => {
    expect(
      await data.figure(`
      SELECT count(*) FROM patient_journeys FULL JOIN (
        SELECT patient_id, count(*) AS events FROM (SELECT patient_id FROM sus_episodes UNION ALL SELECT patient_id FROM ecds_attendances
          UNION ALL SELECT patient_id FROM mhsds_referrals UNION ALL SELECT patient_id FROM csds_contacts) GROUP BY patient_id
      ) USING (patient_id) WHERE events IS DISTINCT FROM total_events`),
    ).toBe(0);
  });
});
