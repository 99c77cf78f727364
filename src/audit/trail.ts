import { join } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { fingerprint, type SecretKey } from '../access/key.js';
import type { JsonObject } from './canonical.js';
import { linesFromEnd, linesOf } from './lines.js';
import { listFileName, partsIn } from './list-file.js';
import { holdsKey, patientLists } from './patient-lists.js';
import { recoveredKind, type Segment, segmentKind, segmentsIn } from './segment.js';

/** Which records are looked for. All that is given must hold. */
export interface TrailQuestion {
  /** Instants in milliseconds since 1970: from, and up to but not including. */
  readonly from: number;
  readonly to: number;
  readonly kind?: string | undefined;
  readonly outcome?: string | undefined;
  /** Object id of the user or application. */
  readonly subject?: string | undefined;
  readonly client?: string | undefined;
  readonly role?: string | undefined;
  readonly requestId?: string | undefined;
  /** Key of a patient of whom a record must have shown something. */
  readonly patient?: Uint8Array | undefined;
  /** Only records before this one. */
  readonly before?: number | undefined;
  readonly first: number;
}

export interface TrailPage {
  /** The newest first. */
  readonly records: readonly JsonObject[];
  readonly hasMore: boolean;
  /** A line that was read is no record, or a list is not as it was written: `audit verify` says where. */
  readonly isDamaged: boolean;
}

/** How far the clock may have been set back without a record being passed over, in milliseconds. */
const clockSlack = 3_600_000;
/** Lists that are opened before others may go on. */
const atOnce = 200;

/**
 * Looks for records from the newest on, and reads no further than it must. It holds a page of them and a piece of a file, and
 * lets others go on in between. Seals are not checked: `audit verify` does that. Error: the reason of the signal.
 */
export async function readTrail(
  folder: string,
  keys: readonly SecretKey<'audit'>[],
  question: TrailQuestion,
  signal: AbortSignal,
): Promise<TrailPage> {
  const keyOf = new Map(keys.map((key) => [fingerprint(key), key]));
  const records: JsonObject[] = [];
  let isDamaged = false;
  const page = (hasMore: boolean): TrailPage => ({ records, hasMore, isDamaged });

  for (const segment of [...(await segmentsIn(folder))].reverse()) {
    const head = await headOf(segment);
    const began = Date.parse(String(head?.['ts']));
    const isLater = Number(head?.['seq']) >= (question.before ?? Number.POSITIVE_INFINITY);
    if (isLater || began - clockSlack > question.to) continue;
    const shown = question.patient && (await showing(folder, segment, head, question.patient));
    if (shown?.isDamaged) isDamaged = true;
    if (shown?.seqs.size !== 0)
      reading: for await (const lines of linesFromEnd(segment.path, signal))
        for (const line of lines) {
          const record = recordIn(line);
          if (!record) {
            isDamaged = true;
            continue;
          }
          if (Date.parse(String(record['ts'])) + clockSlack < question.from) break reading;
          if (shown && !shown.seqs.has(Number(record['seq']))) continue;
          if (!isAskedFor(record, question)) continue;
          if (records.length === question.first) return page(true);
          records.push(record);
        }
    if (began + clockSlack < question.from) break;
  }
  return page(false);

  /** Numbers of the records of a segment that have shown something of a patient. */
  async function showing(
    folder: string,
    { number }: Segment,
    head: JsonObject | undefined,
    patient: Uint8Array,
  ): Promise<{ seqs: ReadonlySet<number>; isDamaged: boolean }> {
    const key = keyOf.get(String(head?.['key']));
    const lists = key && patientLists(key, number);
    const seqs = new Set<number>();
    let isDamaged = !lists;
    let read = 0;
    for await (const part of partsIn(join(folder, listFileName(number)), 0, signal)) {
      read += 1;
      if (read % atOnce === 0) await breathe();
      const opened = lists?.open(part.bytes);
      if (!opened) isDamaged = true;
      else if (holdsKey(opened, patient)) seqs.add(part.seq);
    }
    return { seqs, isDamaged };
  }
}

/** The record of a line, whose seal is not looked at; undefined where there is none. */
function recordIn(line: string): JsonObject | undefined {
  try {
    const { r } = JSON.parse(line) as { r?: unknown };
    return typeof r === 'object' && r !== null && !Array.isArray(r) ? (r as JsonObject) : undefined;
  } catch {
    return undefined;
  }
}

/** The first record of a segment; undefined where it is none. */
async function headOf({ path }: Segment): Promise<JsonObject | undefined> {
  for await (const { lines } of linesOf(path)) return recordIn(lines[0] ?? '');
  return undefined;
}

const own: ReadonlySet<unknown> = new Set([segmentKind, recoveredKind]);

function isAskedFor(record: JsonObject, question: TrailQuestion): boolean {
  const { kind, outcome, requestId } = record;
  const principal = (record['principal'] ?? {}) as JsonObject;
  const at = Date.parse(String(record['ts']));
  const is = (value: unknown, asked: string | undefined): boolean => asked === undefined || value === asked;
  return (
    !own.has(kind) &&
    at >= question.from &&
    at < question.to &&
    Number(record['seq']) < (question.before ?? Number.POSITIVE_INFINITY) &&
    is(kind, question.kind) &&
    is(outcome, question.outcome) &&
    is(requestId, question.requestId) &&
    is(principal['oid'], question.subject) &&
    is(principal['azp'], question.client) &&
    is(principal['role'], question.role)
  );
}
