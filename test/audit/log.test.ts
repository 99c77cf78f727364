import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  copyFileSync,
  cpSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { auditLog } from '../../src/audit/log.js';
import { verifyAudit } from '../../src/audit/verify.js';
import type { AuditEffects, Checkpoint } from '../../src/audit/writer.js';
import { mountSmallDisk } from '../faults/tmpfs.js';
import { root, temporaryFolder } from '../support/landing.js';
import { countOf, listFiles, patientsFrom, recordsIn, segments } from './records.js';
import { writerKey } from './writer-key.js';

const home = temporaryFolder();
let made = 0;
const newFolder = (): string => {
  made += 1;
  return join(home, String(made));
};
const key = writerKey(0x21);
const openLog = (
  folder: string,
  more: Partial<Parameters<typeof auditLog>[0]> = {},
  effects?: AuditEffects,
) => auditLog({ folder, key, earlierKeys: new Set(), ...more }, effects);

/** Patients of the n-th record: none, one, or a few. */
const patientsOf = (n: number): Buffer[] => patientsFrom(n, n % 3);

/** A log of `count` records in segments of 40, with their patients. */
async function logOf(count: number, checkpoint?: (point: Checkpoint) => Promise<void>): Promise<string> {
  const folder = newFolder();
  const log = openLog(folder, { recordsPerSegment: 40, ...(checkpoint ? { checkpoint } : {}) });
  for (let n = 1; n <= count; n += 1) {
    const patients = patientsOf(n);
    await log.append({ kind: 'test', n, text: `"\u001f" é ${n}`, ...countOf(key, patients) }, patients);
  }
  await log.close();
  return folder;
}

describe('the log of the audit', () => {
  it('numbers records without a gap over its segments, and verifies', async () => {
    const folder = await logOf(100);
    expect(segments(folder)).toEqual(['00000001.ndjson', '00000002.ndjson', '00000003.ndjson']);
    const records = recordsIn(folder);
    expect(records.map(({ seq }) => seq)).toEqual(records.map((_record, at) => at + 1));
    expect(records.filter(({ kind }) => kind === 'test').map(({ n }) => n)).toEqual(
      Array.from({ length: 100 }, (_none, at) => at + 1),
    );
    expect(await verifyAudit(folder, [key])).toEqual({
      segments: 3,
      records: 103,
      first: 1,
      last: 103,
      notes: [],
    });
    expect(listFiles(folder)).toEqual(['00000001.patients', '00000002.patients', '00000003.patients']);
    for (const name of [...segments(folder), ...listFiles(folder)])
      expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
  });

  it('keeps the order of what is added at the same time', async () => {
    const folder = newFolder();
    const log = openLog(folder, { recordsPerSegment: 40 });
    await Promise.all(Array.from({ length: 200 }, (_none, n) => log.append({ kind: 'test', n })));
    await log.close();
    expect(recordsIn(folder).flatMap(({ n }) => n ?? [])).toEqual(
      Array.from({ length: 200 }, (_none, n) => n),
    );
    expect((await verifyAudit(folder, [key])).wrong).toBeUndefined();
  });

  it('is written by one process at a time', async () => {
    const folder = newFolder();
    const [one, other] = [openLog(folder), openLog(folder)];
    await one.append({ kind: 'test', n: 1 });
    await expect(other.append({ kind: 'test', n: 2 })).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
    await one.close();
    await other.append({ kind: 'test', n: 3 });
    await other.close();
    expect(recordsIn(folder).flatMap(({ n }) => n ?? [])).toEqual([1, 3]);
    expect((await verifyAudit(folder, [key])).wrong).toBeUndefined();
  });

  it('goes on under another key only where the one before is still there', async () => {
    const folder = await logOf(3);
    const later = writerKey(0x61);
    const said: string[] = [];
    const lost = openLog(folder, { key: later, onProblem: (text) => said.push(text) });
    await expect(lost.append({ kind: 'test', n: 4 })).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
    await lost.close();
    expect(said.join()).toMatch(/Restore audit\.key, or keep the old key as audit-[0-9a-f]{8}\.key/);
    const used = JSON.parse(readFileSync(join(folder, '00000001.ndjson'), 'utf8').split('\n')[0]!).r.key;
    const rotated = openLog(folder, { key: later, earlierKeys: new Set([used]) });
    await rotated.append({ kind: 'test', n: 4 });
    await rotated.close();
    expect((await verifyAudit(folder, [key, later])).wrong).toBeUndefined();
    expect((await verifyAudit(folder, [later])).wrong).toMatchObject({ seq: 1 });
    expect((await verifyAudit(folder, [key])).wrong).toMatchObject({ seq: 5 });
  });

  it('tells of a clock that was set back', async () => {
    const folder = newFolder();
    const clock = { wall: Date.parse('2026-01-15T12:00:00Z'), elapsed: 0 };
    const log = openLog(folder, {}, { now: () => new Date(clock.wall), elapsed: () => clock.elapsed });
    for (let n = 0; n < 3; n += 1) {
      await log.append({ kind: 'test', n });
      clock.elapsed += 1_000;
      clock.wall += n === 1 ? -3_600_000 : 1_000;
    }
    await log.close();
    expect(await verifyAudit(folder, [key])).toMatchObject({
      notes: ['The clock went back before record 4.'],
    });
  });
});

