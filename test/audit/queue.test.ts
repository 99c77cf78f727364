import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type AuditLog, type AuditOptions, auditLog } from '../../src/audit/log.js';
import { verifyAudit } from '../../src/audit/verify.js';
import { mountSmallDisk } from '../faults/tmpfs.js';
import { temporaryFolder } from '../support/landing.js';
import { numbersIn } from './records.js';
import { writerKey } from './writer-key.js';

const home = temporaryFolder();
const key = writerKey(0x21);
let made = 0;
const newFolder = (): string => {
  made += 1;
  const folder = join(home, String(made));
  mkdirSync(folder);
  return folder;
};
const opened: AuditLog[] = [];
const openLog = (folder: string, more: Partial<AuditOptions> = {}): AuditLog => {
  const log = auditLog({ folder, key, earlierKeys: new Set(), retryEvery: 50, ...more });
  opened.push(log);
  return log;
};
afterEach(async () => {
  for (const log of opened.splice(0)) await log.close().catch(() => undefined);
});

const record = (n: number) => ({ kind: 'test', n });
const unavailable = expect.objectContaining({ code: 'AUDIT_UNAVAILABLE' });
const refusal = (log: AuditLog): unknown => {
  try {
    return log.assertReady();
  } catch (error) {
    return error;
  }
};
async function until(holds: () => boolean, milliseconds = 5_000): Promise<void> {
  for (const end = performance.now() + milliseconds; !holds(); await pause(5))
    if (performance.now() > end) throw new Error('it did not come to it');
}
const verified = async (folder: string) => (await verifyAudit(folder, [key])).wrong;

/** Nothing can be written below a file. */
const takeAway = (folder: string): void => {
  renameSync(folder, `${folder}-away`);
  writeFileSync(folder, '');
};
const giveBack = (folder: string): void => {
  rmSync(folder);
  renameSync(`${folder}-away`, folder);
};

describe('a log whose folder is another one for a while', () => {
  it('begins no second chain there, and goes on where it was', async () => {
    const folder = newFolder();
    const log = openLog(folder);
    await log.append(record(1));
    renameSync(folder, `${folder}-away`);
    mkdirSync(folder);
    await expect(log.append(record(2))).rejects.toEqual(unavailable);
    expect(refusal(log)).toEqual(unavailable);
    rmSync(folder, { recursive: true });
    renameSync(`${folder}-away`, folder);
    await until(() => refusal(log) === undefined);
    await log.append(record(3));
    expect(await verified(folder)).toBeUndefined();
  });
});

describe('a record that nobody waits for', () => {
  it('is written soon, with the others, and in its order', async () => {
    const folder = newFolder();
    const log = openLog(folder);
    await log.flush();
    const began = performance.now();
    for (let n = 0; n < 50; n += 1) log.keep(record(n));
    expect(log.status()).toEqual({ waiting: 50, unavailable: false });
    await until(() => log.status().waiting === 0);
    expect(performance.now() - began).toBeLessThan(500);
    expect(numbersIn(folder)).toEqual(Array.from({ length: 50 }, (_none, n) => n));
  });

  it('goes with one that somebody waits for, before it', async () => {
    const folder = newFolder();
    const log = openLog(folder);
    log.keep(record(0));
    log.keep(record(1));
    await log.append(record(2));
    expect(numbersIn(folder)).toEqual([0, 1, 2]);
    expect(log.status().waiting).toBe(0);
  });

  it('is there once the log is flushed or closed', async () => {
    const folder = newFolder();
    const log = openLog(folder);
    log.keep(record(0));
    await log.flush();
    expect(numbersIn(folder)).toEqual([0]);
    log.keep(record(1));
    await log.close();
    expect(numbersIn(folder)).toEqual([0, 1]);
    expect(await verified(folder)).toBeUndefined();
  });

  it('stays in its order when it cannot be written, and is written when it can', async () => {
    const folder = newFolder();
    const said: string[] = [];
    const log = openLog(folder, { onProblem: (text) => said.push(text) });
    await log.append(record(0));
    takeAway(folder);
    expect(refusal(log)).toBeUndefined();
    log.keep(record(1));
    const flushed = log.flush();
    // This one comes while the one before is being written.
    log.keep(record(2));
    await expect(flushed).rejects.toEqual(unavailable);
    expect(refusal(log)).toEqual(unavailable);
    await expect(log.append(record(3))).rejects.toEqual(unavailable);
    await pause(120);
    expect(log.status()).toEqual({ waiting: 2, unavailable: true });
    giveBack(folder);
    await until(() => refusal(log) === undefined);
    await log.append(record(4));
    expect(numbersIn(folder)).toEqual([0, 1, 2, 4]);
    expect(said).toEqual([
      expect.stringMatching(/^The audit cannot be written, so that nothing is served: /),
    ]);
    expect(await verified(folder)).toBeUndefined();
  });

  it('says how long it had to wait', async () => {
    const folder = newFolder();
    const clock = { elapsed: 0 };
    const log = auditLog(
      { folder, key, earlierKeys: new Set(), retryEvery: 20 },
      { now: () => new Date('2026-01-15T12:00:00Z'), elapsed: () => clock.elapsed },
    );
    opened.push(log);
    await log.append(record(0));
    takeAway(folder);
    log.keep(record(1));
    await until(() => log.status().unavailable);
    clock.elapsed += 90_000;
    giveBack(folder);
    await until(() => log.status().waiting === 0);
    expect(numbersIn(folder, 'waited')).toEqual([90_000]);
  });

  it('survives a full disk, once', async () => {
    const folder = newFolder();
    const disk = mountSmallDisk(folder, 'size=64k');
    if ('reason' in disk) {
      console.warn(disk.reason);
      return;
    }
    const log = openLog(folder);
    try {
      let n = 0;
      while (refusal(log) === undefined) {
        log.keep({ ...record(n), padding: 'x'.repeat(3_000) });
        n += 1;
        await pause(n % 3 === 0 ? 60 : 0);
      }
      disk.remount('size=4m');
      await until(() => refusal(log) === undefined);
      await log.append(record(n));
      expect(numbersIn(folder)).toEqual(Array.from({ length: n + 1 }, (_none, at) => at));
      expect(await verified(folder)).toBeUndefined();
    } finally {
      await log.close();
      disk.unmount();
    }
  });

  it('stands once where it was written and only its fsync failed', async () => {
    const folder = newFolder();
    const log = openLog(folder);
    await log.append(record(0));
    const probe = await open(join(home, 'probe'), 'w');
    const FileHandle = Object.getPrototypeOf(probe) as { sync(): Promise<void> };
    await probe.close();
    const { sync } = FileHandle;
    let failures = 0;
    FileHandle.sync = async function failing() {
      failures += 1;
      FileHandle.sync = sync;
      throw Object.assign(new Error('disk'), { code: 'EIO' });
    };
    log.keep(record(1));
    log.keep(record(2));
    await until(() => failures === 1);
    await until(() => log.status().waiting === 0);
    await log.append(record(3));
    expect(numbersIn(folder)).toEqual([0, 1, 2, 3]);
    expect(await verified(folder)).toBeUndefined();
  });
});

