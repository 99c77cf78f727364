import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { fingerprint, secretKey } from '../../src/access/key.js';
import { keyring } from '../../src/access/keyring.js';
import { loadServiceKeys, serviceKeysIn, warehouseKeyIn } from '../../src/access/keys.js';
import { openVault } from '../../src/access/vault/client.js';
import { serviceSecrets, warehouseSecrets } from '../../src/access/vault/vault-secrets.js';
import { type Home, homeAt } from '../../src/config/home.js';
import { type StandInVault, secretsOfHome, standInVault } from '../support/vault.js';

const counting = (start: number) => Buffer.from(Array.from({ length: 32 }, (_, at) => start + at));
const warehouse = { kind: 'duckdb', path: '/w' } as const;

const whole = () => ({
  'maplewood-warehouse': randomBytes(32).toString('base64'),
  'maplewood-token-a1': randomBytes(32).toString('base64'),
  'maplewood-cursor': randomBytes(32).toString('base64'),
  'maplewood-audit': randomBytes(32).toString('base64'),
  'maplewood-deployment-id': 'here-and-now',
});

describe('keys in a vault', () => {
  let home: Home;
  let vault: StandInVault;
  const ring = () => keyring({ home, dev: true, warehouse, keyVaultUrl: vault.url });
  const put = (name: string, bytes: Uint8Array) =>
    vault.held.set(`maplewood-${name}`, Buffer.from(bytes).toString('base64'));

  beforeEach(async () => {
    home = homeAt(mkdtempSync(join(tmpdir(), 'keyring-')));
    vault = await standInVault(whole());
  });
  afterEach(async () => {
    await vault.close();
    rmSync(home.root, { recursive: true });
  });

  it('are those of the files that they were copied from', async () => {
    const files = loadServiceKeys(home, { create: true, dev: true });
    vault.held.clear();
    for (const [name, value] of Object.entries(secretsOfHome(home.keys))) vault.held.set(name, value);
    const { service } = await ring().api();
    expect(service.tokenMaster.kid).toBe('demoa1');
    expect(service.tokenMaster.key.equals(files.tokenMaster.key)).toBe(true);
    expect(service.cursor.equals(files.cursor)).toBe(true);
    expect(service.audit.equals(files.audit)).toBe(true);
    expect(service.deploymentId).toBe(files.deploymentId);
  });

  it('give the API none that makes pseudonyms: it is not asked for', async () => {
    await ring().apiForServing();
    expect(vault.asked).toContain('/secrets/maplewood-cursor');
    expect(vault.asked).not.toContain('/secrets/maplewood-warehouse');
  });

  it('give the ETL its own, and ask for nothing else', async () => {
    const key = await ring().warehouse();
    const value = vault.held.get('maplewood-warehouse') as string;
    expect(key.equals(secretKey('warehouse', Buffer.from(value, 'base64'), { place: '', dev: true }))).toBe(
      true,
    );
    expect(vault.asked).toEqual(['/secrets/maplewood-warehouse']);
  });

  it('are rotated by adding a secret with a greater number', async () => {
    for (const kid of ['a2', 'a10', 'a99']) put(`token-${kid}`, randomBytes(32));
    put('token-a100', randomBytes(32));
    put('token-a07', randomBytes(32));
    const { service } = await ring().api();
    expect(service.tokenMaster.kid).toBe('demoa99');
    expect(service.previousTokenMasters.map(({ kid }) => kid)).toEqual(['demoa10', 'demoa2', 'demoa1']);
    vault.held.set('maplewood-token-a99', { disabled: 'x' });
    expect((await ring().api()).service.tokenMaster.kid).toBe('demoa10');
  });

  it('hold those under which the audit was written before', async () => {
    const bytes = randomBytes(32);
    const name = fingerprint(secretKey('audit', bytes, { place: '', dev: true }));
    put(`audit-${name}`, bytes);
    expect([...(await ring().api()).earlierAudit.keys()]).toEqual([name]);
    vault.held.delete(`maplewood-audit-${name}`);
    put('audit-00000000', bytes);
    await expect(ring().api()).rejects.toThrow(`Name it maplewood-audit-${name}.`);
  });

  it('are never made, and no file is read in their place', async () => {
    mkdirSync(home.keys, { recursive: true });
    writeFileSync(join(home.keys, 'audit.key'), randomBytes(32), { mode: 0o600 });
    vault.held.delete('maplewood-audit');
    const error = await ring()
      .apiForServing()
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'CONFIGURATION' });
    expect(readdirSync(home.keys)).toEqual(['audit.key']);
    expect(vault.held.has('maplewood-audit')).toBe(false);
  });

  it.each(['token-a1', 'cursor', 'audit', 'deployment-id'])('are missed by name: %s', async (name) => {
    vault.held.delete(`maplewood-${name}`);
    const message = new RegExp(
      `^The (token key|${name.replace('-id', ' id')}( key)?) is missing \\(secret maplewood-${name} of ${vault.url}\\)\\. Restore and enable it; on a new installation set it to`,
    );
    await expect(ring().api()).rejects.toMatchObject({
      code: 'CONFIGURATION',
      message: expect.stringMatching(message),
    });
    vault.held.set(`maplewood-${name}`, { disabled: 'x' });
    await expect(ring().api()).rejects.toMatchObject({
      code: 'CONFIGURATION',
      message: expect.stringMatching(message),
    });
  });

  it('are missed by the ETL too', async () => {
    vault.held.delete('maplewood-warehouse');
    await expect(ring().warehouse()).rejects.toThrow(
      `The warehouse key is missing (secret maplewood-warehouse of ${vault.url}). Restore and enable it`,
    );
    vault.held.set('maplewood-warehouse', { disabled: 'x' });
    await expect(ring().warehouse()).rejects.toMatchObject({ code: 'CONFIGURATION' });
  });

  it.each<[string, string, string]>([
    ['31 bytes', counting(1).subarray(1).toString('base64'), 'has 31 bytes instead of 32'],
    ['nothing', '', 'has 0 bytes'],
    ['one byte 32 times', Buffer.alloc(32, 7).toString('base64'), 'repeats one byte'],
    ['hexadecimal digits', counting(1).toString('hex'), 'has 48 bytes'],
    [
      'base64 for addresses',
      Buffer.alloc(32, 0xfb).fill(1, 5).toString('base64url'),
      'is not written in base64',
    ],
    ['base64 without its end', counting(1).toString('base64').slice(0, -1), 'is not written in base64'],
    ['words', 'the quick brown fox', 'is not written in base64'],
  ])('are refused with %s', async (_, value, message) => {
    vault.held.set('maplewood-cursor', value);
    const error = (await ring()
      .api()
      .catch((thrown: unknown) => thrown)) as Error;
    expect(error).toMatchObject({ code: 'CONFIGURATION' });
    expect(error.message).toMatch(new RegExp(`secret maplewood-cursor of http.*${message}.*\\. \\w`));
    if (value !== '') expect(error.message).not.toContain(value.slice(0, 8));
  });

  it('may end in a line feed', async () => {
    vault.held.set('maplewood-cursor', `${randomBytes(32).toString('base64')}\n`);
    await expect(ring().api()).resolves.toBeDefined();
  });

  it('are refused when they are published, but in development', async () => {
    put('cursor', counting(0x20));
    put('warehouse', counting(0));
    await expect(ring().api()).resolves.toBeDefined();
    const open = await openVault(vault.url, async () => undefined, new AbortController().signal);
    const [service, etl] = [await serviceSecrets(open), await warehouseSecrets(open)];
    expect(() => serviceKeysIn(service, { dev: false })).toThrow(/cursor of .*\) is a published test key/);
    expect(() => warehouseKeyIn(etl, { dev: false })).toThrow(/warehouse of .*\) is a published test key/);
  });

  it('are refused when two are equal', async () => {
    put('cursor', counting(9));
    put('audit', counting(9));
    await expect(ring().api()).rejects.toThrow('The cursor key and the audit key are equal');
  });

  it('are refused with a damaged deployment id', async () => {
    vault.held.set('maplewood-deployment-id', '../../x');
    await expect(ring().api()).rejects.toThrow('The deployment id (secret maplewood-deployment-id of');
  });

  it('stay where they were read when the vault goes away, and cannot be printed', async () => {
    const { service } = await ring().api();
    await vault.close();
    expect(fingerprint(service.audit)).toMatch(/^[0-9a-f]{8}$/);
    const value = vault.held.get('maplewood-audit') as string;
    expect(inspect(service, { depth: 9, showHidden: true })).not.toContain(value.slice(0, 8));
    vault = await standInVault();
  });

  it('are out of reach where the vault is', async () => {
    await vault.close();
    const { url } = vault;
    for (const read of [ring().api(), ring().apiForServing(), ring().warehouse(), ring().examineApi()])
      await expect(read).rejects.toMatchObject({
        code: 'KEY_UNAVAILABLE',
        message: expect.stringContaining(url),
      });
    vault = await standInVault();
  });
});

describe('looking at the keys of an installation', () => {
  it('makes none, and finds what is wrong with those that are there', async () => {
    const home = homeAt(mkdtempSync(join(tmpdir(), 'keyring-')));
    const ring = keyring({ home, dev: false, warehouse, keyVaultUrl: null });
    try {
      await ring.examineApi();
      await ring.examineWarehouse();
      expect(readdirSync(home.root)).toEqual([]);
      mkdirSync(home.keys);
      writeFileSync(join(home.keys, 'cursor.key'), counting(0x20), { mode: 0o600 });
      await expect(ring.examineApi()).rejects.toThrow('is a published test key');
      await expect(ring.examineWarehouse()).resolves.toBeUndefined();
    } finally {
      rmSync(home.root, { recursive: true });
    }
  });

  it('misses them where they must be configured', async () => {
    const mssql = { kind: 'mssql', engine: 'sqlserver', url: undefined as never } as const;
    const home = homeAt('/nowhere');
    const ring = keyring({ home, dev: false, warehouse: mssql, keyVaultUrl: null });
    await expect(ring.examineApi()).rejects.toThrow('The token key is missing');
    await expect(ring.examineWarehouse()).rejects.toThrow('The warehouse key is missing');
  });
});
