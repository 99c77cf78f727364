import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { fingerprint, type SecretKey } from '../access/key.js';
import { MaplewoodError } from '../errors.js';
import { createExclusively, sync } from '../lake/durable.js';
import { canonicalWith, type JsonObject, type Member, membersOf } from './canonical.js';
import { beginning, type Line, lineOf, type Seal, sealOf } from './chain.js';
import { type ListFile, listFile, listFileName, listsBehind } from './list-file.js';
import { type PatientLists, patientLists } from './patient-lists.js';
import { endsOf, listsVersion, recoveredKind, segmentKind, segmentName, segmentsIn } from './segment.js';

export interface SegmentOptions {
  readonly folder: string;
  readonly key: SecretKey<'audit'>;
  /** Fingerprints of the keys that were in use before. */
  readonly earlierKeys: ReadonlySet<string>;
}

/** The segment that is written, and where it stands. */
export interface OpenSegment {
  readonly handle: FileHandle;
  readonly listFile: ListFile;
  readonly lists: PatientLists;
  /** Seal of the last record before it. */
  readonly goesOnFrom: Seal;
  records: number;
  seq: number;
  seal: Seal;
}

/** The number and time of a record. `madeAt`: when it was made, where it had to wait. */
export type Stamp = (seq: number, madeAt?: number) => JsonObject;

/** Seals records one behind the other, from where a segment stands. */
export function chained(
  key: SecretKey<'audit'>,
  from: Pick<OpenSegment, 'seq' | 'seal'>,
  records: readonly { readonly members: readonly Member[]; readonly madeAt?: number }[],
  stamp: Stamp,
): Line[] {
  let { seal } = from;
  return records.map(({ members, madeAt }, at) => {
    const text = canonicalWith(members, membersOf(stamp(from.seq + at + 1, madeAt)));
    seal = sealOf(key, seal, { text });
    return { text, seal };
  });
}

const nothing = { first: undefined, last: undefined, torn: undefined };

/** Makes the segment behind the last one, which tells what it goes on from and whether that has a torn end. */
export async function openSegment(
  { folder, key, earlierKeys }: SegmentOptions,
  stamp: Stamp,
): Promise<OpenSegment> {
  const last = (await segmentsIn(folder)).at(-1);
  const { first, last: end, torn } = last ? await endsOf(last) : nothing;
  // What it goes on from must not be lost behind it.
  if (last) await sync(last.path, 'audit', 'fsync-last');
  const listPath = join(folder, listFileName(last?.number ?? 0));
  const lists = await listsBehind(listPath, Number(end?.record['seq'] ?? 0));
  if (lists) await sync(listPath, 'audit', 'fsync-last');
  const own = fingerprint(key);
  const used = first?.record['key'];
  if (last && (end === undefined || typeof used !== 'string'))
    throw new MaplewoodError('CONFIGURATION', `${segmentName(last.number)} is damaged. Move it away.`);
  if (typeof used === 'string' && used !== own && !earlierKeys.has(used))
    throw new MaplewoodError(
      'CONFIGURATION',
      `it was written under the key ${used}, which is not there. Restore audit.key, or keep the old key as audit-${used}.key.`,
    );
  const number = (last?.number ?? 0) + 1;
  const head: JsonObject[] = [
    { kind: segmentKind, segment: number, previous: end?.seal ?? null, key: own, lists: listsVersion },
    ...(last && (torn || lists)
      ? [{ kind: recoveredKind, segment: last.number, ...torn, ...(lists ? { lists: { ...lists } } : {}) }]
      : []),
  ];
  const from = { seq: Number(end?.record['seq'] ?? 0), seal: end?.seal ?? beginning };
  const sealed = chained(
    key,
    from,
    head.map((record) => ({ members: membersOf(record) })),
    stamp,
  );
  const path = join(folder, segmentName(number));
  const text = sealed.map((one) => `${lineOf(one)}\n`).join('');
  if (!(await createExclusively(path, text, 'audit'))) throw new MaplewoodError('LEASE_HELD');
  return {
    handle: await open(path, 'a'),
    listFile: listFile(folder, number),
    lists: patientLists(key, number),
    goesOnFrom: from.seal,
    records: sealed.length,
    seq: from.seq + sealed.length,
    seal: sealed.at(-1)?.seal ?? from.seal,
  };
}
