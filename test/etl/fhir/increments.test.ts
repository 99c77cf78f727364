import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../../src/config/environment.js';
import type { RunReport } from '../../../src/etl/report.js';
import { loadAt, loadedHome } from '../../support/home.js';
import { temporaryFolder } from '../../support/landing.js';
import { contentOf, fromRelease } from '../../support/release.js';
import { type Json, landed, ndjson } from './builders.js';
import { attendance, conditions, spell, world } from './world.js';

const folder = temporaryFolder();
let config: Config;
const gold = /^(dim|fact|mart)_|^quarantined_row$/;
let landing: string;

const one = async <T>(sql: string): Promise<T | undefined> => (await fromRelease<T>(config, sql))[0];
const accounted = (report: RunReport): void => {
  for (const file of report.files) expect(file.rows).toBe(file.silver + file.duplicates + file.quarantined);
};

const isFull = process.env['MAPLEWOOD_TEST_FULL'] === '1';

/** What the increments have made is what a full load makes. In CI that is asked of two increments together. */
async function expectFullLoad(inCi: boolean): Promise<void> {
  if (!isFull && !inCi) return;
  const content = await contentOf(config, gold);
  await loadAt(config, landing, true);
  expect(content).toEqual(await contentOf(config, gold));
}

beforeAll(async () => {
  ({ config, landing } = await loadedHome(folder, { patients: 100, faultRate: 0 }, { measuresAlone: true }));
});

describe('FHIR, delivery by delivery', () => {
  it('that comes after tables is what it is in a full load', async () => {
    const late = world.filter((resource) => !conditions.includes(resource) && resource !== attendance);
    await landed(landing, 'fhir/1.ndjson', ndjson(late));
    accounted(await loadAt(config, landing));
    await expectFullLoad(false);
  });

  it('changes rows whose own resource stays, when what they refer to comes', async () => {
    const before = await one(
      'select primary_diagnosis as code from fact_spell where primary_diagnosis is not null order by batch_id desc, 1 limit 1',
    );
    await landed(landing, 'fhir/2.ndjson', ndjson([...conditions, attendance]));
    accounted(await loadAt(config, landing));
    expect(await one('select count(*)::integer as n from fact_condition')).not.toEqual({ n: 0 });
    expect(before).toBeDefined();
    await expectFullLoad(true);
  });

  it('corrects and repeats', async () => {
    const ended: Json = { ...spell, period: { start: '2023-03-01T10:00:00Z', end: '2023-03-09T10:00:00Z' } };
    await landed(landing, 'fhir/3.ndjson', ndjson([ended, ended, attendance]));
    const report = await loadAt(config, landing);
    accounted(report);
    expect(report.sources.find(({ name }) => name === 'fhir')?.duplicates).toBeGreaterThan(1);
    await expectFullLoad(false);
  });

  it('stays as it is when only tables are news', async () => {
    const count = 'select count(*)::integer as n from fact_observation';
    const before = await one(count);
    mkdirSync(join(landing, 'csds_contacts'), { recursive: true });
    writeFileSync(
      join(landing, 'csds_contacts', 'news.csv'),
      'contact_id,patient_id,contact_date,service_type,contact_duration_mins\nNEW_1,PAT_000001,2024-06-01,N01,30\n',
    );
    const report = await loadAt(config, landing);
    accounted(report);
    expect(await one(count)).toEqual(before);
    expect(report.fhir?.resources.length).toBeGreaterThan(5);
    await expectFullLoad(true);
  });
});
