import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../../src/config/environment.js';
import { printReport, type RunReport } from '../../../src/etl/report.js';
import { loadAt, loadedHome } from '../../support/home.js';
import { temporaryFolder } from '../../support/landing.js';
import { contentOf, fromRelease, openReader } from '../../support/release.js';

const folder = temporaryFolder();
let config: Config;
let landing: string;
let report: RunReport;

beforeAll(async () => {
  ({ config, landing, report } = await loadedHome(
    folder,
    { patients: 400, faultRate: 0 },
    { measuresAlone: true },
  ));
}, 60_000);

const withK = (k: number): Config => {
  const { settings } = config;
  const anonymity = { ...settings.rows.anonymity, k };
  return { ...config, settings: { ...settings, rows: { ...settings.rows, anonymity } } };
};

/** Level by pseudonym. */
const levels = async (): Promise<Map<string, number>> =>
  new Map(
    (
      await fromRelease<{ sk: string; level: number }>(
        config,
        'select hex(patient_sk) as sk, row_level as level from dim_patient',
      )
    ).map(({ sk, level }) => [sk, level]),
  );

/** Delivers corrected rows of a dataset as a change file. */
async function deliver(dataset: string, select: string): Promise<void> {
  const reader = await openReader();
  const rows = await reader.rows<Record<string, string | null>>(
    `select columns(*)::varchar from (${select.replaceAll('SOURCE', `read_parquet('${landing}/${dataset}/*.parquet')`)})`,
  );
  reader.close();
  const columns = Object.keys(rows[0]!);
  const field = (value: string | null | undefined): string =>
    value == null ? '' : `"${value.replaceAll('"', '""')}"`;
  mkdirSync(join(landing, dataset), { recursive: true });
  writeFileSync(
    join(landing, dataset, 'zz-later.changes.csv'),
    `${[columns.join(','), ...rows.map((row) => columns.map((column) => field(row[column])).join(','))].join('\n')}\n`,
  );
}

it('tells in the report how many patients are at each level', () => {
  const found = [0, 1, 2, 3, 4].map(
    (level) => report.quality.find(({ id }) => id === `dim_patient.rows_at_level_${level}`)!.violated,
  );
  expect(found.reduce((sum, count) => sum + count)).toBe(400);
  expect(printReport(report)).toMatch(
    new RegExp(`level {2}patients\\n${found.map((count, level) => ` +${level} +${count}\\n`).join('')}`),
  );
});

describe('news of a few patients and spells', () => {
  it('correct what the others show as a full load does', async () => {
    const before = await levels();
    await deliver(
      'patients',
      "select * replace ('U' as gender), 'U' as _op from SOURCE where gender = 'F' order by patient_id limit 30",
    );
    await deliver(
      'sus_episodes',
      "select * replace ('I21.9' as primary_diagnosis), 'U' as _op from SOURCE order by patient_id limit 200",
    );
    await loadAt(config, landing);
    const after = await levels();
    const [batch] = await fromRelease<{ n: number }>(config, 'select max(batch_id) as n from dim_patient');
    const untouched = await fromRelease<{ sk: string }>(
      config,
      `select hex(patient_sk) as sk from dim_patient where batch_id < ${batch!.n}`,
    );
    // Patients of whom nothing has come have another level, since others have left their group.
    expect(untouched.some(({ sk }) => before.get(sk) !== after.get(sk))).toBe(true);
    const corrected = await contentOf(config, /^dim_patient$/);
    await loadAt(config, landing, true);
    expect(corrected).toEqual(await contentOf(config, /^dim_patient$/));
  }, 120_000);
});

describe('another k', () => {
  it('makes a release from the same deliveries, of which nothing else has changed', async () => {
    const measured = await contentOf(config, /^(mart|fact)_/);
    expect(await loadAt(config, landing)).toMatchObject({ outcome: 'unchanged' });
    expect(await loadAt(withK(3), landing)).toMatchObject({ outcome: 'published' });
    const [found] = await fromRelease<{ n: number }>(
      config,
      'select cast(min(n) as integer) as n from (select count(*) as n from dim_patient group by row_age_band, row_gender, row_ethnic_group, row_postcode_area, row_deprivation_quintile)',
    );
    expect(found!.n).toBeGreaterThanOrEqual(3);
    expect(found!.n).toBeLessThan(8);
    expect(await contentOf(config, /^(mart|fact)_/)).toEqual(measured);
  }, 120_000);
});
