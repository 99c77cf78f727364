import { execFile } from 'node:child_process';
import { createSecretKey } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect, promisify } from 'node:util';
import { fingerprint } from '../../src/access/key.js';
import { loadKeys, loadServiceKeys, loadWarehouseKey } from '../../src/access/keys.js';
import { createSecretFile } from '../../src/access/secret-file.js';
import { type Home, homeAt } from '../../src/config/home.js';

const first = { create: true, dev: false };
const later = { create: false, dev: false };
const counting = (start: number) => Buffer.from(Array.from({ length: 32 }, (_, index) => start + index));

describe('the keys of an embedded warehouse', () => {
  let home: Home;
  const put = (name: string, bytes: Uint8Array | string, mode = 0o600) => {
    mkdirSync(home.keys, { recursive: true });
    writeFileSync(join(home.keys, name), bytes);
    chmodSync(join(home.keys, name), mode);
  };
  beforeEach(() => {
    home = homeAt(mkdtempSync(join(tmpdir(), 'keys-')));
  });
  afterEach(() => rmSync(home.root, { recursive: true }));

  it('are made once, for their owner alone', () => {
    const made = loadKeys(home, first);
    expect(statSync(home.keys).mode & 0o777).toBe(0o700);
    expect(readdirSync(home.keys).sort()).toEqual([
      'audit.key',
      'cursor.key',
      'deployment-id',
      'token-a1.key',
      'warehouse.key',
    ]);
    for (const file of readdirSync(home.keys)) {
      expect(statSync(join(home.keys, file)).mode & 0o777).toBe(0o600);
    }
    const again = loadKeys(home, later);
    expect(again.warehouse.equals(made.warehouse)).toBe(true);
    expect(again.audit.equals(made.audit)).toBe(true);
    expect(again.deploymentId).toBe(made.deploymentId);
    expect(made.tokenMaster.kid).toBe('a1');
  });

  it('do not depend on the umask', () => {
    const before = process.umask(0o000);
    try {
      loadWarehouseKey(home, first);
    } finally {
      process.umask(before);
    }
    expect(statSync(join(home.keys, 'warehouse.key')).mode & 0o777).toBe(0o600);
  });

  it('give the API none that makes pseudonyms', () => {
    const keys = loadServiceKeys(home, first);
    expect(Object.keys(keys)).not.toContain('warehouse');
    expect(readdirSync(home.keys)).not.toContain('warehouse.key');
    loadWarehouseKey(home, first);
    chmodSync(join(home.keys, 'warehouse.key'), 0o000);
    expect(() => loadServiceKeys(home, later)).not.toThrow();
  });

  it('give the ETL none but its own', () => {
    loadWarehouseKey(home, first);
    expect(readdirSync(home.keys)).toEqual(['warehouse.key']);
  });

  it('carry "demo" in their id in development, and only there', () => {
    expect(loadServiceKeys(home, { create: true, dev: true }).tokenMaster.kid).toBe('demoa1');
    expect(loadServiceKeys(home, later).tokenMaster.kid).toBe('a1');
  });

  it('are rotated by adding a file with a greater number', () => {
    const before = loadServiceKeys(home, first);
    for (const kid of ['a2', 'a10']) put(`token-${kid}.key`, counting(kid === 'a2' ? 100 : 150));
    const after = loadServiceKeys(home, later);
    expect(after.tokenMaster.kid).toBe('a10');
    expect(after.previousTokenMasters.map(({ kid }) => kid)).toEqual(['a2', 'a1']);
    expect(after.previousTokenMasters[1]!.key.equals(before.tokenMaster.key)).toBe(true);
  });

  it('cannot be printed', () => {
    const keys = loadKeys(home, first);
    const hex = readFileSync(join(home.keys, 'warehouse.key')).toString('hex');
    const printed = inspect(keys, { depth: 9, showHidden: true }) + JSON.stringify(keys);
    expect(printed).not.toContain(hex.slice(0, 8));
    expect(printed).not.toMatch(/<Buffer|Uint8Array/);
  });

  it('agree between processes that start at once', async () => {
    const script = `
      const { createSecretFile } = require(process.argv[1]);
      createSecretFile(process.argv[2], require('node:crypto').randomBytes(32));
      process.stdout.write(require('node:fs').readFileSync(process.argv[2]).toString('hex'));`;
    // The processes run the compiled text of the module, since Node cannot load TypeScript.
    const swc = await import('@swc/core');
    const compile = async (from: string, to: string) => {
      const { code } = await swc.transformFile(join(__dirname, '../../src', from), {
        module: { type: 'commonjs' },
        jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
      });
      const local = code
        .replaceAll(/'\.\.\/(?:config\/)?([\w-]+)\.js'/g, "'./$1.cjs'")
        .replaceAll(/"\.\.\/(?:config\/)?([\w-]+)\.js"/g, '"./$1.cjs"');
      writeFileSync(join(home.root, to), local);
    };
    await compile('errors.ts', 'errors.cjs');
    await compile('config/fail-point.ts', 'fail-point.cjs');
    await compile('access/secret-file.ts', 'secret-file.cjs');
    const path = join(home.keys, 'warehouse.key');
    const run = promisify(execFile);
    const seen = await Promise.all(
      Array.from({ length: 6 }, () =>
        run(process.execPath, ['-e', script, join(home.root, 'secret-file.cjs'), path]),
      ),
    );
    expect(new Set(seen.map(({ stdout }) => stdout)).size).toBe(1);
    expect(readdirSync(home.keys)).toEqual(['warehouse.key']);
  });

  it('are never replaced', () => {
    loadWarehouseKey(home, first);
    const path = join(home.keys, 'warehouse.key');
    const before = readFileSync(path);
    createSecretFile(path, counting(7));
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it('are asked for where they may not be made', () => {
    expect(() => loadKeys(home, later)).toThrow(
      expect.objectContaining({
        code: 'CONFIGURATION',
        message: expect.stringMatching(/^The warehouse key is missing \(.*warehouse\.key\)\. Restore/),
      }),
    );
  });

  it.each<[string, Uint8Array, string]>([
    ['31 bytes', counting(1).subarray(1), 'has 31 bytes instead of 32'],
    ['33 bytes', Buffer.concat([counting(1), Buffer.of(1)]), 'has 33 bytes instead of 32'],
    ['nothing', Buffer.of(), 'has 0 bytes'],
    ['zeros', Buffer.alloc(32), 'repeats one byte'],
    ['one byte 32 times', Buffer.alloc(32, 7), 'repeats one byte'],
    ['a published key', counting(0x20), 'is a published test key'],
  ])('are refused with %s', (_, bytes, message) => {
    put('cursor.key', bytes);
    expect(() => loadServiceKeys(home, first)).toThrow(
      expect.objectContaining({
        code: 'CONFIGURATION',
        message: expect.stringMatching(
          new RegExp(`^The cursor key \\(.*cursor\\.key\\) ${message}.*\\. \\w`),
        ),
      }),
    );
  });

  it('may be published ones in development', () => {
    put('cursor.key', counting(0x20));
    expect(() => loadServiceKeys(home, { create: true, dev: true })).not.toThrow();
  });

  it('are refused when two are equal', () => {
    put('cursor.key', counting(9));
    put('audit.key', counting(9));
    expect(() => loadServiceKeys(home, first)).toThrow('The cursor key and the audit key are equal');
    put('audit.key', counting(10));
    put('warehouse.key', counting(10));
    expect(() => loadKeys(home, first)).toThrow('The warehouse key and the audit key are equal');
  });

  it.each([0o640, 0o604, 0o660, 0o601])('are refused with mode %o', (mode) => {
    put('audit.key', counting(9), mode);
    expect(() => loadServiceKeys(home, first)).toThrow(
      /audit\.key is open to its group or to others\. Run: chmod 600/,
    );
  });

  it('are refused with a damaged deployment id', () => {
    put('deployment-id', '../../x');
    expect(() => loadServiceKeys(home, first)).toThrow('The deployment id');
  });

  it('have a fingerprint that tells them apart', () => {
    const [one, other] = [createSecretKey(counting(0)), createSecretKey(counting(1))];
    expect(fingerprint(one)).toMatch(/^[0-9a-f]{8}$/);
    expect(fingerprint(one)).toBe(fingerprint(createSecretKey(counting(0))));
    expect(fingerprint(one)).not.toBe(fingerprint(other));
  });
});
