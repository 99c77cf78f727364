import { mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Config } from '../../src/config/environment.js';
import type { RunReport } from '../../src/etl/report.js';
import { configAt, loadAt, loadedHome, measuresAlone } from '../support/home.js';
import { temporaryFolder } from '../support/landing.js';
import { contentOf, fromRelease, measured, openReader, served } from '../support/release.js';

const folder = temporaryFolder();
let config: Config;
let landing: string;
let content: Record<string, string>;

beforeAll(async () => {
  ({ config, landing } = await loadedHome(folder, { patients: 100, faultRate: 0 }, { measuresAlone: true }));
  content = await contentOf(config, measured);
});

/** The first delivered rows of a dataset as CSV lines, the header first. */
async function csvOf(dataset: string, rows = 1): Promise<string[]> {
  const reader = await openReader();
  const file = join(folder, 'sample.csv');
  await reader.rows(
    `copy (from '${landing}/${dataset}/${dataset}.parquet' limit ${rows}) to '${file}' (format csv, header)`,
  );
  reader.close();
  return readFileSync(file, 'utf8').trimEnd().split('\n');
}

/** Writes files into a landing folder of their own. */
function deliver(name: string, files: Readonly<Record<string, string | Buffer>>): string {
  const at = join(folder, name);
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(at, file)), { recursive: true });
    writeFileSync(join(at, file), text);
  }
  return at;
}

interface Case {
  /** What is wrong, which is also the name of the file. */
  readonly name: string;
  readonly extension?: string;
  /** The file, made of the header and a good row of `csds_contacts`. */
  readonly file: (header: string, row: string) => string | Buffer;
  /** Rule and reason of what is quarantined, and its row; no row: the whole file. Nothing: the file is in order. */
  readonly quarantined?: { readonly rule: string; readonly reason: RegExp; readonly row?: number };
  readonly warning?: RegExp;
}

/** A row with another text in one of its fields. */
const put = (header: string, row: string, column: string, text: string): string => {
  const fields = row.split(',');
  fields[header.split(',').indexOf(column)] = text;
  return fields.join(',');
};
const lines = (...all: readonly string[]): string => `${all.join('\n')}\n`;

/** Every file holds a good row (known already, so that it changes nothing) and one that is not. */
const spoiltRow = (
  name: string,
  rule: string,
  reason: RegExp,
  spoil: (header: string, row: string) => string | Buffer,
): Case => ({
  name,
  file: (header, row) => {
    const spoilt = spoil(header, put(header, row, 'contact_id', 'NEW'));
    return Buffer.concat([Buffer.from(lines(header, row)), Buffer.from(spoilt), Buffer.from('\n')]);
  },
  quarantined: { rule, reason, row: 2 },
});
const spoiltFile = (
  name: string,
  rule: string,
  reason: RegExp,
  file: Case['file'],
  extension = 'csv',
): Case => ({
  name,
  extension,
  file,
  quarantined: { rule, reason },
});