describe('a log that cannot be written', () => {
  it('is ready again by itself, although nothing waits', async () => {
    const folder = newFolder();
    takeAway(folder);
    const log = openLog(folder);
    await expect(log.flush()).rejects.toEqual(unavailable);
    expect(log.status()).toEqual({ waiting: 0, unavailable: true });
    expect(refusal(log)).toEqual(unavailable);
    giveBack(folder);
    await until(() => refusal(log) === undefined);
  });

  it('is one that another process writes, until that has ended', async () => {
    const folder = newFolder();
    const [one, other] = [openLog(folder), openLog(folder)];
    await one.append(record(0));
    other.keep(record(1));
    await until(() => other.status().unavailable);
    expect(refusal(other)).toEqual(unavailable);
    await one.close();
    await until(() => refusal(other) === undefined);
    expect(numbersIn(folder)).toEqual([0, 1]);
    expect(await verified(folder)).toBeUndefined();
  });

  it('takes no more than 10,000 records, and refuses before', async () => {
    const folder = newFolder();
    takeAway(folder);
    const log = openLog(folder, { retryEvery: 60_000 });
    log.keep(record(0));
    await until(() => log.status().unavailable);
    for (let n = 1; n < 10_000; n += 1) log.keep(record(n));
    expect(() => log.keep(record(10_000))).toThrow(unavailable);
    await expect(log.append(record(10_000))).rejects.toEqual(unavailable);
    giveBack(folder);
    await log.flush();
    expect(refusal(log)).toBeUndefined();
    expect(numbersIn(folder)).toHaveLength(10_000);
    expect(await verified(folder)).toBeUndefined();
  }, 30_000);

  it('says at its end that records are lost', async () => {
    const folder = newFolder();
    const said: string[] = [];
    let now = 0;
    const log = auditLog(
      { folder, key, earlierKeys: new Set(), retryEvery: 20, onProblem: (text) => said.push(text) },
      { now: () => new Date(), elapsed: () => (now += 1_000) },
    );
    takeAway(folder);
    log.keep(record(0));
    await expect(log.close()).rejects.toEqual(unavailable);
    expect(said.at(-1)).toBe('1 records of the audit could not be written and are lost.');
  });
});

it('refuses requests before it is full, so that those under way can be recorded', async () => {
  const log = openLog(newFolder());
  for (let n = 0; n < 8_999; n += 1) log.keep(record(n));
  expect(refusal(log)).toBeUndefined();
  log.keep(record(8_999));
  expect(refusal(log)).toEqual(unavailable);
  await log.flush();
  expect(refusal(log)).toBeUndefined();
}, 30_000);

it('takes no record that could not be written, since it would stand in the way of all others', async () => {
  const folder = newFolder();
  const log = openLog(folder);
  const internal = expect.objectContaining({ code: 'INTERNAL' });
  expect(() => log.keep({ kind: 'test', n: Number.NaN })).toThrow(internal);
  await expect(log.append({ kind: 'test', text: '\ud800' })).rejects.toEqual(internal);
  await log.append(record(1));
  expect(numbersIn(folder)).toEqual([1]);
});
