import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { auditLog } from '../../src/audit/log.js';
import { holdsKey, keysIn, partHead, partLength, patientLists } from '../../src/audit/patient-lists.js';
import { readTrail } from '../../src/audit/trail.js';
import { verifyAudit } from '../../src/audit/verify.js';
import { temporaryFolder } from '../support/landing.js';
import { countOf, patientsFrom, recordsIn } from './records.js';
import { writerKey } from './writer-key.js';

const home = temporaryFolder();
const key = writerKey(0x21);
let made = 0;
const newFolder = (): string => {
  made += 1;
  return join(home, String(made));
};
const openLog = (folder: string) => auditLog({ folder, key, earlierKeys: new Set() });
const always = { from: 0, to: Number.MAX_SAFE_INTEGER, first: 100 };
const whoSaw = async (folder: string, patient: Buffer) =>
  (await readTrail(folder, [key], { ...always, patient }, new AbortController().signal)).records.map(
    ({ n }) => n,
  );

/** A log whose n-th record shows n patients. */
async function logOf(count: number): Promise<string> {
  const folder = newFolder();
  const log = openLog(folder);
  for (let n = 1; n <= count; n += 1) {
    const patients = patientsFrom(100 * n, n);
    await log.append({ kind: 'test', n, ...countOf(key, patients) }, patients);
  }
  await log.close();
  return folder;
}

describe('the list of a record', () => {
  it('is read as it was written, in parts where it is long', () => {
    const lists = patientLists(key, 1);
    const patients = patientsFrom(1, 25_000);
    const sealed = lists.seal(7, patients);
    const read: Buffer[] = [];
    for (let rest = sealed; rest.length > 0; ) {
      const head = partHead(rest)!;
      expect([head.seq, head.from]).toEqual([7, read.length]);
      read.push(...keysIn(lists.open(rest.subarray(0, partLength(head)))!));
      rest = rest.subarray(partLength(head));
    }
    expect(Buffer.concat(read)).toEqual(Buffer.concat(patients));
  });

  it('is that of one record of one segment under one key', () => {
    const part = patientLists(key, 1).seal(7, patientsFrom(1, 2));
    expect(patientLists(key, 2).open(part)).toBeUndefined();
    expect(patientLists(writerKey(0x61), 1).open(part)).toBeUndefined();
    const other = Buffer.from(part);
    other.writeBigUInt64BE(8n, 0);
    expect(patientLists(key, 1).open(other)).toBeUndefined();
  });

  it('tells nothing of a patient, nor that two lists are equal', () => {
    const lists = patientLists(key, 1);
    const patients = patientsFrom(1, 2);
    const [one, same] = [lists.seal(7, patients), lists.seal(7, patients)];
    for (const patient of patients) expect(one.includes(patient)).toBe(false);
    expect(one.subarray(16)).not.toEqual(same.subarray(16));
  });

  it('shows every change of a byte', () => {
    const lists = patientLists(key, 1);
    const part = lists.seal(7, patientsFrom(1, 3));
    fc.assert(
      fc.property(fc.nat(part.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const changed = Buffer.from(part);
        changed[at]! ^= flip;
        expect(lists.open(changed)).toBeUndefined();
      }),
    );
  });

  it('holds a key at its own place only', () => {
    const [one, other] = patientsFrom(1, 2) as [Buffer, Buffer];
    const both = Buffer.concat([one, other]);
    expect([holdsKey(both, one), holdsKey(both, other)]).toEqual([true, true]);
    expect(holdsKey(both, both.subarray(8, 24))).toBe(false);
    // Also where the same bytes stand across a border before.
    const across = both.subarray(8, 24);
    expect(holdsKey(Buffer.concat([both, across]), across)).toBe(true);
  });
});