const cases: readonly Case[] = [
  spoiltRow('quote-not-closed', 'ROW_UNREADABLE', /quote/, (h, row) => put(h, row, 'service_name', '"open')),
  spoiltRow('text-after-quote', 'ROW_UNREADABLE', /quote/, (h, row) => put(h, row, 'service_name', '"a"b')),
  spoiltRow('nul-byte', 'ROW_UNREADABLE', /NUL/, (h, row) => put(h, row, 'service_name', 'a\0b')),
  spoiltRow('latin-1', 'ENCODING_INVALID', /UTF-8/, (h, row) =>
    Buffer.from(put(h, row, 'service_name', 'é'), 'latin1'),
  ),
  spoiltRow('too-many-fields', 'ROW_UNREADABLE', /fields/, (_h, row) => `${row},1,2`),
  spoiltRow('too-few-fields', 'ROW_UNREADABLE', /fields/, (_h, row) => row.slice(0, row.indexOf(',', 30))),
  spoiltRow('ten-megabytes', 'ROW_UNREADABLE', /long|large|MB|bytes/, (h, row) =>
    put(h, row, 'service_name', 'x'.repeat(10_000_000)),
  ),
  spoiltRow('longer-than-allowed', 'TYPE_INVALID', /service_name/, (h, row) =>
    put(h, row, 'service_name', 'x'.repeat(5_000)),
  ),
  spoiltRow('year-1', 'DATE_IMPLAUSIBLE', /1890/, (h, row) => put(h, row, 'contact_date', '0001-01-01')),
  spoiltRow('year-9999', 'DATE_IMPLAUSIBLE', /day of load/, (h, row) =>
    put(h, row, 'contact_date', '9999-12-31'),
  ),
  spoiltRow('no-date', 'TYPE_INVALID', /contact_date/, (h, row) => put(h, row, 'contact_date', '31/12/2023')),
  spoiltRow('no-such-day', 'TYPE_INVALID', /contact_date/, (h, row) =>
    put(h, row, 'contact_date', '2023-02-30'),
  ),
  spoiltRow('no-number', 'TYPE_INVALID', /contact_duration_mins/, (h, row) =>
    put(h, row, 'contact_duration_mins', 'inf'),
  ),
  spoiltRow('no-patient', 'VALUE_MISSING', /patient_id/, (h, row) => put(h, row, 'patient_id', '')),
  spoiltRow('unknown-patient', 'ORPHAN_PATIENT', /tried again/, (h, row) =>
    put(h, row, 'patient_id', 'PAT_X'),
  ),
  spoiltFile('no-column', 'COLUMN_MISSING', /missing: contact_date/, (h, row) =>
    lines(h.replace('contact_date,', ''), row),
  ),
  spoiltFile('renamed-column', 'COLUMN_MISSING', /contact_date; 1 of/, (h, row) =>
    lines(h.replace('contact_date', 'when'), row),
  ),
  spoiltFile('column-twice', 'COLUMN_DUPLICATE', /contact_date/, (h, row) =>
    lines(`${h},contact_date`, `${row},2024-01-01`),
  ),
  spoiltFile('utf-16', 'ENCODING_INVALID', /UTF-8/, (h, row) =>
    Buffer.from(`\ufeff${lines(h, row)}`, 'utf16le'),
  ),
  spoiltFile('empty', 'FILE_UNREADABLE', /empty/, () => ''),
  spoiltFile('text', 'FILE_UNREADABLE', /Parquet/, (h, row) => lines(h, row), 'parquet'),
  spoiltFile(
    'cut-off',
    'FILE_UNREADABLE',
    /gzip/,
    (h, row) => gzipSync(lines(h, row)).subarray(0, -12),
    'csv.gz',
  ),
  { name: 'crlf-and-bom', file: (h, row) => `\ufeff${h}\r\n${row}\r\n` },
  { name: 'header-only', file: (h) => lines(h) },
  {
    name: 'extra-column',
    file: (h, row) => lines(`${h},mood`, `${row},good`),
    warning: /column mood is not declared/,
  },
  {
    name: 'optional-column-missing',
    file: (h, row) => lines(h.replace('service_name', 'label'), row),
    warning: /column label is not declared|column service_name is missing/,
  },
];

describe('a delivery of bad files', () => {
  let report: RunReport;
  let refused: { file: string; row: bigint | null; rule: string; reason: string }[];
  const fileOf = ({ name, extension = 'csv' }: Case): string => `csds_contacts/${name}.${extension}`;

  beforeAll(async () => {
    const [header = '', row = ''] = await csvOf('csds_contacts');
    const files = Object.fromEntries(cases.map((one) => [fileOf(one), one.file(header, row)]));
    const at = deliver('bad', files);
    const reader = await openReader();
    await reader.rows(
      `copy (select * replace (case row_number() over () when 1 then '0001-01-01'::date when 2 then '9999-12-31' when 3 then 'infinity' else admission_date end as admission_date,
         episode_id || '-bad' as episode_id)
       from '${landing}/sus_episodes/sus_episodes.parquet' limit 3) to '${join(at, 'sus_episodes.parquet')}' (format parquet)`,
    );
    await reader.rows(
      `copy (from '${landing}/prescriptions/*.parquet') to '${join(at, 'prescriptions.parquet')}' (format parquet)`,
    );
    reader.close();
    truncateSync(join(at, 'prescriptions.parquet'), 20_000);
    report = await loadAt(config, at);
    refused = await fromRelease(
      config,
      'select file, row_number as row, rule, reason from quarantined_row order by file, row_number',
    );
  });

  it.each(cases.map((one) => [one.name, one] as const))('%s', (_name, one) => {
    const found = refused.filter(({ file }) => file === fileOf(one));
    const { quarantined, warning } = one;
    expect(found).toEqual(
      quarantined
        ? [
            {
              file: fileOf(one),
              row: quarantined.row === undefined ? null : BigInt(quarantined.row),
              rule: quarantined.rule,
              reason: expect.stringMatching(quarantined.reason),
            },
          ]
        : [],
    );
    const read = report.read.find(({ name }) => name === fileOf(one));
    expect(read?.status).toBe(quarantined && quarantined.row === undefined ? 'quarantined' : 'loaded');
    if (quarantined && quarantined.row === undefined) expect(read?.reason).toMatch(quarantined.reason);
    const balance = report.files.find(({ name }) => name === fileOf(one))!;
    expect(balance.rows).toBe(balance.silver + balance.duplicates + balance.quarantined);
    expect(balance.quarantined).toBe(quarantined?.row === undefined ? 0 : 1);
    if (warning) expect(report.warnings).toContainEqual(expect.stringMatching(warning));
  });

  it('quarantines a truncated Parquet file and says so', () => {
    expect(report.read.find(({ name }) => name === 'prescriptions.parquet')).toMatchObject({
      status: 'quarantined',
      reason: expect.stringMatching(/Parquet|truncated|complete/),
    });
  });

  it('quarantines impossible dates of a Parquet file; the last day of data stays', () => {
    const found = refused.filter(({ file }) => file === 'sus_episodes.parquet');
    expect(found.map(({ rule }) => rule)).toEqual(Array(3).fill('DATE_IMPLAUSIBLE'));
  });

  it('leaves everything that was good as it was', async () => {
    expect(report).toMatchObject({ outcome: 'published', release: 2 });
    expect(await contentOf(config, measured)).toEqual(content);
  });
});

