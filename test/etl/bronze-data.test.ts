import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { contracts } from '../../src/etl/contracts/index.js';
import { discover } from '../../src/etl/landing.js';
import { BronzeFixture } from './bronze-fixture.js';

const data = process.env['MAPLEWOOD_TEST_DATA'];
const describeData = data && existsSync(data) ? describe : describe.skip;

describeData('sample data into bronze (skipped: MAPLEWOOD_TEST_DATA is not the folder of it)', () => {
  it.each([
    ['nhs_seed_original', 9],
    ['nhs_synth_10k/parquet', 10],
    ['nhs_synth_10k/csv', 9],
  ])('%s: every file is loaded whole', async (folder, files) => {
    const bronze = await BronzeFixture.open();
    const landing = await discover(join(data!, folder), [...contracts.keys()]);
    expect(landing.files).toHaveLength(files);
    for (const file of landing.files) {
      const batch = await bronze.ingestPath(file.path, file.name, contracts.get(file.dataset)!);
      expect(batch).toMatchObject({ status: 'loaded', unreadable: 0, extraColumns: [], missingColumns: [] });
      if (file.dataset === 'sus_episodes') expect(batch.rows).toBe(109_668);
    }
    bronze.close();
  });
});