describe('the lists of a log', () => {
  it('answer who saw a patient, however many there were', async () => {
    const folder = newFolder();
    const log = openLog(folder);
    const many = patientsFrom(1, 12_000);
    await log.append({ kind: 'test', n: 1, ...countOf(key, many) }, many);
    await log.append({ kind: 'test', n: 2, ...countOf(key, many.slice(0, 1)) }, many.slice(0, 1));
    await log.close();
    expect(await whoSaw(folder, many[0]!)).toEqual([2, 1]);
    expect(await whoSaw(folder, many[11_999]!)).toEqual([1]);
    expect((await verifyAudit(folder, [key])).wrong).toBeUndefined();
  });

  it('hold the patients that the record counts, or the record is not taken', async () => {
    const folder = newFolder();
    const log = openLog(folder);
    const [one, other] = patientsFrom(1, 2) as [Buffer, Buffer];
    const internal = expect.objectContaining({ code: 'INTERNAL' });
    const counted = { kind: 'test', ...countOf(key, [one]) };
    for (const patients of [[], [one, other], [one.subarray(1)]]) {
      await expect(log.append(counted, patients)).rejects.toEqual(internal);
      expect(() => log.keep(counted, patients)).toThrow(internal);
    }
    // The number fits, the patient does not.
    await log.append(counted, [other]);
    await log.close();
    expect((await verifyAudit(folder, [key])).wrong).toMatchObject({
      seq: 2,
      reason: expect.stringMatching(/list/),
    });
  });

  it('may have an end that a kill left, which the next segment tells of', async () => {
    const folder = await logOf(3);
    const file = join(folder, '00000001.patients');
    const left = patientLists(key, 1).seal(5, patientsFrom(1, 40));
    for (const bytes of [left.subarray(0, 10), left.subarray(0, 400)]) {
      const whole = readFileSync(file);
      appendFileSync(file, bytes);
      expect(await verifyAudit(folder, [key])).toMatchObject({
        last: 4,
        notes: [`The last list of patients has no record (${bytes.length} bytes), as a kill leaves it.`],
      });
      writeFileSync(file, whole);
    }
    // A whole list whose record was never written is no list of a record.
    appendFileSync(file, left);
    const log = openLog(folder);
    const [patient] = patientsFrom(900, 1) as [Buffer];
    await log.append({ kind: 'test', n: 4, ...countOf(key, [patient]) }, [patient]);
    await log.close();
    expect(recordsIn(folder).find(({ kind }) => kind === 'RECOVERED')).toMatchObject({
      segment: 1,
      lists: { bytes: left.length },
    });
    const verified = await verifyAudit(folder, [key]);
    expect([verified.wrong, verified.notes]).toEqual([undefined, []]);
    const bytes = readFileSync(file);
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(file, bytes);
    expect((await verifyAudit(folder, [key])).wrong).toMatchObject({ seq: 6 });
  });

  it('are not asked for of a segment of before there were lists', async () => {
    const folder = newFolder();
    const log = openLog(folder);
    await log.append({ kind: 'test', n: 1 });
    await log.close();
    // Such a segment has no member `lists`; it is sealed as any other.
    const { sealOf, beginning, lineOf } = await import('../../src/audit/chain.js');
    const path = join(folder, '00000001.ndjson');
    const { lists: _lists, ...head } = JSON.parse(readFileSync(path, 'utf8').split('\n')[0]!).r;
    const { canonical } = await import('../../src/audit/canonical.js');
    const first = { text: canonical(head), seal: sealOf(key, beginning, { text: canonical(head) }) };
    const record = {
      kind: 'test',
      patients: { count: 1, digest: 'x' },
      seq: 2,
      ts: head.ts,
      mono: head.mono,
    };
    const text = canonical(record);
    const second = { text, seal: sealOf(key, first.seal, { text }) };
    writeFileSync(path, `${lineOf(first)}\n${lineOf(second)}\n`);
    expect((await verifyAudit(folder, [key])).wrong).toBeUndefined();
    writeFileSync(join(folder, '00000001.patients'), patientLists(key, 1).seal(2, patientsFrom(1, 1)));
    expect((await verifyAudit(folder, [key])).wrong).toMatchObject({
      reason: '00000001.patients belongs to no record',
    });
  });
});
