import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadServiceKeys, loadWarehouseKey } from '../../src/access/keys.js';
import { homeAt } from '../../src/config/home.js';
import { compiled } from '../support/compiled.js';
import { root, temporaryFolder } from '../support/landing.js';

const folder = temporaryFolder();
const whole = join(folder, 'whole');

beforeAll(async () => {
  await compiled(folder);
  loadWarehouseKey(homeAt(whole), { create: true, dev: false });
  loadServiceKeys(homeAt(whole), { create: true, dev: false });
}, 180_000);

const counting = (start: number): Buffer => Buffer.from(Array.from({ length: 32 }, (_, at) => start + at));
const published = counting(0x20);
const production = {
  MAPLEWOOD_TENANT_ID: '11111111-2222-4333-8444-555555555555',
  MAPLEWOOD_AUDIENCE: '11111111-2222-4333-8444-666666666666',
};
// Nobody listens there: the keys are looked at before anything is connected to.
const sqlServer = { MAPLEWOOD_WAREHOUSE: 'mssql://127.0.0.1:9/gold?engine=sqlserver' };

interface Case {
  readonly name: string;
  readonly change?: (keys: string) => void;
  readonly env: Record<string, string>;
  readonly args?: readonly string[];
  /** What the message must say: which key, what is wrong with it, and what to do. */
  readonly says: RegExp;
}

const put =
  (file: string, bytes: Uint8Array | string, mode = 0o600) =>
  (keys: string): void => {
    writeFileSync(join(keys, file), bytes);
    chmodSync(join(keys, file), mode);
  };

const cases: readonly Case[] = [
  ...['token-a1', 'cursor', 'audit'].map(
    (name): Case => ({
      name: `a missing ${name} key, where keys must be configured`,
      change: (keys) => rmSync(join(keys, `${name}.key`)),
      env: { ...production, ...sqlServer },
      says: new RegExp(`The ${name.replace('-a1', '')} key is missing \\(.*\\)\\. Restore it`),
    }),
  ),
  {
    name: 'a key of another length',
    change: put('token-a1.key', published.subarray(1)),
    env: production,
    says: /The token key \(.*token-a1\.key\) has 31 bytes instead of 32\. Restore it/,
  },
  {
    name: 'a published key',
    change: put('token-a1.key', published),
    env: production,
    says: /The token key \(.*\) is a published test key\. Replace it/,
  },
  {
    name: 'a key of equal bytes',
    change: put('cursor.key', Buffer.alloc(32, 1)),
    env: production,
    says: /The cursor key \(.*\) repeats one byte\. Replace it/,
  },
  {
    name: 'two equal keys',
    change(keys) {
      put('cursor.key', counting(3))(keys);
      put('audit.key', counting(3))(keys);
    },
    env: production,
    says: /The cursor key and the audit key are equal\. Replace one/,
  },
  {
    name: 'a key that others may read',
    change: (keys) => chmodSync(join(keys, 'audit.key'), 0o644),
    env: production,
    says: /audit\.key is open to its group or to others\. Run: chmod 600/,
  },
  {
    name: 'the development issuer on an address of the network',
    env: { MAPLEWOOD_DEV: '1', MAPLEWOOD_HOST: '0.0.0.0' },
    says: /MAPLEWOOD_DEV=1 serves on a loopback address only\. Set/,
  },
  {
    name: 'nobody whose tokens to accept',
    env: {},
    says: /serve needs MAPLEWOOD_TENANT_ID and MAPLEWOOD_AUDIENCE/,
  },
  {
    name: 'a published key of the warehouse, to the ETL',
    change: put('warehouse.key', counting(0)),
    env: {},
    args: ['etl', 'run', '--landing', join(folder, 'landing')],
    says: /The warehouse key \(.*\) is a published test key\. Replace it/,
  },
];

it.each(cases)('is refused with exit code 2: $name', ({ name, change, env, args = ['serve'], says }) => {
  const home = join(folder, name.replace(/\W+/g, '-'));
  cpSync(whole, home, { recursive: true });
  const { keys } = homeAt(home);
  change?.(keys);
  const files = readdirSync(keys).sort();
  const { status, stderr, stdout } = spawnSync(
    process.execPath,
    [join(root, 'bin', 'maplewood.cjs'), ...args],
    {
      env: { PATH: process.env['PATH'], MAPLEWOOD_HOME: home, MAPLEWOOD_PORT: '0', ...env },
      encoding: 'utf8',
      timeout: 20_000,
      killSignal: 'SIGKILL',
    },
  );
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toMatch(says);
  // Bytes of keys are told to nobody, and none is made in place of one.
  expect(stderr).not.toMatch(/[0-9a-f]{16}|<Buffer/);
  expect(readdirSync(keys).sort()).toEqual(files);
});
