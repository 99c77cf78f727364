import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { etl } from '../../src/commands/etl.js';
import type { Config } from '../../src/config/environment.js';
import type { RefusedExport } from '../../src/etl/replay/export.js';
import type { RunReport } from '../../src/etl/report.js';
import { loadAt, loadedHome, quiet } from '../support/home.js';
import { temporaryFolder } from '../support/landing.js';
import { fromRelease } from '../support/release.js';

const folder = temporaryFolder();
let config: Config;
const landing = join(folder, 'news');
let first: RunReport;

async function replay(...args: readonly string[]): Promise<string> {
  let out = '';
  const write = (text: string): void => {
    out += text;
  };
  await etl.run(['replay', ...args], { ...quiet(), config: () => config, out: write });
  return out;
}
const exported = async (batch: number): Promise<RefusedExport> =>
  JSON.parse(await replay('--batch', String(batch), '--json')) as RefusedExport;
const replayed = async (batch: number, file: string): Promise<RunReport> =>
  JSON.parse(await replay('--batch', String(batch), '--file', file, '--json')) as RunReport;

const deliver = (file: string, ...lines: readonly string[]): void => {
  mkdirSync(join(landing, file, '..'), { recursive: true });
  writeFileSync(join(landing, file), `${lines.join('\n')}\n`);
};
const batchOf = (report: RunReport, name: string): number =>
  report.read.find((file) => file.name === name)?.batch ?? 0;
const mode = (path: string): number => statSync(path).mode & 0o777;

const patient =
  'patient_id,nhs_number,gender,date_of_birth,ethnicity,registered_practice,deprivation_decile,note';

beforeAll(async () => {
  ({ config } = await loadedHome(folder, { patients: 30, faultRate: 0 }, { measuresAlone: true }));
  deliver(
    'patients/may.csv',
    patient,
    'PAT_900001,,F,1980-02-30,,,4,"says ""no"", twice"',
    'PAT_900002,,M,1975-01-01,,,4,',
    'PAT_900003,,M,1975-01-01,,,4,,one field too many',
  );
  deliver('trusts/june.csv', 'trust_name,beds', 'Somewhere,10');
  first = await loadAt(config, landing);
});

describe('refused rows', () => {
  let file: string;

  it('are exported in the delivered columns, with what is wrong, for their owner alone', async () => {
    const found = await exported(batchOf(first, 'patients/may.csv'));
    file = found.file ?? '';
    expect(found).toMatchObject({ dataset: 'patients', name: 'patients/may.csv', rows: 2, reason: null });
    expect(readFileSync(file, 'utf8').split('\n')).toEqual([
      `${patient},_rule,_column,_reason,_row,_raw`,
      'PAT_900001,,F,1980-02-30,,,4,"says ""no"", twice",TYPE_INVALID,date_of_birth,date_of_birth does not hold a date YYYY-MM-DD,1,',
      expect.stringMatching(/^,,,,,,,,ROW_UNREADABLE,,9 fields .*,3,"PAT_900003,,M,1975-01-01,,,4,,one/),
      '',
    ]);
    expect([mode(file), mode(join(file, '..'))]).toEqual([0o600, 0o700]);
  });

  it('are not exported over a file that may hold corrections', async () => {
    await expect(exported(batchOf(first, 'patients/may.csv'))).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining('is there already'),
    });
  });

  it('are in gold once they are corrected and replayed, under the name of the replay', async () => {
    const batch = batchOf(first, 'patients/may.csv');
    const before = await fromRelease(config, 'select count(*) as n from dim_patient');
    const text = readFileSync(file, 'utf8')
      .replace('1980-02-30', '1980-02-28')
      .replace(/^,,,,,,,,ROW/m, 'PAT_900003,,M,1975-01-01,,,4,,ROW');
    writeFileSync(file, text);
    const report = await replayed(batch, file);
    const name = `replay/${batch}/may.refused.csv`;
    expect(report).toMatchObject({
      outcome: 'published',
      corrects: { batch, name: 'patients/may.csv' },
      read: [{ name, status: 'loaded' }],
    });
    expect(report.files.find((one) => one.name === name)).toMatchObject({ rows: 2, silver: 2 });
    expect([before, await fromRelease(config, 'select count(*) as n from dim_patient')]).toEqual([
      [{ n: 31n }],
      [{ n: 33n }],
    ]);
  });

  it('are taken once: the same file again changes nothing', async () => {
    const report = await replayed(batchOf(first, 'patients/may.csv'), file);
    expect(report.outcome).toBe('unchanged');
  });

  it('stay in gold when the landing folder is loaded again', async () => {
    expect(await loadAt(config, landing)).toMatchObject({ outcome: 'unchanged' });
  });

  it('name the line that cannot be read, rather than lose it', async () => {
    const broken = join(folder, 'broken.csv');
    writeFileSync(broken, `${patient},_rule\nPAT_1,"x"y,,,,,,,R\n`);
    await expect(replayed(batchOf(first, 'patients/may.csv'), broken)).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining('Line 2'),
    });
  });
});

describe('a file that was quarantined as a whole', () => {
  it('is exported as it was delivered, and loaded with the column that was missing', async () => {
    const batch = batchOf(first, 'trusts/june.csv');
    const { file, rows, reason } = await exported(batch);
    expect({ rows, reason }).toEqual({ rows: null, reason: expect.stringContaining('trust_code') });
    expect(readFileSync(file ?? '', 'utf8')).toBe('trust_name,beds\nSomewhere,10\n');
    expect(mode(file ?? '')).toBe(0o600);
    writeFileSync(file ?? '', 'trust_code,trust_name,beds\nRZ9,Somewhere,10\n');
    const printed = await replay('--batch', String(batch), '--file', file ?? '');
    expect(printed).toContain(`Corrected rows of batch ${batch} (trusts/june.csv).`);
    expect(await fromRelease(config, "select trust_name from dim_trust where trust_code = 'RZ9'")).toEqual([
      { trust_name: 'Somewhere' },
    ]);
  });
});

describe('wrong usage', () => {
  it.each([
    [['--batch', '999'], 'There is no batch 999'],
    [['--batch', '1', '--file', '/nowhere/may.csv'], 'is no file'],
    [['--batch', '1', '--file', '/nowhere/may.txt'], 'is not CSV'],
    [[], '--batch is missing'],
  ])('%j: %s', async (args, message) => {
    await expect(replay(...args)).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining(message),
    });
  });

  it('a batch without refused rows has nothing to export', async () => {
    expect(await replay('--batch', '1')).toMatch(/^No row of batch 1 \(.*\) is in quarantine\.\n$/);
  });
});
