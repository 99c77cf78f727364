import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cdc } from '../../../src/commands/cdc.js';
import type { CommandContext } from '../../../src/commands/command.js';
import { loadConfig } from '../../../src/config/environment.js';
import type { ErrorCode } from '../../../src/errors.js';
import type { CaptureReport } from '../../../src/etl/cdc/report.js';
import { takeLease } from '../../../src/lake/lease.js';
import { quiet } from '../../support/home.js';
import { temporaryFolder } from '../../support/landing.js';

const folder = temporaryFolder();
const home = join(folder, 'home');
const snapshots = join(folder, 'snapshots');
const settings = join(folder, 'maplewood.json');

const deliver = (name: string, ...lines: readonly string[]): void => {
  mkdirSync(snapshots, { recursive: true });
  writeFileSync(join(snapshots, name), `${lines.join('\n')}\n`);
};
const trusts = (...codes: readonly string[]): void =>
  deliver(
    'trusts.csv',
    'trust_code,trust_name,region,beds',
    ...codes.map((code) => `${code},A trust,North,10`),
  );

/** Runs the command; what it printed, also where it fails. */
async function run(...args: readonly string[]): Promise<{ out: string; error: unknown }> {
  let out = '';
  const context: CommandContext = {
    ...quiet(),
    config: () => loadConfig({ MAPLEWOOD_HOME: home, MAPLEWOOD_CONFIG: settings }, folder),
    out: (text) => {
      out += text;
    },
  };
  const error = await cdc.run(args, context).catch((found: unknown) => found);
  return { out, error };
}

beforeAll(() => {
  writeFileSync(
    settings,
    JSON.stringify({
      cdc: {
        sources: {
          pas: { url: 'mssql://u:secret@127.0.0.1:1/pas', tables: { patients: 'dbo.Patients' } },
          odd: { url: 'mssql://u:secret@127.0.0.1:1/pas', tables: { wards: 'dbo.Wards' } },
        },
      },
    }),
  );
  trusts('RXA', 'RXB', 'RXC');
});

describe('maplewood cdc capture', () => {
  it('prints one summary and keeps the changes in the lake', async () => {
    const { out, error } = await run('capture', '--from', snapshots);
    expect(error).toBeUndefined();
    expect(out.split('\n').map((line) => line.replace(/\d+\.\d/, 'S'))).toEqual([
      '3 changes were captured from files, S s.',
      '',
      '  dataset  rows  inserts  updates  deletes  unchanged  duplicates  seconds',
      '  trusts      3        3        0        0          0           0      S',
      '',
    ]);
    expect(readdirSync(join(home, 'lake', 'changes', 'trusts'))).toEqual([
      '000000000001-1.parquet',
      '000000000001.json',
    ]);
    expect(readdirSync(join(home, 'tmp'))).toEqual([]);
  });

  it('prints JSON, and says when nothing has changed', async () => {
    const { out } = await run('capture', '--from', snapshots, '--json');
    expect(JSON.parse(out) as CaptureReport).toMatchObject({
      source: 'files',
      tables: [{ dataset: 'trusts', unchanged: 3, sequence: null, read: 'nothing' }],
      refused: [],
    });
    expect((await run('capture', '--from', snapshots)).out).toContain('Nothing has changed in files.');
  });

  it('captures the other tables where one is refused, and fails', async () => {
    trusts('RXA');
    deliver('practices.csv', 'practice_code,practice_name', 'A81001,A practice');
    const { out, error } = await run('capture', '--from', snapshots);
    expect(error).toMatchObject({ code: 'CAPTURE_REFUSED', exitCode: 1 });
    expect(out).toContain('1 changes were captured');
    expect(out).toContain('trusts was not captured: 2 of its 3 rows are missing');
    const { out: again, error: none } = await run('capture', '--from', snapshots, '--allow-mass-delete');
    expect(none).toBeUndefined();
    expect(again).toContain('2 changes were captured');
  });

  it('waits for no other run: exit code 75', async () => {
    const lease = await takeLease(join(home, 'lake', 'leases'), 'other', () => new Date());
    const { error } = await run('capture', '--from', snapshots);
    expect(error).toMatchObject({ code: 'LEASE_HELD', exitCode: 75 });
    await lease.release();
    expect((await run('capture', '--from', snapshots)).error).toBeUndefined();
  });

  it.each<[string, readonly string[], ErrorCode, string]>([
    ['no verb', [], 'USAGE', 'cdc needs capture'],
    ['no source', ['capture'], 'USAGE', 'either --from or --source'],
    ['two sources', ['capture', '--from', '.', '--source', 'pas'], 'USAGE', 'either --from or --source'],
    ['an unknown dataset', ['capture', '--from', '.', '--dataset', 'beds'], 'USAGE', 'no dataset beds'],
    [
      'a dataset that the source has not',
      ['capture', '--from', snapshots, '--dataset', 'patients'],
      'USAGE',
      'The source files has no table for patients. It has trusts, practices.',
    ],
    ['an unknown source', ['capture', '--source', 'x'], 'CONFIGURATION', 'Sources: pas, odd; add it'],
    ['a source of an unknown dataset', ['capture', '--source', 'odd'], 'CONFIGURATION', 'names wards'],
    [
      'a server that does not answer',
      ['capture', '--source', 'pas'],
      'SOURCE_UNAVAILABLE',
      'cannot be reached',
    ],
  ])('refuses %s', async (_name, args, code, message) => {
    expect((await run(...args)).error).toMatchObject({ code, message: expect.stringContaining(message) });
  });
});
