import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { around } from '../config/fail-point.js';
import { MaplewoodError } from '../errors.js';
import { writeAtOnce } from '../lake/durable.js';
import { type Lease, takeLease } from '../lake/lease.js';
import type { JsonObject } from './canonical.js';
import { lineOf } from './chain.js';
import { chained, type OpenSegment, openSegment, type SegmentOptions } from './open-segment.js';

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

export interface AuditOptions extends SegmentOptions {
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
    segment ??= await openSegment(options, stamped);
    const current = segment;
    const sealed = chained(key, current, batch, stamped);
    const text = Buffer.from(sealed.map((one) => `${lineOf(one)}\n`).join(''));
    await around('audit', 'append', () => writeAtOnce(current.handle, text));
    await around('audit', 'fsync', () => current.handle.sync());
    const last = sealed.at(-1);
    current.records += sealed.length;
    current.seq += sealed.length;
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

const reasonOf = (cause: unknown): string =>
  cause instanceof MaplewoodError ? cause.message : String((cause as { code?: unknown }).code ?? 'unknown');