describe('what is not as it was written', () => {
  let folder: string;
  const points: Checkpoint[] = [];
  beforeAll(async () => {
    folder = await logOf(100, async (point) => void points.push(point));
  });

  /** What the check says of a copy that was changed. */
  async function wrongAfter(change: (copy: string) => void): Promise<number | undefined> {
    const copy = newFolder();
    cpSync(folder, copy, { recursive: true });
    change(copy);
    const { wrong } = await verifyAudit(copy, [key], points);
    rmSync(copy, { recursive: true });
    return wrong?.seq;
  }
  const edited = (name: string, edit: (lines: string[]) => string[]) => (copy: string) => {
    const path = join(copy, name);
    const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
    writeFileSync(
      path,
      edit(lines)
        .map((line) => `${line}\n`)
        .join(''),
    );
  };

  const isFull = process.env['MAPLEWOOD_TEST_FULL'] === '1';
  it.each(
    (isFull ? [1, 2, 3] : [2]).flatMap((segment) => [
      ['ndjson', segment] as const,
      ['patients', segment] as const,
    ]),
  )(
    'shows in every byte of the %s of segment %i',
    async (kind, segment) => {
      const name = `0000000${segment}.${kind}`;
      const path = join(folder, name);
      const bytes = readFileSync(path);
      const starts = [...bytes.keys()].filter((at) => at === 0 || bytes[at - 1] === 0x0a);
      const unseen: number[] = [];
      const late: number[] = [];
      const step = isFull ? 1 : 7;
      for (let at = 0; at < bytes.length; at += step) {
        for (const flip of [0x01, 0x20]) {
          const changed = Buffer.from(bytes);
          changed[at]! ^= flip;
          writeFileSync(path, changed);
          const { wrong } = await verifyAudit(folder, [key], points);
          const line = kind === 'ndjson' ? starts.filter((start) => start <= at).length : 40;
          if (!wrong) unseen.push(at);
          else if (wrong.seq > 40 * (segment - 1) + line) late.push(at);
        }
      }
      writeFileSync(path, bytes);
      expect([unseen, late]).toEqual([[], []]);
      expect((await verifyAudit(folder, [key], points)).wrong).toBeUndefined();
    },
    600_000,
  );

  it.each([
    ['a record is gone', edited('00000002.ndjson', (lines) => lines.toSpliced(5, 1)), 46],
    ['a record stands twice', edited('00000002.ndjson', (lines) => lines.toSpliced(5, 0, lines[5]!)), 47],
    [
      'two records have changed places',
      edited('00000002.ndjson', (lines) => lines.toSpliced(5, 2, lines[6]!, lines[5]!)),
      46,
    ],
    ['a segment lacks its end', edited('00000001.ndjson', (lines) => lines.slice(0, -1)), 40],
    ['the last segment lacks its end', edited('00000003.ndjson', (lines) => lines.slice(0, -1)), 103],
    ['a line was added', edited('00000003.ndjson', (lines) => [...lines, lines.at(-1)!]), 104],
    ['a segment is gone', (copy: string) => rmSync(join(copy, '00000002.ndjson')), 41],
    ['the last segment is gone', (copy: string) => rmSync(join(copy, '00000003.ndjson')), 81],
    ['a segment is empty', (copy: string) => writeFileSync(join(copy, '00000002.ndjson'), ''), 41],
    [
      'a segment stands in the place of another',
      (copy: string) => copyFileSync(join(copy, '00000001.ndjson'), join(copy, '00000002.ndjson')),
      41,
    ],
    [
      'two segments have changed places',
      (copy: string) => {
        renameSync(join(copy, '00000001.ndjson'), join(copy, 'x'));
        renameSync(join(copy, '00000002.ndjson'), join(copy, '00000001.ndjson'));
        renameSync(join(copy, 'x'), join(copy, '00000002.ndjson'));
      },
      1,
    ],
    [
      'a segment has a torn end that the next one does not know',
      (copy: string) => appendFileSync(join(copy, '00000001.ndjson'), '{"h":"'),
      42,
    ],
  ])('shows where %s', async (_what, change, seq) => {
    expect(await wrongAfter(change)).toBe(seq);
  });

  // In the second segment record 42 has one patient, 43 two, 44 none, and so on to 79, which has two.
  const part = (count: number): number => 44 + 16 * count;
  const editedLists = (edit: (bytes: Buffer) => Buffer) => (copy: string) => {
    const path = join(copy, '00000002.patients');
    writeFileSync(path, edit(readFileSync(path)));
  };
  const first = part(1);
  const second = part(2);
  it.each([
    ['lists of patients are gone', (copy: string) => rmSync(join(copy, '00000002.patients')), 42],
    ['lists of patients are empty', editedLists(() => Buffer.alloc(0)), 42],
    ['a list is gone', editedLists((bytes) => bytes.subarray(first)), 42],
    ['a later list is gone', editedLists((bytes) => without(bytes, first, second)), 43],
    ['the last list is gone', editedLists((bytes) => bytes.subarray(0, -second)), 79],
    ['the last list lacks its end', editedLists((bytes) => bytes.subarray(0, -1)), 79],
    ['a list stands twice', editedLists((bytes) => Buffer.concat([bytes.subarray(0, first), bytes])), 43],
    [
      'the last list stands twice',
      editedLists((bytes) => Buffer.concat([bytes, bytes.subarray(-second)])),
      81,
    ],
    [
      'two lists have changed places',
      editedLists((bytes) =>
        Buffer.concat([
          bytes.subarray(first, first + second),
          bytes.subarray(0, first),
          bytes.subarray(first + second),
        ]),
      ),
      42,
    ],
    [
      'the lists of two segments have changed places',
      (copy: string) => {
        renameSync(join(copy, '00000001.patients'), join(copy, 'x'));
        renameSync(join(copy, '00000002.patients'), join(copy, '00000001.patients'));
        renameSync(join(copy, 'x'), join(copy, '00000002.patients'));
      },
      2,
    ],
    [
      'something stands behind lists that the next segment does not know',
      editedLists((bytes) => Buffer.concat([bytes, Buffer.alloc(7)])),
      82,
    ],
    [
      'there are lists of no segment',
      (copy: string) => copyFileSync(join(copy, '00000003.patients'), join(copy, '00000004.patients')),
      104,
    ],
  ])('shows where %s', async (_what, change, seq) => {
    expect(await wrongAfter(change)).toBe(seq);
  });
});