describe('a landing that cannot be loaded', () => {
  /** Runs that stop: what is delivered, and what the reader is told. */
  const stops: readonly {
    readonly name: string;
    readonly code: string;
    readonly says: RegExp;
    readonly files?: (sample: (dataset: string) => Promise<string[]>) => Promise<Record<string, string>>;
    readonly served: boolean;
  }[] = [
    { name: 'no folder', code: 'USAGE', says: /is no folder/, served: true },
    {
      name: 'an empty folder',
      code: 'LANDING_EMPTY',
      says: /no file of a known dataset/,
      files: async () => ({}),
      served: true,
    },
    {
      name: 'no file of a dataset',
      code: 'LANDING_EMPTY',
      says: /no file of a known dataset/,
      files: async () => ({ 'notes.txt': 'x', 'other.csv': 'a\n1\n' }),
      served: true,
    },
    {
      name: 'a first delivery without patients',
      code: 'REQUIRED_DATASET_MISSING',
      says: /^patients is needed for the first release/,
      files: async (sample) => ({ 'trusts.csv': lines(...(await sample('trusts'))) }),
      served: false,
    },
    {
      name: 'a first delivery without trusts',
      code: 'REQUIRED_DATASET_MISSING',
      says: /^trusts is needed for the first release/,
      files: async (sample) => ({ 'patients.csv': lines(...(await sample('patients'))) }),
      served: false,
    },
    {
      name: 'a first delivery whose patients lack a required column',
      code: 'REQUIRED_DATASET_MISSING',
      says: /patients\.csv was quarantined: required columns are missing: gender/,
      files: async (sample) => ({
        'trusts.csv': lines(...(await sample('trusts'))),
        'patients.csv': lines(...(await sample('patients'))).replace('gender', 'g'),
      }),
      served: false,
    },
    {
      name: 'a trust whose name a spreadsheet would run',
      code: 'CHECK_FAILED',
      says: /^Nothing was published: dim_trust\.no_formula \(1 of \d+:/,
      files: async (sample) => {
        const [header = '', row = ''] = await sample('trusts');
        return { 'trusts.csv': lines(header, put(header, row, 'trust_name', '=1+1')) };
      },
      served: true,
    },
  ];

  it.each(stops.map((one) => [one.name, one] as const))(
    '%s stops the run, and the last release stays',
    async (name, one) => {
      const at = one.served ? config : measuresAlone(configAt(join(folder, `home of ${name}`)));
      const before = await served(at);
      expect(before.manifest === undefined).toBe(!one.served);
      const where = join(folder, `landing of ${name}`);
      if (one.files) {
        mkdirSync(where, { recursive: true });
        deliver(`landing of ${name}`, await one.files(csvOf));
      }
      await expect(loadAt(at, where)).rejects.toMatchObject({
        code: one.code,
        message: expect.stringMatching(one.says),
      });
      expect(await served(at)).toEqual(before);
    },
  );

  it('is loaded once what was missing has come', async () => {
    const at = measuresAlone(configAt(join(folder, 'home of a first delivery without patients')));
    const where = join(folder, 'landing of a first delivery without patients');
    deliver('landing of a first delivery without patients', {
      'patients.csv': lines(...(await csvOf('patients', 5))),
    });
    expect(await loadAt(at, where)).toMatchObject({ outcome: 'published', release: 1 });
  });

  it('takes a column under a declared other name', async () => {
    const at = measuresAlone(configAt(join(folder, 'home of other names')));
    const [header = '', ...rows] = await csvOf('patients', 5);
    const where = deliver('other names', {
      'patients.csv': lines(header.replace('date_of_birth', 'DOB'), ...rows),
      'trusts.csv': lines(...(await csvOf('trusts'))),
    });
    await loadAt(at, where);
    expect(await fromRelease(at, 'select count(age) as n from dim_patient')).toEqual([{ n: 5n }]);
    rmSync(where, { recursive: true });
  });
});
