import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fingerprint } from '../../src/access/key.js';
import { loadEarlierAuditKeys, loadServiceKeys } from '../../src/access/keys.js';
import { auditLog } from '../../src/audit/log.js';
import type { Checkpoint } from '../../src/audit/writer.js';
import { audit } from '../../src/commands/audit.js';
import { checkpointsFile } from '../../src/commands/break-glass.js';
import { ensureHome } from '../../src/config/home.js';
import { appendLine } from '../../src/lake/durable.js';
import { configAt, quiet } from '../support/home.js';
import { temporaryFolder } from '../support/landing.js';

const config = configAt(join(temporaryFolder(), 'home'));
const { home } = config;

async function verify(...args: readonly string[]): Promise<{ said: string; failed?: string }> {
  let said = '';
  const context = {
    ...quiet(),
    config: () => config,
    out: (text: string) => {
      said += text;
    },
  };
  try {
    await audit.run(['verify', ...args], context);
    return { said };
  } catch (error) {
    const { code, exitCode, message } = error as { code: string; exitCode: number; message: string };
    return { said, failed: `${code} ${exitCode} ${message}` };
  }
}

async function write(...texts: readonly string[]): Promise<void> {
  const log = auditLog({
    folder: home.audit,
    key: loadServiceKeys(home, { create: true, dev: true }).audit,
    earlierKeys: new Set(loadEarlierAuditKeys(home, true).keys()),
    checkpoint: (point: Checkpoint) =>
      appendLine(join(home.state, checkpointsFile), JSON.stringify(point), 'test'),
  });
  for (const text of texts) await log.append({ kind: 'test', text });
  await log.close();
}

describe('maplewood audit verify', () => {
  beforeAll(() => ensureHome(home));

  it('asks for the key, and says where nothing was recorded yet', async () => {
    expect((await verify()).failed).toMatch(/^CONFIGURATION 2 The audit key|^CONFIGURATION 2 The token key/);
    loadServiceKeys(home, { create: true, dev: true });
    expect(await verify()).toEqual({ said: 'There is no record yet.\n' });
  });

  it('says which records it has verified, under the keys of before too', async () => {
    await write('a', 'b');
    const { audit: key } = loadServiceKeys(home, { create: false, dev: true });
    renameSync(join(home.keys, 'audit.key'), join(home.keys, `audit-${fingerprint(key)}.key`));
    await write('c');
    expect(await verify()).toEqual({ said: 'Records 1 to 5 are as they were written, in 2 segments.\n' });
    expect(JSON.parse((await verify('--json')).said)).toMatchObject({ records: 5, last: 5, notes: [] });
  });

  it('names the first record that is not as it was written', async () => {
    const file = join(home.audit, '00000001.ndjson');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace('"text":"b"', '"text":"x"'));
    const { said, failed } = await verify();
    expect(said).toBe('2 records before it are as they were written.\n');
    expect(failed).toMatch(/^AUDIT_DAMAGED 1 .*from record 3 on \(00000001\.ndjson\): the seal/);
    writeFileSync(file, text);
    expect((await verify()).failed).toBeUndefined();
  });

  it('finds an end that was cut off, by the seal that is kept elsewhere', async () => {
    rmSync(join(home.audit, '00000002.ndjson'));
    expect((await verify()).failed).toMatch(
      /from record 4 on .*the end is missing: a checkpoint knows record 5/,
    );
  });

  it('refuses a key under the name of another', async () => {
    const [named] = loadEarlierAuditKeys(home, true).keys();
    renameSync(join(home.keys, `audit-${named}.key`), join(home.keys, 'audit-00000000.key'));
    expect((await verify()).failed).toContain(`Name it audit-${named}.key.`);
  });
});
