import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { auditLog } from '../../src/audit/log.js';
import { auditReader } from '../../src/audit/reader.js';
import { readTrail, type TrailQuestion } from '../../src/audit/trail.js';
import { temporaryFolder } from '../support/landing.js';
import { countOf, patientsFrom } from './records.js';
import { writerKey } from './writer-key.js';

const home = temporaryFolder();
const key = writerKey(0x21);
const later = writerKey(0x61);
const start = Date.parse('2026-01-15T12:00:00Z');
const minute = 60_000;
const known = patientsFrom(1, 50);
const always = { from: 0, to: Number.MAX_SAFE_INTEGER, first: 1_000 };
const never = new AbortController().signal;

const record = (n: number, patients: readonly Buffer[] = []) => ({
  kind: n % 10 === 9 ? 'break-glass' : 'request',
  outcome: n % 4 === 0 ? 'refused' : 'answered',
  requestId: `request-${n}`,
  principal: {
    oid: `user-${n % 3}`,
    azp: `app-${n % 2}`,
    tid: 't',
    role: n % 5 === 0 ? 'analyst' : 'clinician',
  },
  n,
  ...countOf(key, patients),
});

/** A log of 100 records, a minute apart; the n-th shows patients n % 50 and (n + 1) % 50 where n is even. */
async function written(folder: string): Promise<void> {
  let wall = start;
  const log = auditLog(
    { folder, key, earlierKeys: new Set(), recordsPerSegment: 30 },
    { now: () => new Date(wall), elapsed: () => wall - start },
  );
  for (let n = 0; n < 100; n += 1) {
    const patients = n % 2 === 0 ? [known[n % 50]!, known[(n + 1) % 50]!] : [];
    await log.append(record(n, patients), patients);
    wall += minute;
  }
  await log.close();
}

describe('the trail', () => {
  const folder = join(home, 'trail');
  beforeAll(() => written(folder));
  const asked = async (question: Partial<TrailQuestion>) => {
    const { records, ...page } = await readTrail(folder, [key], { ...always, ...question }, never);
    return {
      numbers: records.map(({ n }) => Number(n)),
      seqs: records.map(({ seq }) => Number(seq)),
      ...page,
    };
  };
  const numbers = (holds: (n: number) => boolean): number[] =>
    Array.from({ length: 100 }, (_none, n) => 99 - n).filter(holds);

  it('begins with the newest record, and has none of the log itself', async () => {
    const page = await asked({});
    expect(page.numbers).toEqual(numbers(() => true));
    expect([page.hasMore, page.isDamaged]).toEqual([false, false]);
  });

  it.each<[string, Partial<TrailQuestion>, (n: number) => boolean]>([
    ['kind', { kind: 'break-glass' }, (n) => n % 10 === 9],
    ['outcome', { outcome: 'refused' }, (n) => n % 4 === 0],
    ['subject', { subject: 'user-2' }, (n) => n % 3 === 2],
    ['client', { client: 'app-1' }, (n) => n % 2 === 1],
    ['role', { role: 'analyst' }, (n) => n % 5 === 0],
    ['request', { requestId: 'request-42' }, (n) => n === 42],
    ['time', { from: start + 20 * minute, to: start + 23 * minute }, (n) => n >= 20 && n < 23],
    ['all of them', { client: 'app-1', role: 'analyst', subject: 'user-0' }, (n) => n % 30 === 15],
    ['nobody', { subject: 'nobody' }, () => false],
  ])('finds by %s', async (_what, question, holds) => {
    expect((await asked(question)).numbers).toEqual(numbers(holds));
  });

  it('finds who saw a patient, and nobody else', async () => {
    for (const at of [0, 7, 49]) {
      const sees = (n: number): boolean => n % 2 === 0 && [n % 50, (n + 1) % 50].includes(at);
      expect((await asked({ patient: known[at]! })).numbers).toEqual(numbers(sees));
    }
    expect((await asked({ patient: patientsFrom(1_000, 1)[0]! })).numbers).toEqual([]);
    // Two keys side by side hold other sixteen bytes across their border.
    const across = Buffer.concat([known[0]!, known[1]!]).subarray(8, 24);
    expect((await asked({ patient: across })).numbers).toEqual([]);
    const [from, to] = [start, start + 10 * minute];
    expect((await asked({ patient: known[0]!, from, to })).numbers).toEqual([0]);
  });

  it('gives every record once, page by page, whatever the size', async () => {
    for (const first of [1, 7, 29, 100]) {
      const seen: number[] = [];
      for (let before: number | undefined, more = true; more; ) {
        const page = await asked({ first, before });
        seen.push(...page.numbers);
        expect(page.numbers.length).toBeLessThanOrEqual(first);
        before = page.seqs.at(-1);
        more = page.hasMore;
      }
      expect(seen).toEqual(numbers(() => true));
    }
  });

  it('says what it could not read, and passes over nothing else', async () => {
    const file = join(folder, '00000002.ndjson');
    const lists = join(folder, '00000002.patients');
    const [text, bytes] = [readFileSync(file, 'utf8'), readFileSync(lists)];
    try {
      writeFileSync(file, text.replace('"n":40', '"n":4x'));
      expect(await asked({})).toMatchObject({ isDamaged: true, numbers: numbers((n) => n !== 40) });
      writeFileSync(file, text);
      const flipped = Buffer.from(bytes);
      flipped[20]! ^= 1;
      writeFileSync(lists, flipped);
      expect(await asked({ patient: known[3]! })).toMatchObject({ isDamaged: true });
    } finally {
      writeFileSync(file, text);
      writeFileSync(lists, bytes);
    }
    const last = join(folder, '00000004.ndjson');
    const whole = readFileSync(last);
    appendFileSync(last, '{"h":"');
    expect(await asked({})).toMatchObject({ isDamaged: false, numbers: numbers(() => true) });
    writeFileSync(last, whole);
  });

  it('stops when its signal does', async () => {
    const reason = new Error('gone');
    await expect(readTrail(folder, [key], always, AbortSignal.abort(reason))).rejects.toBe(reason);
    await expect(
      readTrail(folder, [key], { ...always, patient: known[0]! }, AbortSignal.abort(reason)),
    ).rejects.toBe(reason);
  });
});

