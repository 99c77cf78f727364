import { join } from 'node:path';
import type { RunReport } from '../../../src/etl/report.js';
import { omopTables } from '../../../src/warehouse/omop/index.js';
import { loadedHome } from '../../support/home.js';
import { temporaryFolder } from '../../support/landing.js';
import { columnsOf, openReader, openRelease, type Reader } from '../../support/release.js';

/** The acceptance figures of the OMOP tables (line 21), on the real landing folders. */
const data = process.env['MAPLEWOOD_TEST_DATA'];
if (data === undefined) {
  process.stdout.write('omop goldens: SKIPPED, since MAPLEWOOD_TEST_DATA names no folder of test data\n');
}
const folderOfSet = data === undefined ? () => '' : temporaryFolder;

/** The larger set is for the full tests. */
const sets = [
  { name: 'nhs_seed_original', inpatient: 107_880, prescriptions: 0 },
  { name: 'nhs_synth_10k/parquet', inpatient: 107_853, prescriptions: 247_693 },
].slice(0, process.env['MAPLEWOOD_TEST_FULL'] === '1' ? 2 : 1);

(data === undefined ? describe.skip : describe).each(sets)(
  'the OMOP tables of $name',
  ({ name, inpatient, prescriptions }) => {
    const folder = folderOfSet();
    let release: Reader;
    let report: RunReport;

    beforeAll(async () => {
      const loaded = await loadedHome(folder, { sample: join(data ?? '', name) });
      report = loaded.report;
      release = await openRelease(loaded.config);
    }, 300_000);
    afterAll(() => release?.close());

    const number = async (sql: string): Promise<number> => {
      const [row] = await release.rows<{ n: bigint | number }>(`select (${sql}) as n`);
      return Number(row?.n);
    };

    it('have a person a patient, and a visit a valid spell and attendance (line 21)', async () => {
      const visits = (concepts: string): Promise<number> =>
        number(`select count(*) from visit_occurrence where visit_concept_id in (${concepts})`);
      expect({
        persons: await number('select count(*) from person'),
        inpatient: await visits('9201'),
        emergency: await visits('9203, 262'),
      }).toEqual({ persons: 10_000, inpatient, emergency: 68_564 });
      for (const [fact, key] of [
        ['fact_spell', 'spell_sk'],
        ['fact_ed_attendance', 'attendance_sk'],
        ['fact_contact', 'contact_sk'],
      ]) {
        expect(
          await number(
            `select count(*) from ${fact} f anti join visit_occurrence v on v.visit_source_value = hex(f.${key}) and v.person_id = f.patient_no`,
          ),
        ).toBe(0);
      }
    });

    it('have an episode a spell, and an exposure an item that lasts 30 days', async () => {
      expect(await number('select count(*) from visit_detail')).toBe(inpatient);
      expect(await number('select count(*) from drug_exposure')).toBe(prescriptions);
      expect(
        await number(
          'select count(*) from drug_exposure where drug_exposure_end_date <> drug_exposure_start_date + 29',
        ),
      ).toBe(0);
    });

    it('have one death a person: the first discharge by death', async () => {
      const first = `select patient_no, min(day) as day from (
        select patient_no, discharge_date as day from fact_spell where discharge_destination = '79'
        union all select patient_no, cast(timezone('Europe/London', timezone('UTC', departed_at)) as date) from fact_ed_attendance where discharge_destination = '04') group by 1`;
      expect(await number('select count(*) - count(distinct person_id) from death')).toBe(0);
      expect(
        await number(
          `select count(*) from (${first}) f full join death d on d.person_id = f.patient_no where d.death_date is distinct from f.day`,
        ),
      ).toBe(0);
      expect(await number('select count(*) from death')).toBeGreaterThan(1_000);
    });

    it('have no diagnosis from an INVALID or a procedure code in its place', async () => {
      expect(
        await number(
          "select count(*) from condition_occurrence where condition_source_value in ('INVALID', 'H01', 'J27', 'T87', 'W37')",
        ),
      ).toBe(0);
      expect(
        await number(
          'select (select count(*) from fact_spell where is_diagnosis) - (select count(*) from condition_occurrence where condition_status_concept_id = 32902 and visit_occurrence_id is not null)',
        ),
      ).toBe(0);
    });

    it('cost what the facts cost', async () => {
      const cents = (sql: string): Promise<number> => number(`select round(100 * (${sql}))`);
      expect(await cents("select sum(total_cost) from cost where cost_domain_id = 'Visit'")).toBe(
        await cents(
          `select (select sum(case left(hrg_code, 4) when 'AA22' then 4500 when 'AA23' then 1800 when 'DZ19' then 8900 when 'FF01' then 950 when 'HN12' then 2100 when 'FZ92' then 180 when 'WJ11' then 280 else 2000 end) from fact_spell) + (select 280 * count(*) from fact_ed_attendance) + (select 2.5 * sum(duration_minutes) from fact_contact)`,
        ),
      );
      expect(await cents("select coalesce(sum(total_cost), 0) from cost where cost_domain_id = 'Drug'")).toBe(
        await cents('select coalesce(sum(actual_cost), 0) from fact_prescription'),
      );
    });

    it('hold no identifier of a source, and of the birth date the year', async () => {
      const files = await openReader();
      const ids = await files.rows<{ v: string }>(
        `select patient_id as v from '${join(data ?? '', name, 'patients.parquet')}' union select nhs_number from '${join(data ?? '', name, 'patients.parquet')}' union select episode_id from '${join(data ?? '', name, 'sus_episodes.parquet')}' union select distinct consultant_code from '${join(data ?? '', name, 'sus_episodes.parquet')}' union select distinct postcode_district from '${join(data ?? '', name, 'patients.parquet')}'`,
      );
      files.close();
      const raw = new Set(ids.map(({ v }) => v));
      raw.delete('INVALID');
      const omop = new Set<string>(omopTables.map((table) => table.name));
      const texts = (await columnsOf(release)).filter(
        ({ table, type }) => type === 'VARCHAR' && omop.has(table),
      );
      for (const { table, column } of texts) {
        const values = await release.rows<{ v: string }>(
          `select distinct "${column}" as v from "${table}" where "${column}" is not null`,
        );
        expect([table, column, values.filter(({ v }) => raw.has(v))]).toEqual([table, column, []]);
      }
      expect(
        await number(
          'select count(*) from person where month_of_birth is not null or day_of_birth is not null or birth_datetime is not null',
        ),
      ).toBe(0);
    });

    it('pass the checks, but for what is known of the sources', () => {
      const checks = report.quality.filter(({ touches }) => touches === 'OMOP');
      expect(checks.length).toBeGreaterThan(200);
      expect(checks.filter(({ severity, violated }) => severity === 'error' && violated > 0)).toEqual([]);
      const failed = checks.filter(({ status }) => status === 'fail').map(({ rule }) => rule);
      // Patients live on after their death, and some have no event at all.
      expect(
        failed.filter((rule) => rule !== 'plausibleBeforeDeath' && rule !== 'measurePersonCompleteness'),
      ).toEqual([]);
    });
  },
);
