import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { FaultManifest } from '../../src/synth/manifest.js';
import { type SynthSummary, synthesise } from '../../src/synth/synthesise.js';
import { datasetNames, landing, type Reader, read } from './landing.js';

const { remove, ...options } = landing({ patients: 1500, faultRate: 0.15 });
let data: Reader;
let faults: FaultManifest;
let summary: SynthSummary;

beforeAll(async () => {
  summary = await synthesise(options);
  data = await read(options.out);
  faults = JSON.parse(readFileSync(join(options.out, 'faults.json'), 'utf8'));
});

afterAll(() => {
  data.close();
  remove();
});

const factKeys = {
  sus_episodes: 'episode_id',
  ecds_attendances: 'attendance_id',
  mhsds_referrals: 'referral_id',
  csds_contacts: 'contact_id',
  prescriptions: 'prescription_id',
  social_care: 'package_id',
} as const;

const firstDay: Record<keyof typeof factKeys, string> = {
  sus_episodes: 'admission_date',
  ecds_attendances: 'CAST(arrival_datetime AS DATE)',
  mhsds_referrals: 'referral_date',
  csds_contacts: 'contact_date',
  prescriptions: 'prescription_date',
  social_care: 'start_date',
};

const numbers: Record<keyof typeof factKeys, string> = {
  sus_episodes: 'length_of_stay',
  ecds_attendances: 'time_to_treatment_mins',
  mhsds_referrals: 'total_contacts',
  csds_contacts: 'contact_duration_mins',
  prescriptions: 'quantity',
  social_care: 'weekly_cost',
};

const unlikely = (day: string): string => `(${day} < DATE '1890-01-01' OR ${day} > DATE '2200-01-01')`;
const patientsAlone =
  '(SELECT patient_id, any_value(date_of_birth) AS born FROM patients WHERE patient_id IS NOT NULL GROUP BY patient_id)';

