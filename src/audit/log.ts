import { randomUUID } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { fingerprint, type SecretKey } from '../access/key.js';
import { around } from '../config/fail-point.js';
import { MaplewoodError } from '../errors.js';
import { createExclusively, sync, writeAtOnce } from '../lake/durable.js';
import { type Lease, takeLease } from '../lake/lease.js';
import type { JsonObject } from './canonical.js';
import { beginning, lineOf, type Sealed, sealOf } from './chain.js';
import { contentOf, recoveredKind, segmentKind, segmentName, segmentsIn } from './segment.js';

/** The audit, for writing. */
export interface AuditLog {
  /**
   * Adds a record; after it the record survives a crash. `seq`, `ts` and `mono` are the log's own. Error:
   * `AUDIT_UNAVAILABLE`, after which the record may be there or not.
   */
  append(record: JsonObject): Promise<void>;
  /** Writes what waits, and lets another process write. */
  close(): Promise<void>;
}

export interface AuditOptions {
  readonly folder: string;
  readonly key: SecretKey<'audit'>;
  /** Fingerprints of the keys that were in use before. */
  readonly earlierKeys: ReadonlySet<string>;
  readonly recordsPerSegment?: number;
  /** Told a sentence for the operator when the log cannot be written. */
  readonly onProblem?: (text: string) => void;
  /** Keeps the newest seal at another place, so that a log whose end is cut off shows. */
  readonly checkpoint?: (checkpoint: Checkpoint) => Promise<void>;
}

export interface Checkpoint {
  readonly seq: number;
  readonly h: string;
  readonly ts: string;
}

export interface AuditEffects {
  now(): Date;
  /** Milliseconds on a clock that nobody sets. */
  elapsed(): number;
}
const fromSystem: AuditEffects = { now: () => new Date(), elapsed: () => performance.now() };

/** Records that may wait to be written; more are refused. */
const mostWaiting = 10_000;
const checkpointEvery = { records: 1_000, milliseconds: 60_000 };

interface OpenSegment {
  readonly handle: FileHandle;
  records: number;
  seq: number;
  seal: string;
}

interface Waiting {
  readonly record: JsonObject;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/**
 * One process writes at a time, by a lease; it takes it with the first record. What waits is written together and fsynced
 * once. After a failure, and after the end of a process, the log goes on in a new segment, so that nothing that may be
 * torn is written behind.
 */
export function auditLog(options: AuditOptions, effects: AuditEffects = fromSystem): AuditLog {
  const { folder, key, recordsPerSegment = 50_000 } = options;
  let lease: Lease | undefined;
  let segment: OpenSegment | undefined;
  let waiting: Waiting[] = [];
  let writing: Promise<void> | undefined;
  // Told once, until it can be written again.
  let told: string | undefined;
  let checkpointed = { seq: 0, at: Number.NEGATIVE_INFINITY };

  const stamped = (seq: number, record: JsonObject): JsonObject => ({
    ...record,
    seq,
    ts: effects.now().toISOString(),
    mono: Math.round(effects.elapsed()),
  });

  const write = async (batch: readonly Waiting[]): Promise<void> => {
    // Another may have written since: this one goes on behind it, if it may.
    if (lease && !(await isHeld(lease))) {
      await leave();
      await giveBack();
    }
    lease ??= await takeLease(join(folder, 'lease'), randomUUID(), effects.now);
    if (segment && segment.records >= recordsPerSegment) await leave();
    segment ??= await nextSegment(options, stamped);
    const current = segment;
    const chained = chain(key, current, batch, stamped);
    const text = Buffer.from(chained.map((one) => `${lineOf(one)}\n`).join(''));
    await around('audit', 'append', () => writeAtOnce(current.handle, text));
    await around('audit', 'fsync', () => current.handle.sync());
    const last = chained.at(-1);
    current.records += chained.length;
    current.seq += chained.length;
    current.seal = last?.seal ?? current.seal;
  };

  const leave = async (): Promise<void> => {
    const left = segment;
    segment = undefined;
    await left?.handle.close();
  };

  const giveBack = async (): Promise<void> => {
    const held = lease;
    lease = undefined;
    await held?.release();
  };

  const checkpoint = async (due: (seq: number) => boolean): Promise<void> => {
    if (!options.checkpoint || !segment || segment.seq === checkpointed.seq || !due(segment.seq)) return;
    const { seq, seal } = segment;
    checkpointed = { seq, at: effects.elapsed() };
    await options
      .checkpoint({ seq, h: seal, ts: effects.now().toISOString() })
      .catch(() => options.onProblem?.('The checkpoint of the audit could not be written.'));
  };
  const isDue = (seq: number): boolean =>
    seq - checkpointed.seq >= checkpointEvery.records ||
    effects.elapsed() - checkpointed.at >= checkpointEvery.milliseconds;

  const writeAll = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      try {
        await write(batch);
        told = undefined;
        for (const { done } of batch) done();
        await checkpoint(isDue);
      } catch (cause) {
        await leave().catch(() => undefined);
        const problem = `The audit cannot be written, so that nobody is identified: ${reasonOf(cause)}`;
        if (problem !== told) options.onProblem?.(problem);
        told = problem;
        for (const { failed } of batch) failed(new MaplewoodError('AUDIT_UNAVAILABLE', undefined, { cause }));
      }
    }
    writing = undefined;
  };

  return {
    append: (record) =>
      new Promise((done, failed) => {
        if (waiting.length >= mostWaiting) return failed(new MaplewoodError('AUDIT_UNAVAILABLE'));
        waiting.push({ record, done, failed });
        writing ??= writeAll();
      }),
    async close() {
      await writing;
      await checkpoint(() => true);
      await leave();
      await giveBack();
    },
  };
}

