import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { discover } from '../../src/etl/landing.js';

const datasets = ['trusts', 'patients', 'sus_episodes'];

describe('landing folder', () => {
  let root: string;
  const put = (name: string, content = 'x'): void => {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), content);
  };
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'landing-'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));
  const names = async () => (await discover(root, datasets)).files.map(({ name }) => name);
  const reasons = async () =>
    Object.fromEntries((await discover(root, datasets)).skipped.map(({ name, reason }) => [name, reason]));

  it('takes files of the dataset folders and files named after a dataset, in load order', async () => {
    put('patients.csv');
    put('patients/b.csv.gz');
    put('patients/a.parquet');
    put('trusts/T.CSV');
    put('sus_episodes.parquet');
    expect(await names()).toEqual([
      'trusts/T.CSV',
      'patients.csv',
      'patients/a.parquet',
      'patients/b.csv.gz',
      'sus_episodes.parquet',
    ]);
  });

  it('gives dataset, format, size and hash', async () => {
    put('patients/it\'s "one".csv.gz', 'abc');
    const [file] = (await discover(root, datasets)).files;
    expect(file).toMatchObject({
      dataset: 'patients',
      format: 'csv.gz',
      bytes: 3,
      sha256: createHash('sha256').update('abc').digest('hex'),
    });
  });

  it('reads the Parquet file where one delivery lies in several formats', async () => {
    for (const format of ['csv', 'csv.gz', 'parquet']) put(`patients.${format}`);
    put('patients/one.csv');
    put('patients/one.csv.gz');
    expect(await names()).toEqual(['patients.parquet', 'patients/one.csv']);
    expect(await reasons()).toEqual({
      'patients.csv': 'same delivery as patients.parquet',
      'patients.csv.gz': expect.stringContaining('same delivery as'),
      'patients/one.csv.gz': 'same delivery as patients/one.csv',
    });
  });

  it('lists what it does not read and says nothing of hidden files', async () => {
    put('trusts.csv');
    put('generation_report.json');
    put('wards.csv');
    put('wards/a.csv');
    put('patients_old.csv');
    put('patients.2023.csv');
    put('patients.ndjson');
    put('patients/a.json');
    put('patients/notes.txt');
    put('patients/b.csv.tmp');
    put('patients/c.parquet.part');
    put('fhir/a.csv');
    put('.hidden.csv');
    put('patients/.d.csv');
    mkdirSync(join(root, 'patients/deep.csv'));
    expect(await names()).toEqual(['trusts.csv']);
    expect(await reasons()).toEqual({
      'generation_report.json': 'its name is that of no dataset',
      'wards.csv': 'its name is that of no dataset',
      wards: 'its name is that of no dataset',
      'patients_old.csv': 'its name is that of no dataset',
      'patients.2023.csv': 'its name is that of no dataset',
      'patients.ndjson': 'JSON is read as FHIR only, from the folder fhir',
      'patients/a.json': 'JSON is read as FHIR only, from the folder fhir',
      'patients/notes.txt': 'not CSV, CSV.GZ or Parquet',
      'patients/b.csv.tmp': 'not complete yet',
      'patients/c.parquet.part': 'not complete yet',
      'patients/deep.csv': 'no regular file',
      'fhir/a.csv': 'not NDJSON, JSON or their .gz',
    });
  });

  it('takes FHIR files at any depth, after the tables, and each folder once', async () => {
    put('patients.csv');
    put('fhir.ndjson');
    put('fhir/Patient.000.ndjson.gz');
    put('fhir/ward 3/2024/Bundle.json');
    put('fhir/ward 3/2024/Bundle.json.gz');
    put('fhir/one.json');
    put('fhir/one.ndjson');
    put('fhir/.hidden/a.json');
    put('fhir/.b.json');
    put('fhir/c.json.part');
    put('fhir/d.jsonl');
    symlinkSync(join(root, 'fhir'), join(root, 'fhir/ward 3/again'));
    const { files } = await discover(root, datasets);
    expect(files.map(({ dataset, name, format }) => [dataset, name, format])).toEqual([
      ['patients', 'patients.csv', 'csv'],
      ['fhir', 'fhir.ndjson', 'ndjson'],
      ['fhir', 'fhir/Patient.000.ndjson.gz', 'ndjson.gz'],
      ['fhir', 'fhir/one.json', 'json'],
      ['fhir', 'fhir/one.ndjson', 'ndjson'],
      ['fhir', 'fhir/ward 3/2024/Bundle.json', 'json'],
    ]);
    expect(await reasons()).toEqual({
      'fhir/c.json.part': 'not complete yet',
      'fhir/ward 3/2024/Bundle.json.gz': 'same delivery as fhir/ward 3/2024/Bundle.json',
      'fhir/d.jsonl': 'not NDJSON, JSON or their .gz',
      'fhir/ward 3/again': 'a folder that is read already',
    });
  });

  it('does not follow links out of the folder, nor dead ones', async () => {
    const outside = mkdtempSync(join(tmpdir(), 'outside-'));
    writeFileSync(join(outside, 'secret.csv'), 'x');
    put('trusts.csv');
    put('patients/a.csv');
    symlinkSync(join(outside, 'secret.csv'), join(root, 'patients/b.csv'));
    symlinkSync(outside, join(root, 'sus_episodes'));
    symlinkSync(join(root, 'nowhere'), join(root, 'patients/c.csv'));
    expect(await names()).toEqual(['trusts.csv', 'patients/a.csv']);
    expect(await reasons()).toEqual({
      'patients/b.csv': 'a link that leads out of the landing folder',
      sus_episodes: 'a link that leads out of the landing folder',
      'patients/c.csv': 'no regular file',
    });
    rmSync(outside, { recursive: true });
  });

  it('says what it expects where there is no folder, or no file of a dataset', async () => {
    await expect(discover(join(root, 'none'), datasets)).rejects.toMatchObject({ code: 'USAGE' });
    put('file');
    await expect(discover(join(root, 'file'), datasets)).rejects.toMatchObject({ code: 'USAGE' });
    await expect(discover(root, datasets)).rejects.toMatchObject({
      code: 'LANDING_EMPTY',
      message: expect.stringContaining('<dataset>/*.csv'),
    });
  });
});