/** Each rule again, in SQL of its own over the files alone. */
function recounts(): Record<string, string> {
  const found: Record<string, string> = {
    'patients/KEY_MISSING': 'FROM patients WHERE patient_id IS NULL',
    'practices/KEY_MISSING': 'FROM practices WHERE practice_code IS NULL',
    'patients/NEGATIVE_VALUE': 'FROM patients WHERE age_at_start < 0 OR deprivation_decile < 0',
    'practices/NEGATIVE_VALUE': 'FROM practices WHERE list_size < 0 OR partners < 0',
    'patients/DATE_IMPLAUSIBLE':
      "FROM patients WHERE date_of_birth < DATE '1890-01-01' OR created_date < DATE '1890-01-01'",
    'sus_episodes/SUS_DISCHARGE_BEFORE_ADMISSION': 'FROM sus_episodes WHERE discharge_date < admission_date',
    'ecds_attendances/ED_DEPARTURE_NOT_AFTER_ARRIVAL':
      'FROM ecds_attendances WHERE departure_datetime <= arrival_datetime',
    'mhsds_referrals/REFERRAL_DATE_ORDER':
      'FROM mhsds_referrals WHERE least(first_contact_date, last_contact_date, discharge_date) < referral_date',
    'social_care/PACKAGE_END_BEFORE_START': 'FROM social_care WHERE end_date < start_date',
    'sus_episodes/ORPHAN_TRUST': 'FROM sus_episodes ANTI JOIN trusts USING (trust_code)',
    'ecds_attendances/ORPHAN_TRUST': 'FROM ecds_attendances ANTI JOIN trusts USING (trust_code)',
    'patients/PATIENT_DUPLICATE':
      'FROM (FROM patients WHERE patient_id IS NOT NULL QUALIFY row_number() OVER (PARTITION BY patient_id ORDER BY row_no) > 1)',
    'practices/PRACTICE_DUPLICATE':
      'FROM (FROM practices WHERE practice_code IS NOT NULL QUALIFY row_number() OVER (PARTITION BY practice_code ORDER BY row_no) > 1)',
    'patients/PRACTICE_ORPHAN':
      'FROM patients p WHERE registered_practice IS NOT NULL AND NOT EXISTS (FROM practices c WHERE c.practice_code = p.registered_practice)',
    'patients/PRACTICE_MISSING': 'FROM patients WHERE registered_practice IS NULL',
    'patients/NHS_NUMBER_INVALID': "FROM patients WHERE nhs_number = 'INVALID'",
    'patients/NHS_NUMBER_MISSING': 'FROM patients WHERE nhs_number IS NULL',
    'sus_episodes/DIAGNOSIS_INVALID': "FROM sus_episodes WHERE primary_diagnosis = 'INVALID'",
    'sus_episodes/ICD10_LOOKS_LIKE_OPCS4':
      "FROM sus_episodes WHERE admission_method IN ('11', '12', '13') AND primary_diagnosis IN ('H01', 'J27', 'T87', 'W37')",
    'sus_episodes/ICD10_TRUNCATED':
      "FROM sus_episodes WHERE regexp_full_match(primary_diagnosis, '[A-Z][0-9][0-9]') AND primary_diagnosis NOT IN ('H01', 'J27', 'T87', 'W37')",
    'sus_episodes/HRG_ROOT': 'FROM sus_episodes WHERE length(hrg_code) = 4',
    'sus_episodes/ADMISSION_SOURCE_UNKNOWN': "FROM sus_episodes WHERE admission_source = '01'",
    'sus_episodes/SPELL_OVERLAP': `FROM sus_episodes a, sus_episodes b WHERE a.patient_id = b.patient_id AND a.created_timestamp < b.created_timestamp
       AND a.discharge_date > a.admission_date AND b.discharge_date > b.admission_date AND a.admission_date < b.discharge_date AND b.admission_date < a.discharge_date`,
    'sus_episodes/EVENT_AFTER_DEATH': `FROM sus_episodes s WHERE admission_date > (SELECT min(d.discharge_date) FROM sus_episodes d
       WHERE d.patient_id = s.patient_id AND d.discharge_destination = '79' AND d.discharge_date >= d.admission_date)`,
    'sus_episodes/SECONDARY_EMPTY': "FROM sus_episodes WHERE secondary_diagnoses = ''",
    'sus_episodes/WARD_MISSING': 'FROM sus_episodes WHERE ward_code IS NULL',
    'sus_episodes/PROCEDURE_REPEATED':
      'FROM sus_episodes WHERE starts_with(secondary_procedures, primary_procedure)',
    'sus_episodes/EVENT_AFTER_DATA_END': "FROM sus_episodes WHERE discharge_date > DATE '2025-12-31'",
    'csds_contacts/EVENT_AFTER_DATA_END': "FROM csds_contacts WHERE contact_date > DATE '2025-12-31'",
    'social_care/EVENT_AFTER_DATA_END': "FROM social_care WHERE end_date > DATE '2025-12-31'",
    'ecds_attendances/ED_TREATED_AFTER_LEAVING':
      'FROM ecds_attendances WHERE time_to_treatment_mins > total_time_mins',
    'ecds_attendances/ED_LOCAL_TIME_MISSING':
      "FROM ecds_attendances WHERE strftime(arrival_datetime, '%Y-%m-%d %H') IN ('2024-03-31 01', '2025-03-30 01')",
    'ecds_attendances/ED_CROSSES_CLOCK_CHANGE': `FROM ecds_attendances, (SELECT unnest(['2024-03-31', '2024-10-27', '2025-03-30', '2025-10-26'])::DATE + INTERVAL 1 HOUR AS change)
       WHERE arrival_datetime < change AND departure_datetime > change`,
    'ecds_attendances/ED_OVERLAP': `FROM ecds_attendances a WHERE EXISTS (FROM ecds_attendances b WHERE b.patient_id = a.patient_id AND b.departure_datetime > a.arrival_datetime
       AND (b.arrival_datetime, b.row_no) < (a.arrival_datetime, a.row_no))`,
  };
  for (const [table, key] of Object.entries(factKeys) as [keyof typeof factKeys, string][]) {
    found[`${table}/KEY_MISSING`] = `FROM ${table} WHERE ${key} IS NULL`;
    found[`${table}/ORPHAN_PATIENT`] = `FROM ${table} ANTI JOIN patients USING (patient_id)`;
    found[`${table}/NEGATIVE_VALUE`] = `FROM ${table} WHERE ${numbers[table]} < 0`;
    found[`${table}/BIRTH_AFTER_EVENT`] =
      `FROM ${table} JOIN ${patientsAlone} USING (patient_id) WHERE ${firstDay[table]} < born`;
    found[`${table}/DATE_IMPLAUSIBLE`] =
      `FROM ${table} WHERE ${unlikely(firstDay[table])}${table === 'social_care' ? ` OR ${unlikely('review_date')}` : ''}`;
    found[`${table}/NHS_NUMBER_INVALID`] = `FROM ${table} WHERE nhs_number = 'INVALID'`;
    found[`${table}/NHS_NUMBER_MISSING`] = `FROM ${table} WHERE nhs_number IS NULL`;
  }
  return found;
}

