import { fingerprint, type SecretKey } from '../access/key.js';
import type { JsonObject } from './canonical.js';
import { beginning, type Seal, type Sealed, sealedOf, sealOf } from './chain.js';
import { linesOf } from './lines.js';
import { recoveredKind, type Segment, segmentKind, segmentName, segmentsIn, type Torn } from './segment.js';
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
  const segments = await segmentsIn(folder);
  const walk: Walk = {
    keyOf: new Map(keys.map((key) => [fingerprint(key), key])),
    due,
    notes: [],
    seal: beginning,
    seq: 0,
    tornBefore: undefined,
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
      segment.number === at + 1 ? await walkOver(segment, walk) : `${segmentName(at + 1)} is missing`;
    if (reason !== undefined) return found({ segment: segmentName(segment.number), reason });
  }
  const cut = [...due.keys()].find((other) => other > walk.seq);
  if (cut !== undefined)
    return found({
      segment: segmentName(Math.max(1, segments.length)),
      reason: `the end is missing: a checkpoint knows record ${cut}`,
    });
  if (walk.tornBefore)
    walk.notes.push(`The last line is torn (${walk.tornBefore.bytes} bytes), as a kill leaves it.`);
  return found();
}

/** Where the reading stands: behind the last record that is as it was written. */
interface Walk {
  readonly keyOf: ReadonlyMap<string, SecretKey<'audit'>>;
  /** Seals that were kept elsewhere, by record. */
  readonly due: Map<number, Seal>;
  readonly notes: string[];
  seal: Seal;
  seq: number;
  tornBefore: Torn | undefined;
}

/** Reads a segment. Gives what is wrong with the record behind the last good one. */
async function walkOver(segment: Segment, walk: Walk): Promise<string | undefined> {
  let key: SecretKey<'audit'> | undefined;
  let position = 0;
  let previous: JsonObject | undefined;
  let tornHere: Torn | undefined;
  for await (const { lines, torn } of linesOf(segment.path)) {
    tornHere = torn;
    for (const text of lines) {
      const line = sealedOf(text);
      if (!line) return noRecord;
      if (position === 0) {
        const named = String(line.record['key']);
        key = walk.keyOf.get(named);
        if (!key) return `the key ${named} is not among the keys`;
      }
      const place = { ...walk, position, segment: segment.number };
      const reason = key ? faultOf(line, key, place) : noRecord;
      if (reason !== undefined) return reason;
      const kept = walk.due.get(walk.seq + 1);
      if (kept !== undefined && kept !== line.seal) return 'the checkpoint has another seal';
      walk.seal = line.seal;
      walk.seq += 1;
      position += 1;
      if (previous && isBehind(previous, line.record))
        walk.notes.push(`The clock went back before record ${walk.seq}.`);
      previous = line.record;
    }
  }
  if (position < (walk.tornBefore ? 2 : 1)) return 'its first records are missing';
  walk.tornBefore = tornHere;
  return undefined;
}

const noRecord = 'the line is no sealed record';

interface Place {
  readonly seal: string;
  readonly seq: number;
  readonly position: number;
  readonly segment: number;
  readonly tornBefore: Torn | undefined;
}

/** What is wrong with a record at its place, or undefined. */
function faultOf(line: Sealed, key: SecretKey<'audit'>, at: Place): string | undefined {
  const { record, seal } = line;
  const next = at.seq + 1;
  if (record['seq'] !== next)
    return Number(record['seq']) > next
      ? `a gap: record ${String(record['seq'])} stands in its place`
      : `record ${String(record['seq'])} stands there once more`;
  if (at.position === 0) {
    const previous = at.seq === 0 ? null : at.seal;
    if (record['kind'] !== segmentKind || record['segment'] !== at.segment || record['previous'] !== previous)
      return 'the segment does not go on from the one before';
  }
  if (at.position === 1 && at.tornBefore) {
    const { bytes, sha256 } = at.tornBefore;
    if (record['kind'] !== recoveredKind || record['bytes'] !== bytes || record['sha256'] !== sha256)
      return 'the segment before has an end that nothing tells of';
  }
  return sealOf(key, at.seal, record) === seal ? undefined : 'the seal is not that of the record';
}

const isBehind = (before: JsonObject, after: JsonObject): boolean => {
  const wall = Date.parse(String(after['ts'])) - Date.parse(String(before['ts']));
  return Number(after['mono']) - Number(before['mono']) - wall > clockTolerance;
};
