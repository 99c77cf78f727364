import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cdc } from '../../../src/commands/cdc.js';
import { load } from '../../../src/commands/etl.js';
import type { Config } from '../../../src/config/environment.js';
import { loadedHome, quiet } from '../../support/home.js';
import { temporaryFolder } from '../../support/landing.js';
import { fromRelease } from '../../support/release.js';

const folder = temporaryFolder();

describe('captured changes', () => {
  let config: Config;
  const source = join(folder, 'source', 'trusts');
  const snapshot = (rows: string): void =>
    writeFileSync(join(source, 'trusts.csv'), `trust_code,trust_name,beds\n${rows}`);
  const captureAndLoad = async () => {
    await cdc.run(['capture', '--from', join(folder, 'source'), '--allow-mass-delete'], {
      ...quiet(),
      config: () => config,
    });
    return load(config, quiet(), { landing: undefined, full: false, json: false });
  };
  const trusts = () =>
    fromRelease<{ trust_code: string; beds: number }>(
      config,
      "select trust_code, beds from dim_trust where trust_code like 'RZ%' order by 1",
    );

  beforeAll(async () => {
    ({ config } = await loadedHome(folder, { patients: 100, faultRate: 0 }, { measuresAlone: true }));
    mkdirSync(source, { recursive: true });
  });

  it('flow into gold like deliveries: inserts, updates and deletes', async () => {
    snapshot('RZ1,One,10\nRZ2,Two,20\n');
    await captureAndLoad();
    expect(await trusts()).toEqual([
      { trust_code: 'RZ1', beds: 10 },
      { trust_code: 'RZ2', beds: 20 },
    ]);
    snapshot('RZ2,Two,22\nRZ3,Three,30\n');
    const report = await captureAndLoad();
    expect(await trusts()).toEqual([
      { trust_code: 'RZ2', beds: 22 },
      { trust_code: 'RZ3', beds: 30 },
    ]);
    const file = report.files.find(({ name }) => name.endsWith('000000000002.parquet'));
    expect(file).toMatchObject({ rows: 3, silver: 3, duplicates: 0, quarantined: 0 });
    expect(report.warnings.filter((warning) => warning.includes('_op'))).toEqual([]);
  });

  it('are taken once', async () => {
    const report = await load(config, quiet(), { landing: undefined, full: false, json: false });
    expect(report.outcome).toBe('unchanged');
  });
});