describe('faults.json', () => {
  it.each(Object.entries(recounts()))('counts %s as the file does', async (name, from) => {
    expect(faults.counts[name]).toBe(await data.figure(`SELECT count(*) ${from}`));
  });

  it('finds every rule at least once', () => {
    const none = Object.keys(faults.counts).filter((name) => faults.counts[name] === 0);
    // Few people have faulty numbers; whether one of them has a care package is chance.
    expect(none.filter((name) => !/^social_care\/NHS_NUMBER|ED_OVERLAP/.test(name))).toEqual([]);
  });

  it('lists rows by their number in the file', async () => {
    const listed = faults.faults
      .filter((fault) => fault.rule === 'SUS_DISCHARGE_BEFORE_ADMISSION')
      .map((fault) => fault.row);
    const rows = await data.rows(
      'SELECT row_no FROM sus_episodes WHERE discharge_date < admission_date ORDER BY row_no',
    );
    expect(listed).toEqual(rows.map((row) => Number(row['row_no'])));
    const patient = faults.faults.find((fault) => fault.rule === 'PATIENT_DUPLICATE');
    expect(await data.rows(`SELECT patient_id FROM patients WHERE row_no = ${patient?.row ?? 0}`)).toEqual([
      patient?.key,
    ]);
  });

  it('gives a row one quarantine fault at most, and few rows any', () => {
    const quarantine =
      /KEY_MISSING|ORPHAN_(PATIENT|TRUST)|BIRTH_|NEGATIVE|IMPLAUSIBLE|_ORDER|BEFORE_(ADMISSION|START)|NOT_AFTER/;
    const rows = faults.faults
      .filter((fault) => quarantine.test(fault.rule))
      .map((fault) => `${fault.dataset} ${fault.row}`);
    expect(new Set(rows).size).toBe(rows.length);
    const delivered = summary.tables.reduce((sum, table) => sum + table.rows, 0);
    expect(rows.length / delivered).toBeLessThan(0.02);
  });

  it('states identical and conflicting copies', async () => {
    const conflicting = await data.figure(`SELECT count(*) FROM (
      SELECT patient_id FROM patients WHERE patient_id IS NOT NULL GROUP BY patient_id HAVING count(*) > 1 AND (count(DISTINCT nhs_number) > 1))`);
    expect(faults.parts['patients/PATIENT_DUPLICATE']?.['conflicting']).toBe(conflicting);
  });
});

describe('delivery', () => {
  it('writes the rows it reports, stamped in rising order', async () => {
    expect(summary.tables.map((table) => table.dataset)).toEqual(datasetNames);
    for (const table of summary.tables) {
      expect(existsSync(table.file)).toBe(true);
      expect(await data.figure(`SELECT count(*) FROM ${table.dataset}`)).toBe(table.rows);
    }
    expect(
      await data.figure(
        'SELECT count(*) FROM (SELECT created_timestamp <= lag(created_timestamp) OVER (ORDER BY row_no) AS back FROM sus_episodes) WHERE back',
      ),
    ).toBe(0);
  });

  it('can break types in text files', async () => {
    const { remove: removeText, ...text } = landing({ patients: 1000, faultRate: 0.15, format: 'csv.gz' });
    await synthesise(text);
    const manifest: FaultManifest = JSON.parse(readFileSync(join(text.out, 'faults.json'), 'utf8'));
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    for (const [table, column] of Object.entries({ patients: 'deprivation_decile', ...numbers })) {
      const reader = await connection.runAndReadAll(
        `SELECT count(*) FROM read_csv('${text.out}/${table}/${table}.csv.gz', header = true, all_varchar = true) WHERE ${column} = 'abc'`,
      );
      expect(Number(reader.getRows()[0]?.[0])).toBe(manifest.counts[`${table}/TYPE_INVALID`]);
      expect(manifest.counts[`${table}/TYPE_INVALID`]).toBeGreaterThan(0);
    }
    connection.closeSync();
    removeText();
  });
});