const without = (bytes: Buffer, from: number, length: number): Buffer =>
  Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + length)]);

it('names the segment that is missing', async () => {
  const folder = await logOf(100);
  rmSync(join(folder, '00000002.ndjson'));
  expect((await verifyAudit(folder, [key])).wrong).toEqual({
    seq: 41,
    segment: '00000003.ndjson',
    reason: '00000002.ndjson is missing',
  });
});

describe('a writer that does not end well', () => {
  const rounds = process.env['MAPLEWOOD_TEST_FULL'] === '1' ? 100 : 12;
  it('loses no acknowledged record when it is killed, however often', async () => {
    const folder = newFolder();
    const acknowledged: number[] = [];
    let next = 0;
    for (let round = 0; round < rounds; round += 1) {
      const child = spawn(
        process.execPath,
        ['--import', 'tsx', join(__dirname, 'writer-child.ts'), folder, String(next)],
        { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] },
      );
      let said = '';
      await new Promise<void>((enough) => {
        child.stdout.on('data', (text: Buffer) => {
          said += text.toString();
          // Each time somewhere else: in the middle of a write as well as between two.
          if (said.split('\n').length > 10 + ((7 * round) % 90)) enough();
        });
      });
      process.kill(child.pid!, 'SIGKILL');
      await once(child, 'close');
      acknowledged.push(...said.split('\n').slice(0, -1).map(Number));
      // Those behind it may be there or not; their numbers are not used again.
      next = (acknowledged.at(-1) ?? 0) + 1_000;
    }
    const verified = await verifyAudit(folder, [key]);
    expect(verified.wrong).toBeUndefined();
    const kept = recordsIn(folder).flatMap(({ n }) => n ?? []);
    expect(new Set(kept).size).toBe(kept.length);
    const has = new Set(kept);
    // What was acknowledged was so with all that nobody waited for before it.
    expect(acknowledged.filter((n) => !has.has(n) || !has.has(n - 1) || !has.has(n - 2))).toEqual([]);
    expect(acknowledged.length).toBeGreaterThan(20 * rounds);
  }, 900_000);

  it.each([
    ['audit.before-make-lists', 1],
    ['audit.after-make-lists', 1],
    ['audit.before-append-lists', 3],
    ['audit.after-append-lists', 3],
    ['audit.before-fsync-lists', 3],
    ['audit.after-fsync-lists', 3],
    ['audit.before-append', 5],
    ['audit.after-append', 5],
    ['audit.after-fsync', 5],
  ])('leaves no record without its list when it is killed at %s', async (point, passing) => {
    const folder = newFolder();
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', join(__dirname, 'writer-child.ts'), folder, '1', point, String(passing)],
      { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    let said = '';
    child.stdout.on('data', (text: Buffer) => {
      said += text.toString();
    });
    const [, signal] = (await once(child, 'close')) as [number | null, string | null];
    expect(signal).toBe('SIGKILL');
    expect((await verifyAudit(folder, [key])).wrong).toBeUndefined();
    const log = openLog(folder);
    await log.append({ kind: 'test', n: 100_000 });
    await log.close();
    const verified = await verifyAudit(folder, [key]);
    expect([verified.wrong, verified.notes]).toEqual([undefined, []]);
    const kept = recordsIn(folder).flatMap(({ n }) => n ?? []);
    expect(
      said
        .split('\n')
        .slice(0, -1)
        .map(Number)
        .filter((n) => !kept.includes(n)),
    ).toEqual([]);
  });

  it('has its torn line told by the next segment', async () => {
    const folder = await logOf(3);
    const file = join(folder, '00000001.ndjson');
    const line = Buffer.from(readFileSync(file, 'utf8').split('\n')[2]!);
    for (const kept of [1, 30, line.length]) {
      appendFileSync(join(folder, segments(folder).at(-1)!), line.subarray(0, kept));
      expect(await verifyAudit(folder, [key])).toMatchObject({
        notes: [`The last line is torn (${kept} bytes), as a kill leaves it.`],
      });
      const log = openLog(folder);
      await log.append({ kind: 'test', n: 3 + kept });
      await log.close();
      const verified = await verifyAudit(folder, [key]);
      expect([verified.wrong, verified.notes]).toEqual([undefined, []]);
    }
    expect(recordsIn(folder).filter(({ kind }) => kind === 'RECOVERED')).toHaveLength(3);
  });

  it('goes on after a full disk, without a gap', async () => {
    const folder = newFolder();
    const disk = mountSmallDisk(folder, 'size=64k');
    if ('reason' in disk) {
      console.warn(disk.reason);
      return;
    }
    try {
      const log = openLog(folder);
      const outcomes: string[] = [];
      const add = async (n: number): Promise<void> => {
        await log.append({ kind: 'test', n, padding: 'x'.repeat(3_000) }).then(
          () => outcomes.push(`${n}`),
          (error: { code: string }) => outcomes.push(error.code),
        );
      };
      for (let n = 0; n < 30; n += 1) await add(n);
      expect(outcomes.at(-1)).toBe('AUDIT_UNAVAILABLE');
      disk.remount('size=4m');
      for (let n = 30; n < 35; n += 1) await add(n);
      await log.close();
      const kept = recordsIn(folder).flatMap(({ n }) => n ?? []);
      const acknowledged = outcomes.filter((outcome) => outcome !== 'AUDIT_UNAVAILABLE').map(Number);
      expect(acknowledged.slice(-5)).toEqual([30, 31, 32, 33, 34]);
      expect(acknowledged.filter((n) => !kept.includes(n))).toEqual([]);
      expect((await verifyAudit(folder, [key])).wrong).toBeUndefined();
    } finally {
      disk.unmount();
    }
  });
});
