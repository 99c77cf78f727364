import type { BronzeBatch } from '../../../src/etl/bronze.js';
import type { Engine } from '../../../src/etl/engine.js';
import { balanceChecks, storeBalances } from '../../../src/etl/quality/balance-checks.js';
import type { QualityResult } from '../../../src/etl/quality/check.js';
import {
  type DeliveredFile,
  deliveredFiles,
  storeDelivered,
  storeReread,
} from '../../../src/etl/quality/delivered-file.js';
import { fileChecks } from '../../../src/etl/quality/file-checks.js';
import { defaultLimits } from '../../../src/etl/quality/limits.js';
import { runChecks } from '../../../src/etl/quality/run-checks.js';
import { temporaryFolder } from '../../support/landing.js';
import { testEngine } from './engine.js';

const folder = temporaryFolder();
let engine: Engine;
beforeAll(async () => {
  engine = await testEngine(folder);
});
afterAll(() => engine?.close());

const file = (more: Partial<DeliveredFile> = {}): DeliveredFile => ({
  batch: 9,
  dataset: 'sus_episodes',
  name: 'sus_episodes/may.csv',
  status: 'loaded',
  rows: 1_000,
  drifted: 0,
  repeatedKeys: 0,
  age: 2,
  behind: -30,
  usual: 1_000,
  loads: 8,
  ...more,
});

async function judged(files: readonly DeliveredFile[]): Promise<Map<string, QualityResult>> {
  await storeDelivered(engine, files);
  await storeReread(engine, []);
  const results = await runChecks(engine, fileChecks(defaultLimits), defaultLimits);
  return new Map(results.map((result) => [result.id, result]));
}

const faults: readonly (readonly [
  check: string,
  Partial<DeliveredFile>,
  severity: string,
  detail: string,
])[] = [
  ['file_readable', { status: 'quarantined' }, 'warn', 'sus_episodes/may.csv'],
  ['file_schema', { drifted: 2 }, 'warn', 'sus_episodes/may.csv'],
  ['file_rows', { rows: 0, loads: 0, usual: null }, 'warn', 'sus_episodes/may.csv'],
  ['file_keys', { repeatedKeys: 3 }, 'warn', 'sus_episodes/may.csv: 3'],
  ['file_volume', { rows: 3_001 }, 'warn', 'sus_episodes/may.csv: 3001 rows, usually 1000'],
  ['file_volume', { rows: 333 }, 'warn', 'sus_episodes/may.csv: 333 rows, usually 1000'],
  ['file_volume_collapse', { rows: 99 }, 'error', 'sus_episodes/may.csv: 99 rows, usually 1000'],
  ['file_freshness', { age: 46 }, 'warn', 'sus_episodes/may.csv: 46 days'],
  ['file_order', { behind: 1 }, 'warn', 'sus_episodes/may.csv: 1 days'],
];

describe('the checks of a delivered file', () => {
  it('all pass on an ordinary one, and are not applicable to datasets that were not delivered', async () => {
    const results = await judged([file()]);
    const own = [...results.values()].filter(({ dataset }) => dataset === 'sus_episodes');
    expect(own.map(({ rule, status }) => `${rule} ${status}`)).toEqual([
      'file_readable pass',
      'file_schema pass',
      'file_rows pass',
      'file_keys pass',
      'file_volume pass',
      'file_volume_collapse pass',
      'file_freshness pass',
      'file_order pass',
    ]);
    const others = [...results.values()].filter(({ dataset }) => dataset !== 'sus_episodes');
    expect(new Set(others.map(({ status }) => status))).toEqual(new Set(['not_applicable']));
  });

  it.each(faults)('%s fails on %j', async (check, more, severity, detail) => {
    const results = await judged([file(), file(more)]);
    expect(results.get(`sus_episodes.${check}`)).toMatchObject({ status: 'fail', severity, detail });
  });

  it('do not judge the volume before there are enough loads', async () => {
    const young = await judged([file({ rows: 5, loads: 2 })]);
    expect(young.get('sus_episodes.file_volume')?.status).toBe('not_applicable');
    const older = await judged([file({ rows: 5, loads: 4 })]);
    expect(older.get('sus_episodes.file_volume')?.status).toBe('fail');
    expect(older.get('sus_episodes.file_volume_collapse')?.status).toBe('not_applicable');
  });

  it('find a file of ours whose content has changed', async () => {
    await storeDelivered(engine, []);
    await storeReread(engine, [
      { batch: 1, dataset: 'patients', intact: true },
      { batch: 2, dataset: 'patients', intact: false },
    ]);
    const results = await runChecks(engine, fileChecks(defaultLimits), defaultLimits);
    expect(results.find(({ id }) => id === 'bronze.content_hash')).toMatchObject({
      status: 'fail',
      severity: 'error',
      violated: 1,
      denominator: 2,
      detail: 'batch 2',
    });
  });
});

