import { fingerprint, type SecretKey } from '../access/key.js';
import { canonical, type JsonObject } from './canonical.js';
import { beginning, type Seal, type Sealed, sealedOf, sealOf } from './chain.js';
import { type CheckedLists, checkedLists } from './checked-lists.js';
import { linesOf } from './lines.js';
import { listFileName, listFilesIn } from './list-file.js';
import {
  listsVersion,
  recoveredKind,
  type Segment,
  segmentKind,
  segmentName,
  segmentsIn,
  type Torn,
} from './segment.js';
import type { Checkpoint } from './writer.js';

export interface Verified {
  readonly segments: number;
  readonly records: number;
  /** Numbers of the first and the last record; null where there is none. */
  readonly first: number | null;
  readonly last: number | null;
  /** The first thing that is wrong, at the record that should have this number. */
  readonly wrong?: { readonly seq: number; readonly segment: string; readonly reason: string };
  /** What is no sign of a change, but may ask for a look. */
  readonly notes: readonly string[];
}

/** Milliseconds by which a wall clock may fall behind before it is worth a note. */
const clockTolerance = 2_000;

/**
 * Reads the whole log and stops at the first record that is not as it was written: changed, missing, added, in another
 * place, or of a key that is not given. A torn end is right where the next segment tells of it, and at the very end.
 */
export async function verifyAudit(
  folder: string,
  keys: readonly SecretKey<'audit'>[],
  checkpoints: readonly Checkpoint[] = [],
): Promise<Verified> {
  const due = new Map(checkpoints.map(({ seq, h }) => [seq, h]));
  // First, since a log that is being written has the list of a segment after the segment.
  const listFiles = await listFilesIn(folder);
  const segments = await segmentsIn(folder);
  const walk: Walk = {
    keyOf: new Map(keys.map((key) => [fingerprint(key), key])),
    due,
    notes: [],
    withLists: new Set(),
    seal: beginning,
    seq: 0,
    tornBefore: undefined,
    listsBefore: undefined,
  };
  const found = (wrong?: { segment: string; reason: string }): Verified => ({
    segments: segments.length,
    records: walk.seq,
    first: walk.seq > 0 ? 1 : null,
    last: walk.seq > 0 ? walk.seq : null,
    ...(wrong ? { wrong: { seq: walk.seq + 1, ...wrong } } : {}),
    notes: walk.notes,
  });

  for (const [at, segment] of segments.entries()) {
    const reason =
      segment.number === at + 1 ? await walkOver(folder, segment, walk) : `${segmentName(at + 1)} is missing`;
    if (reason !== undefined) return found({ segment: segmentName(segment.number), reason });
  }
  const cut = [...due.keys()].find((other) => other > walk.seq);
  if (cut !== undefined)
    return found({
      segment: segmentName(Math.max(1, segments.length)),
      reason: `the end is missing: a checkpoint knows record ${cut}`,
    });
  const stray = listFiles.find((number) => !walk.withLists.has(number));
  if (stray !== undefined)
    return found({ segment: segmentName(stray), reason: `${listFileName(stray)} belongs to no record` });
  if (walk.tornBefore)
    walk.notes.push(`The last line is torn (${walk.tornBefore.bytes} bytes), as a kill leaves it.`);
  if (walk.listsBefore)
    walk.notes.push(
      `The last list of patients has no record (${walk.listsBefore.bytes} bytes), as a kill leaves it.`,
    );
  return found();
}

/** Where the reading stands: behind the last record that is as it was written. */
interface Walk {
  readonly keyOf: ReadonlyMap<string, SecretKey<'audit'>>;
  /** Seals that were kept elsewhere, by record. */
  readonly due: Map<number, Seal>;
  readonly notes: string[];
  /** Segments beside which there may be lists. */
  readonly withLists: Set<number>;
  seal: Seal;
  seq: number;
  tornBefore: Torn | undefined;
  /** Lists of the segment before that belong to none of its records. */
  listsBefore: Torn | undefined;
}

/** Reads a segment. Gives what is wrong with the record behind the last good one. */
async function walkOver(folder: string, segment: Segment, walk: Walk): Promise<string | undefined> {
  let key: SecretKey<'audit'> | undefined;
  let position = 0;
  let previous: JsonObject | undefined;
  let tornHere: Torn | undefined;
  let lists: CheckedLists | undefined;
  try {
    for await (const { lines, torn } of linesOf(segment.path)) {
      tornHere = torn;
      for (const text of lines) {
        const line = sealedOf(text);
        if (!line) return noRecord;
        const { record, seal } = line;
        if (position === 0) {
          key = walk.keyOf.get(String(record['key']));
          if (!key) return `the key ${String(record['key'])} is not among the keys`;
          if (record['lists'] === listsVersion) lists = checkedLists(folder, segment.number, key);
          if (lists) walk.withLists.add(segment.number);
        }
        const reason = key ? faultOf(line, key, walk, { position, segment: segment.number }) : noRecord;
        if (reason !== undefined) return reason;
        if (lists && !(await lists.of(record))) return noList;
        const kept = walk.due.get(walk.seq + 1);
        if (kept !== undefined && kept !== seal) return 'the checkpoint has another seal';
        walk.seal = seal;
        walk.seq += 1;
        position += 1;
        if (previous && isBehind(previous, record))
          walk.notes.push(`The clock went back before record ${walk.seq}.`);
        previous = record;
      }
    }
    if (position < (walk.tornBefore || walk.listsBefore ? 2 : 1)) return 'its first records are missing';
    walk.tornBefore = tornHere;
    walk.listsBefore = await lists?.rest();
    return (await lists?.repeats(walk.seq)) ? 'a list of patients stands there once more' : undefined;
  } finally {
    await lists?.close();
  }
}

const noRecord = 'the line is no sealed record';
const noList = 'its list of patients is missing or not as it was written';

/** What is wrong with a record at its place, or undefined. */
function faultOf(
  line: Sealed,
  key: SecretKey<'audit'>,
  at: Walk,
  { position, segment }: { readonly position: number; readonly segment: number },
): string | undefined {
  const { record, seal } = line;
  const next = at.seq + 1;
  if (record['seq'] !== next)
    return Number(record['seq']) > next
      ? `a gap: record ${String(record['seq'])} stands in its place`
      : `record ${String(record['seq'])} stands there once more`;
  if (position === 0) {
    const previous = at.seq === 0 ? null : at.seal;
    if (record['kind'] !== segmentKind || record['segment'] !== segment || record['previous'] !== previous)
      return 'the segment does not go on from the one before';
  }
  if (position === 1 && (at.tornBefore || at.listsBefore)) {
    const { kind, bytes, sha256, lists = null } = record;
    const told = kind === recoveredKind && bytes === at.tornBefore?.bytes && sha256 === at.tornBefore?.sha256;
    if (!told || canonical(lists) !== canonical(at.listsBefore ? { ...at.listsBefore } : null))
      return 'the segment before has an end that nothing tells of';
  }
  return sealOf(key, at.seal, line) === seal ? undefined : 'the seal is not that of the record';
}

const isBehind = (before: JsonObject, after: JsonObject): boolean => {
  const wall = Date.parse(String(after['ts'])) - Date.parse(String(before['ts']));
  return Number(after['mono']) - Number(before['mono']) - wall > clockTolerance;
};
