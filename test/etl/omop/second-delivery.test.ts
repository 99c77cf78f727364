import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { inRelease } from '../../../src/etl/gold/load.js';
import { correctOmop } from '../../../src/etl/omop/correct.js';
import { omopTables } from '../../../src/warehouse/omop/index.js';
import { configAt, loadAt, loadedHome } from '../../support/home.js';
import { temporaryFolder } from '../../support/landing.js';
import { openReader, releaseFolder, served, shareKeys } from '../../support/release.js';
import { copiedRelease, difference, inputsOf, touchedPersons } from './copied-release.js';

const folder = temporaryFolder();
const dayOf: Readonly<Record<string, string>> = {
  sus_episodes: 'admission_date',
  ecds_attendances: 'arrival_datetime',
  mhsds_referrals: 'referral_date',
  csds_contacts: 'contact_date',
  prescriptions: 'prescription_date',
  social_care: 'start_date',
};

/** Facts whose content a change of the last day with data alone does not touch. */
const facts = ['spell', 'ed_attendance', 'referral', 'contact', 'prescription', 'care_package'];

/** The part of a delivery whose events lie before a day. */
async function deliverBefore(day: string, from: string, to: string): Promise<void> {
  const files = await openReader();
  const delivered = await files.rows<{ dataset: string; file: string }>(
    `select parse_filename(parse_dirpath(file)) as dataset, file from glob('${from}/*/*.parquet')`,
  );
  for (const { dataset, file } of delivered) {
    const column = dayOf[dataset];
    const where = column === undefined ? '' : `where ${column} < TIMESTAMP '${day}' or ${column} is null`;
    mkdirSync(join(to, dataset), { recursive: true });
    await files.rows(
      `copy (from '${file}' ${where}) to '${join(to, dataset, 'part.parquet')}' (format parquet)`,
    );
  }
  files.close();
}

describe('a second delivery with later events', () => {
  it('leaves the ids of rows that were there, and gives what a run over everything gives', async () => {
    const {
      config: whole,
      landing: all,
      report: after,
    } = await loadedHome(join(folder, 'whole'), { patients: 400 });
    const later = new Date(Date.parse(after.dataAsOf) - 90 * 86_400_000).toISOString().slice(0, 10);
    const first = join(folder, 'first');
    await deliverBefore(later, all, first);
    const early = configAt(join(folder, 'early'));
    shareKeys(whole, early);
    const before = await loadAt(early, first);
    expect(before.dataAsOf < later).toBe(true);

    const { engine } = await copiedRelease(early, join(folder, 'copy'));
    const { manifest } = await served(whole);
    await engine.run(
      `attach '${join(releaseFolder(whole), manifest?.file ?? '')}' as full_build (read_only)`,
    );
    const changed = facts.flatMap((fact) => {
      const [one, two] = ['gold', 'full_build'].map(
        (catalogue) =>
          `select * exclude (batch_id${fact === 'spell' ? ', bed_until' : ''}) from ${catalogue}.fact_${fact}`,
      );
      return [`from (${one} except all ${two})`, `from (${two} except all ${one})`];
    });
    await engine.run(
      `create table memory.main.touched_patient as ${changed.map((rows) => `select patient_no ${rows}`).join(' union ')}`,
    );
    const star = await engine.rows<{ name: string }>(
      "select table_name as name from duckdb_tables() where database_name = 'gold' and (table_name like 'dim%' or table_name like 'fact%')",
    );
    await inRelease(engine, async () => {
      for (const { name } of omopTables) await engine.run(`create temp table before_${name} as from ${name}`);
      for (const { name } of star) {
        await engine.run(`delete from ${name}`);
        await engine.run(`insert into ${name} from full_build.${name}`);
      }
      await correctOmop(engine, inputsOf(after.dataAsOf), touchedPersons);
    });

    const [touched] = await engine.rows<{ n: number }>(
      'select cast(count(*) as double) as n from memory.main.touched_patient',
    );
    expect(touched?.n).toBeGreaterThan(100);
    expect(await difference(engine, ['cdm_source'])).toEqual({});
    const kept = async (table: string, key: string): Promise<number[]> => {
      const [row] = await engine.rows<{ before: number; same: number }>(
        `select cast(count(*) as double) as before, cast(count(*) filter (n.id = b.id) as double) as same from (select ${table}_id as id, ${key} as k from before_${table}) b left join (select ${table}_id as id, ${key} as k from gold.${table}) n on n.k = b.k`,
      );
      return [row?.before ?? 0, row?.same ?? 0];
    };
    for (const [table, key] of [
      ['person', 'person_source_value'],
      ['visit_occurrence', 'visit_source_value'],
      ['provider', 'provider_source_value'],
      ['care_site', 'care_site_source_value'],
      [
        'condition_occurrence',
        'row(visit_occurrence_id, person_id, condition_start_date, condition_status_concept_id, condition_source_value)',
      ],
    ] as const) {
      const [rows, same] = await kept(table, key);
      expect({ table, same }).toEqual({ table, same: rows });
      expect(rows).toBeGreaterThan(10);
    }
    engine.close();
  }, 120_000);
});