const batch = (number: number, more: Partial<BronzeBatch> = {}): BronzeBatch => ({
  batch: number,
  dataset: 'sus_episodes',
  name: `sus_episodes/${number}.csv`,
  sha256: String(number),
  bytes: 1,
  format: 'csv',
  loadedAt: '2024-03-10T08:00:00.000Z',
  contractVersion: 1,
  contractDigest: '',
  drift: [],
  status: 'loaded',
  rows: 100,
  unreadable: 0,
  columns: [],
  extraColumns: [],
  missingColumns: [],
  newest: '2024-03-08',
  repeatedKeys: 0,
  ...more,
});

describe('what a delivered file is compared with', () => {
  it('is the median of the last 30 loads that a release holds', () => {
    const before = Array.from({ length: 40 }, (_none, index) => batch(index + 1, { rows: index + 1 }));
    const [last] = deliveredFiles([...before, batch(41, { rows: 7 })], 40);
    expect(last).toMatchObject({ batch: 41, rows: 7, usual: 25.5, loads: 30 });
  });

  it('leaves out other datasets, quarantined files and files of the same run', () => {
    const files = deliveredFiles(
      [
        batch(1, { rows: 10 }),
        batch(2, { dataset: 'patients', rows: 500 }),
        batch(3, { status: 'quarantined', rows: 0 }),
        batch(4),
        batch(5),
      ],
      3,
    );
    expect(files.map(({ batch: number, usual, loads }) => [number, usual, loads])).toEqual([
      [4, 10, 1],
      [5, 10, 1],
    ]);
  });

  it('is judged again in the next run if its run published nothing, and only its last delivery', () => {
    const stopped = [batch(1), batch(2, { name: 'a.csv' }), batch(3, { name: 'b.csv' })];
    expect(deliveredFiles([...stopped, batch(4, { name: 'a.csv' })], 1).map((one) => one.batch)).toEqual([
      3, 4,
    ]);
  });

  it('is the day of load, and the newest day that was published', () => {
    const [later] = deliveredFiles([batch(1, { newest: '2024-03-09' }), batch(2)], 1);
    expect(later).toMatchObject({ age: 2, behind: 1 });
    const [undated] = deliveredFiles([batch(1), batch(2, { newest: null })], 1);
    expect(undated).toMatchObject({ age: null, behind: null });
  });
});

describe('the balance of a delivery', () => {
  const rows = { dataset: 'csds_contacts', rows: 200, silver: 150, duplicates: 10, quarantined: 40 };
  const judge = async (files: Parameters<typeof storeBalances>[1], published = 0) => {
    await storeBalances(engine, files, published);
    const results = await runChecks(engine, balanceChecks(), defaultLimits);
    return Object.fromEntries(results.map(({ id, status }) => [id, status]));
  };

  it('accounts for every row', async () => {
    expect(await judge([{ batch: 1, ...rows }])).toMatchObject({ 'bronze.rows_accounted_for': 'pass' });
    expect(await judge([{ batch: 1, ...rows, silver: 149 }])).toMatchObject({
      'bronze.rows_accounted_for': 'fail',
    });
  });

  it('stops where over half of the new rows were refused', async () => {
    const refused = { ...rows, silver: 99, duplicates: 0, quarantined: 101 };
    const check = 'csds_contacts.rows_refused';
    expect(await judge([{ batch: 1, ...rows }])).toMatchObject({ [check]: 'pass' });
    expect(await judge([{ batch: 1, ...refused }])).toMatchObject({ [check]: 'fail' });
    expect(await judge([{ batch: 1, ...refused }], 1)).toMatchObject({ [check]: 'not_applicable' });
    const few = { ...rows, rows: 99, silver: 0, duplicates: 0, quarantined: 99 };
    expect(await judge([{ batch: 1, ...few }])).toMatchObject({ [check]: 'not_applicable' });
  });
});
