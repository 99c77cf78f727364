import { fingerprint, type SecretKey } from '../access/key.js';
import type { JsonObject } from './canonical.js';
import { beginning, type Sealed, sealOf } from './chain.js';
import type { Checkpoint } from './log.js';
import { contentOf, recoveredKind, segmentKind, segmentName, segmentsIn, type Torn } from './segment.js';

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
  const keyOf = new Map(keys.map((key) => [fingerprint(key), key]));
  const due = new Map(checkpoints.map(({ seq, h }) => [seq, h]));
  const segments = await segmentsIn(folder);
  const notes: string[] = [];
  let seal = beginning;
  let seq = 0;
  let tornBefore: Torn | undefined;
  const found = (wrong?: Verified['wrong']): Verified => ({
    segments: segments.length,
    records: wrong ? Math.max(0, wrong.seq - 1) : seq,
    first: seq > 0 ? 1 : null,
    last: seq > 0 ? seq : null,
    ...(wrong ? { wrong } : {}),
    notes,
  });

  for (const [at, segment] of segments.entries()) {
    const name = segmentName(segment.number);
    const wrong = (reason: string) => found({ seq: seq + 1, segment: name, reason });
    if (segment.number !== at + 1) return wrong(`${segmentName(at + 1)} is missing`);
    const { lines, torn } = await contentOf(segment);
    const key = keyOf.get(String(lines[0]?.record['key']));
    if (lines[0] && !key) return wrong(`the key ${String(lines[0].record['key'])} is not among the keys`);
    let previous: JsonObject | undefined;
    for (const [position, line] of lines.entries()) {
      const reason =
        line && key
          ? faultOf(line, key, { seal, seq, position, segment: segment.number, tornBefore })
          : noRecord;
      if (reason !== undefined || !line) return wrong(reason ?? noRecord);
      ({ seal } = line);
      seq += 1;
      if (due.has(seq) && due.get(seq) !== seal) return wrong('the checkpoint has another seal');
      due.delete(seq);
      if (previous && isBehind(previous, line.record))
        notes.push(`The clock went back before record ${seq}.`);
      previous = line.record;
    }
    if (lines.length < (tornBefore ? 2 : 1)) return wrong('its first records are missing');
    tornBefore = torn;
  }
  const cut = [...due.keys()].find((other) => other > seq);
  if (cut !== undefined)
    return found({
      seq: seq + 1,
      segment: segmentName(Math.max(1, segments.length)),
      reason: `the end is missing: a checkpoint knows record ${cut}`,
    });
  if (tornBefore) notes.push(`The last line is torn (${tornBefore.bytes} bytes), as a kill leaves it.`);
  return found();
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
