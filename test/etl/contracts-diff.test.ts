import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { etl } from '../../src/commands/etl.js';
import { contracts } from '../../src/etl/contracts/index.js';
import { expectGolden } from '../support/golden.js';
import { quiet } from '../support/home.js';
import { temporaryFolder } from '../support/landing.js';
import { openReader } from '../support/release.js';

const folder = temporaryFolder();
const header = (dataset: string, change = (names: string[]): string[] => names): string =>
  `${change(Object.keys(contracts.get(dataset)!.columns)).join(',')}\n`;

/** Rows that no load would survive: the comparison must not read them. */
const notRows = Buffer.from([0xff, 0x00, 0x22, 0x0a, 0x22]);

function deliver(name: string, files: Readonly<Record<string, string | Buffer>>): string {
  const at = join(folder, name);
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(dirname(join(at, file)), { recursive: true });
    writeFileSync(
      join(at, file),
      Buffer.concat([Buffer.from(content), file.endsWith('.csv') ? notRows : Buffer.alloc(0)]),
    );
  }
  return at;
}

async function diff(landing: string, ...more: string[]): Promise<{ out: string; exitCode: unknown }> {
  let out = '';
  process.exitCode = undefined;
  try {
    await etl.run(['contracts', 'diff', '--landing', landing, ...more], {
      ...quiet(),
      out: (text) => {
        out += text;
      },
    });
    return { out, exitCode: process.exitCode ?? 0 };
  } finally {
    process.exitCode = undefined;
  }
}

describe('maplewood etl contracts diff', () => {
  let landing: string;
  beforeAll(async () => {
    landing = deliver('drifted', {
      'trusts.csv': header('trusts'),
      'patients/may.csv': header('patients', (names) => [
        ...names.filter((name) => name !== 'age_at_start').map((name) => (name === 'gender' ? 'Sex' : name)),
        'favourite_colour',
        'PAT_000017',
      ]),
      'practices.csv.gz': gzipSync(header('practices', (names) => [...names].reverse())),
      'csds_contacts/lacking.csv': header('csds_contacts', (names) =>
        names.filter((name) => name !== 'contact_date'),
      ),
      'social_care.csv': header('social_care', (names) => [...names, 'Start_Date']),
      'sus_episodes.csv.gz': gzipSync(header('sus_episodes')).subarray(0, 20),
      'prescriptions.parquet': 'no Parquet',
      'notes.txt': 'x',
    });
    const reader = await openReader();
    await reader.rows(
      `copy (select 'A1' as attendance_id, 'P1' as patient_id, 'RAA' as trust_code, '2024-01-01 10:00' as arrival_datetime,
        timestamp '2024-01-01 12:00' as departure_datetime, 3.0::double as triage_category, '01' as discharge_destination,
        10 as time_to_treatment_mins, 120 as total_time_mins, {'a': 1} as extra) to '${join(landing, 'ecds_attendances.parquet')}' (format parquet)`,
    );
    reader.close();
  });

  it('shows how each file differs, reading headers and footers alone; 1 if one would be quarantined', async () => {
    const { out, exitCode } = await diff(landing);
    expectGolden('contracts-diff.txt', out);
    expect(exitCode).toBe(1);
  });

  it('says the same as JSON', async () => {
    const { out, exitCode } = await diff(landing, '--json');
    const { files, skipped } = JSON.parse(out);
    expect(exitCode).toBe(1);
    expect(skipped).toEqual([{ name: 'notes.txt', reason: 'its name is that of no dataset' }]);
    expect(files).toContainEqual({
      name: 'csds_contacts/lacking.csv',
      dataset: 'csds_contacts',
      contractVersion: 1,
      drift: [
        { kind: 'missing', column: 'contact_date', deliveredName: null, deliveredType: null, refuses: true },
      ],
      refusal: { rule: 'COLUMN_MISSING', reason: 'required columns are missing: contact_date' },
    });
  });

  it('ends with 0 where every file would be loaded, with differences or without', async () => {
    const fine = deliver('fine', {
      'trusts.csv': header('trusts'),
      'practices.csv': header('practices', (names) => [...names, 'mood']),
    });
    expect(await diff(fine)).toMatchObject({
      exitCode: 0,
      out: expect.stringMatching(
        /\n2 files: 1 as declared, 1 would be loaded with differences, 0 would be quarantined\.\n$/,
      ),
    });
  });

  it('is a usage error without a landing folder', async () => {
    await expect(etl.run(['contracts', 'diff'], quiet())).rejects.toMatchObject({ code: 'USAGE' });
    await expect(etl.run(['contracts'], quiet())).rejects.toMatchObject({ code: 'USAGE' });
    await expect(diff(join(folder, 'nowhere'))).rejects.toMatchObject({ code: 'USAGE' });
  });
});
