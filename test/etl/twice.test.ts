import { cpSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../src/config/environment.js';
import type { RunReport } from '../../src/etl/report.js';
import { configAt, loadAt, loadedHome, measuresAlone } from '../support/home.js';
import { temporaryFolder } from '../support/landing.js';
import {
  contentOf,
  fromRelease,
  measured,
  openReader,
  type Reader,
  served,
  shareKeys,
} from '../support/release.js';

const folder = temporaryFolder();
let config: Config;
const original = join(folder, 'original');
let landing: string;
let first: RunReport;
let content: Record<string, string>;
/** Results of checks tell of the delivery and of the release before as well, so that they are of one run. */
const lasting = /^(?!quality_result$)/;
let files: Reader;

beforeAll(async () => {
  files = await openReader();
  ({ config, landing, report: first } = await loadedHome(folder, { patients: 200 }, { measuresAlone: true }));
  cpSync(landing, original, { recursive: true });
  content = await contentOf(config, lasting);
});
afterAll(() => files.close());

/** Rows that the report counts for a rule. */
const counted = (report: RunReport, rule: string): number | undefined =>
  report.quality.find((result) => result.rule === rule)?.violated;

/** A source of the report without its files. */
const totals = ({ sources }: RunReport) =>
  sources.map(({ name, rows, silver, duplicates, quarantined }) => ({
    name,
    rows,
    silver,
    duplicates,
    quarantined,
  }));

describe('the same landing again', () => {
  it('changes nothing, says so, and takes less than 3 seconds', async () => {
    const before = await served(config);
    const started = performance.now();
    const report = await loadAt(config, landing);
    expect(performance.now() - started).toBeLessThan(3_000);
    expect(report).toMatchObject({ outcome: 'unchanged', release: 1, unchangedFiles: 10, read: [] });
    expect(await served(config)).toEqual(before);
  });

  it('leaves nothing of a run that was killed behind', async () => {
    mkdirSync(join(config.home.tmp, '20200101T000000-abcdef'));
    expect(await loadAt(config, landing)).toMatchObject({ outcome: 'unchanged' });
    expect(readdirSync(config.home.tmp)).toEqual([]);
  });

  it('makes an equal release with --full', async () => {
    const report = await loadAt(config, landing, true);
    expect(report).toMatchObject({ outcome: 'published', release: 2, unchangedFiles: 10, read: [] });
    expect(await contentOf(config, lasting)).toEqual(content);
  });
});

describe('a file that has changed', () => {
  it('is a new batch and a new release; changed rows replace, the others are unchanged', async () => {
    const episodes = `'${original}/sus_episodes/sus_episodes.parquet'`;
    const spell = `(select min(episode_id) from ${episodes} where discharge_date > admission_date and admission_date > '2023-01-01')`;
    await files.rows(
      `copy (select * replace (case when episode_id = ${spell} then 'W99X' else ward_code end as ward_code) from ${episodes})
       to '${landing}/sus_episodes/sus_episodes.parquet' (format parquet)`,
    );
    const report = await loadAt(config, landing);
    expect(report).toMatchObject({ outcome: 'published', release: 3, unchangedFiles: 9 });
    expect(report.read).toEqual([{ name: 'sus_episodes/sus_episodes.parquet', batch: 11, status: 'loaded' }]);
    const accepted = first.sources.find(({ name }) => name === 'sus_episodes')!.silver;
    expect(counted(report, 'EPISODE_DUPLICATE_REPLACED')).toBe(1);
    // Rows that wait for their patient or trust are repeated too; they stay in quarantine once.
    const waiting = first.quality
      .filter(({ dataset, rule }) => dataset === 'sus_episodes' && /^(ORPHAN_|BIRTH_AFTER)/.test(rule))
      .reduce((sum, { violated }) => sum + violated, 0);
    expect(waiting).toBeGreaterThan(0);
    expect(counted(report, 'EPISODE_DUPLICATE_UNCHANGED')).toBe(accepted - 1 + waiting);
    for (const file of report.files) expect(file.rows).toBe(file.silver + file.duplicates + file.quarantined);
    const [spells] = await fromRelease(
      config,
      `select count(*) as all_, count(*) filter (ward_code = 'W99X') as changed from fact_spell`,
    );
    expect(spells).toEqual({ all_: BigInt(accepted), changed: 1n });
  });
});

describe('a later delivery of patients', () => {
  it('replaces changed rows, counts equal ones as unchanged, adds new ones and deletes none', async () => {
    const patients = `'${original}/patients/patients.parquet'`;
    const single = `(from ${patients} where patient_id is not null and age_at_start > 30 qualify count(*) over (partition by patient_id) = 1)`;
    const numbered = `(select *, row_number() over (order by patient_id) as n from ${single})`;
    await files.rows(
      `copy (select * exclude (n) replace (
         case when n = 1 then 11 - deprivation_decile else deprivation_decile end as deprivation_decile,
         case when n = 3 then 'PAT_900000' else patient_id end as patient_id) from ${numbered} where n <= 3)
       to '${landing}/patients/patients-later.parquet' (format parquet)`,
    );
    const report = await loadAt(config, landing);
    expect(report.read).toEqual([{ name: 'patients/patients-later.parquet', batch: 12, status: 'loaded' }]);
    expect(counted(report, 'PATIENT_DUPLICATE_REPLACED')).toBe(1);
    expect(counted(report, 'PATIENT_DUPLICATE_UNCHANGED')).toBe(1);
    expect(report.files.find(({ batch }) => batch === 12)).toMatchObject({
      rows: 3,
      silver: 2,
      duplicates: 1,
    });
    expect(await fromRelease(config, 'select count(*) as n from dim_patient')).toEqual([{ n: 201n }]);
  });
});

describe('CSV and Parquet of the same rows', () => {
  it('give equal gold', async () => {
    const csv = join(folder, 'csv');
    for (const { name } of first.sources) {
      mkdirSync(join(csv, name), { recursive: true });
      await files.rows(
        `copy (from '${original}/${name}/${name}.parquet') to '${csv}/${name}/${name}.csv' (format csv, header)`,
      );
    }
    const other = measuresAlone(configAt(join(folder, 'home-csv')));
    shareKeys(config, other);
    const report = await loadAt(other, csv);
    expect(totals(report)).toEqual(totals(first));
    const expected = Object.entries(content).filter(([table]) => measured.test(table));
    expect(expected.length).toBeGreaterThan(15);
    expect(await contentOf(other, measured)).toEqual(Object.fromEntries(expected));
  });
});
