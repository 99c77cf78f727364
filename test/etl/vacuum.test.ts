import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { etl } from '../../src/commands/etl.js';
import type { VacuumReport } from '../../src/etl/vacuum.js';
import { takeLease } from '../../src/lake/lease.js';
import { configAt, loadAt, measuresAlone, quiet, synthAt } from '../support/home.js';
import { temporaryFolder } from '../support/landing.js';
import { openReader, openRelease, releaseFolder, served } from '../support/release.js';

const folder = temporaryFolder();
const config = measuresAlone(configAt(join(folder, 'home')));
const lake = join(folder, 'home', 'lake');
let landing: string;

async function vacuum(...args: readonly string[]): Promise<string> {
  let out = '';
  const write = (text: string): void => {
    out += text;
  };
  await etl.run(['vacuum', ...args], { ...quiet(), config: () => config, out: write });
  return out;
}

/** Puts a file where a killed run would have left one. */
const leave = (path: string): string => {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, 'left behind');
  return path;
};
const bronze = (): string[] =>
  ['patients', 'trusts'].flatMap((dataset) =>
    readdirSync(join(lake, 'bronze', dataset)).map((file) => join(lake, 'bronze', dataset, file)),
  );

beforeAll(async () => {
  landing = await synthAt(folder, { patients: 30, faultRate: 0 });
  writeFileSync(join(landing, 'trusts', 'broken.csv'), 'trust_name\nOne\n');
  await loadAt(config, landing);
  await loadAt(config, landing, true);
});

describe('maplewood etl vacuum', () => {
  const left: string[] = [];
  let report: VacuumReport;
  let committed: string[];

  it('keeps as many releases as are asked for, and what was left by killed runs is gone', async () => {
    committed = bronze();
    const run = '20250101T000000-abcdef';
    left.push(
      leave(join(lake, 'bronze', 'patients', `00000099-${run}.parquet`)),
      leave(join(lake, 'quarantine', `00000099-${run}`, 'patients', 'may.csv')),
      leave(join(lake, 'silver', run, 'trusts.parquet')),
      leave(join(lake, 'batches', '00000099.json.1.abcdef01.draft')),
      leave(join(config.home.tmp, run, 'spill.tmp')),
      leave(join(releaseFolder(config), `draft-${run}.duckdb`)),
    );
    report = JSON.parse(await vacuum('--keep', '1', '--json')) as VacuumReport;
    expect(left.filter((path) => existsSync(path))).toEqual([]);
    expect((await served(config)).ids).toEqual([2]);
    expect(report.releases).toEqual([2]);
    expect(report.removed).toMatchObject({
      // The manifest, the release and its identified store.
      releases: { files: 3 },
      silver: { files: 1, bytes: 11 },
      bronze: { files: 2, bytes: 22 },
      spill: { files: 1 },
      drafts: { files: 2 },
    });
  });

  it('leaves the files of every delivery, the quarantined one too', () => {
    expect(bronze()).toEqual(committed);
    expect(readdirSync(join(lake, 'quarantine'))).toHaveLength(1);
    expect(report.kept.bronze.files).toBeGreaterThan(10);
  });

  it('removes nothing the second time', async () => {
    expect(await vacuum('--keep', '1')).toMatch(
      /^There was nothing to remove\.\nKept {4}releases {2}3 files, .*: 2\n/,
    );
  });

  it('leaves silver so that the next run corrects the served release', async () => {
    mkdirSync(join(landing, 'trusts'), { recursive: true });
    writeFileSync(join(landing, 'trusts', 'new.csv'), 'trust_code,trust_name\nRZ1,One\n');
    expect(await loadAt(config, landing)).toMatchObject({ outcome: 'published', release: 3 });
    expect((await served(config)).manifest).toMatchObject({ corrections: 1 });
  });

  it('leaves an older release to the reader that has it open', async () => {
    const before = (await served(config)).manifest?.file ?? '';
    const reader = await openRelease(config);
    await loadAt(config, landing, true);
    await vacuum('--keep', '1');
    expect(existsSync(join(releaseFolder(config), before))).toBe(false);
    expect(await reader.rows('select count(*) as n from dim_patient')).toEqual([{ n: 30n }]);
    reader.close();
    const now = await openReader(join(releaseFolder(config), (await served(config)).manifest?.file ?? ''));
    expect(await now.rows('select count(*) as n from dim_patient')).toEqual([{ n: 30n }]);
    now.close();
  });

  it('never keeps none', async () => {
    await expect(vacuum('--keep', '0')).rejects.toMatchObject({ code: 'USAGE' });
  });

  it('waits for a run that holds the lease', async () => {
    const lease = await takeLease(join(lake, 'leases'), 'a-run', () => new Date());
    await expect(vacuum()).rejects.toMatchObject({ code: 'LEASE_HELD' });
    await lease.release();
  });

  it('leaves captured changes and the states of change capture', async () => {
    const change = leave(join(lake, 'changes', 'trusts', '000000000001.parquet'));
    const state = leave(join(lake, 'cdc', 'trusts', 'state.parquet'));
    await vacuum();
    expect([change, state].map((path) => readFileSync(path, 'utf8'))).toEqual(['left behind', 'left behind']);
  });
});
