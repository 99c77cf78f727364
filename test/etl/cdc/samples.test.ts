import { join } from 'node:path';
import { capture } from '../../../src/etl/cdc/capture.js';
import { snapshotFolder } from '../../../src/etl/cdc/snapshot-folder.js';
import { contracts } from '../../../src/etl/contracts/index.js';
import { folderLake } from '../../../src/lake/folder.js';
import { temporaryFolder } from '../../support/landing.js';

const data = process.env['MAPLEWOOD_TEST_DATA'];
if (data === undefined) {
  process.stdout.write('cdc samples: SKIPPED, since MAPLEWOOD_TEST_DATA names no folder of test data\n');
}

(data === undefined ? describe.skip : describe)('the sample deliveries as snapshots', () => {
  const folder = data === undefined ? '' : temporaryFolder();

  const captured = async (name: string, lake: string) => {
    const { tables, refused } = await capture({
      source: await snapshotFolder(join(data ?? '', name), [...contracts.keys()]),
      contracts,
      datasets: [],
      keys: new Map(),
      limits: { maxDeleteShare: 0.5, allowEmpty: false, allowMassDelete: false },
      lake: folderLake(join(folder, lake)),
      folders: { leases: join(folder, lake, 'leases'), spill: join(folder, 'spill') },
      threads: 2,
      memoryLimit: '512MB',
    });
    expect(refused).toEqual([]);
    return new Map(tables.map((table) => [table.dataset, table]));
  };

  it('hold 800 surplus rows of patients, of which the first ones count (domain.md 1.3)', async () => {
    const first = await captured('nhs_seed_original', 'seed');
    expect(first.get('patients')).toMatchObject({
      rows: 10_800,
      inserts: 10_000,
      duplicates: 800,
      nullKeys: 0,
    });
    expect(first.get('sus_episodes')).toMatchObject({ rows: 109_668, inserts: 109_668, duplicates: 0 });
    const again = await captured('nhs_seed_original', 'seed');
    expect(again.get('patients')).toMatchObject({ unchanged: 10_000, inserts: 0, read: 'nothing' });
  }, 120_000);

  it('are the same rows as CSV and as Parquet, with the values of other types', async () => {
    const text = await captured('nhs_synth_10k/csv', 'synth');
    const typed = await captured('nhs_synth_10k/parquet', 'synth');
    for (const [dataset, { inserts }] of text) {
      expect({ dataset, ...typed.get(dataset) }).toMatchObject({ dataset, inserts: 0, deletes: 0 });
      expect(inserts).toBe((typed.get(dataset)?.updates ?? 0) + (typed.get(dataset)?.unchanged ?? 0));
    }
  }, 240_000);
});