const isHeld = (lease: Lease): Promise<boolean> =>
  lease.check().then(
    () => true,
    (error: unknown) => {
      if (error instanceof MaplewoodError && error.code === 'RELEASE_OVERTAKEN') return false;
      throw error;
    },
  );

/** Seals records one behind the other, from where a segment stands. */
function chain(
  key: SecretKey<'audit'>,
  from: Pick<OpenSegment, 'seq' | 'seal'>,
  records: readonly { readonly record: JsonObject }[],
  stamped: (seq: number, record: JsonObject) => JsonObject,
): Sealed[] {
  let { seal } = from;
  return records.map(({ record }, at) => {
    const made = stamped(from.seq + at + 1, record);
    seal = sealOf(key, seal, made);
    return { record: made, seal };
  });
}

/** Makes the segment behind the last one, which tells what it goes on from and whether that has a torn end. */
async function nextSegment(
  { folder, key, earlierKeys }: AuditOptions,
  stamped: (seq: number, record: JsonObject) => JsonObject,
): Promise<OpenSegment> {
  const last = (await segmentsIn(folder)).at(-1);
  const { lines, torn } = last ? await contentOf(last) : { lines: [], torn: undefined };
  // What it goes on from must not be lost behind it.
  if (last) await sync(last.path, 'audit', 'fsync-last');
  const end = lines.at(-1);
  const own = fingerprint(key);
  const used = lines[0]?.record['key'];
  if (last && (end === undefined || typeof used !== 'string'))
    throw new MaplewoodError('CONFIGURATION', `${segmentName(last.number)} is damaged. Move it away.`);
  if (typeof used === 'string' && used !== own && !earlierKeys.has(used))
    throw new MaplewoodError(
      'CONFIGURATION',
      `it was written under the key ${used}, which is not there. Restore audit.key, or keep the old key as audit-${used}.key.`,
    );
  const number = (last?.number ?? 0) + 1;
  const head: JsonObject[] = [
    { kind: segmentKind, segment: number, previous: end?.seal ?? null, key: own },
    ...(torn && last ? [{ kind: recoveredKind, segment: last.number, ...torn }] : []),
  ];
  const from = { seq: Number(end?.record['seq'] ?? 0), seal: end?.seal ?? beginning };
  const chained = chain(
    key,
    from,
    head.map((record) => ({ record })),
    stamped,
  );
  const path = join(folder, segmentName(number));
  const text = chained.map((one) => `${lineOf(one)}\n`).join('');
  if (!(await createExclusively(path, text, 'audit'))) throw new MaplewoodError('LEASE_HELD');
  return {
    handle: await open(path, 'a'),
    records: chained.length,
    seq: from.seq + chained.length,
    seal: chained.at(-1)?.seal ?? from.seal,
  };
}

const reasonOf = (cause: unknown): string =>
  cause instanceof MaplewoodError ? cause.message : String((cause as { code?: unknown }).code ?? 'unknown');