describe('a reader', () => {
  it('shows what waits to be written', async () => {
    const folder = join(home, 'waiting');
    const log = auditLog({ folder, key, earlierKeys: new Set() });
    const tokens = {
      tokenMaster: { kid: 'a1', key: key as never },
      previousTokenMasters: [],
      deploymentId: 'test',
    };
    const reader = auditReader({ folder, keys: [key], tokens, log });
    log.keep(record(1));
    // Up to now: it is written in a moment, and is of that moment.
    const { records, from, to } = await reader.page({ first: 10 }, never);
    expect(records.map(({ n }) => n)).toEqual([1]);
    expect(to - from).toBe(24 * 3_600_000);
    expect((await reader.page({ first: 10, to: to - 60_000 }, never)).records).toEqual([]);
    await log.close();
  });

  it('reads lists of before under the key of before', async () => {
    const folder = join(home, 'rotated');
    for (const [own, earlier, n] of [
      [key, [], 1],
      [later, [key], 2],
    ] as const) {
      const { fingerprint } = await import('../../src/access/key.js');
      const log = auditLog({ folder, key: own, earlierKeys: new Set(earlier.map(fingerprint)) });
      const patients = [known[0]!];
      await log.append({ ...record(n), ...countOf(own, patients) }, patients);
      await log.close();
    }
    const question = { ...always, patient: known[0]! };
    expect((await readTrail(folder, [later, key], question, never)).records.map(({ n }) => n)).toEqual([
      2, 1,
    ]);
    const without = await readTrail(folder, [later], question, never);
    expect([without.records.map(({ n }) => n), without.isDamaged]).toEqual([[2], true]);
  });

  it('lets others go on while it reads a long log, and holds little of it', async () => {
    const folder = join(home, 'long');
    const log = auditLog({ folder, key, earlierKeys: new Set(), recordsPerSegment: 50_000 });
    const patients = known.slice(0, 3);
    for (let n = 0; n < 30_000; n += 1) {
      const shown = n % 3 === 0 ? patients : [];
      log.keep(record(n, shown), shown);
      if (n % 5_000 === 4_999) await log.flush();
    }
    await log.close();
    for (const question of [{ subject: 'nobody' }, { patient: known[40]! }]) {
      let beats = 0;
      const beat = setInterval(() => {
        beats += 1;
      }, 1);
      expect((await readTrail(folder, [key], { ...always, ...question }, never)).records).toEqual([]);
      clearInterval(beat);
      // Others come about as often as a piece is read, however slow the machine is.
      expect(beats).toBeGreaterThan(20);
    }
  }, 120_000);
});
