import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { around } from '../config/fail-point.js';
import { MaplewoodError } from '../errors.js';
import { writeAtOnce } from '../lake/durable.js';
import { type Lease, takeLease } from '../lake/lease.js';
import type { JsonObject, Member } from './canonical.js';
import { lineOf, type Seal } from './chain.js';
import { chained, type OpenSegment, openSegment, type SegmentOptions } from './open-segment.js';

/** A record that is to be written. */
export interface Entry {
  readonly members: readonly Member[];
  /** Keys of the patients whom it is about. */
  readonly patients: readonly Uint8Array[];
  /** When it was made, in milliseconds of `AuditEffects.elapsed`. */
  readonly madeAt: number;
}

export interface Checkpoint {
  readonly seq: number;
  readonly h: string;
  readonly ts: string;
}

export interface WriterOptions extends SegmentOptions {
  readonly recordsPerSegment?: number;
  /** Told a sentence for the operator when the log cannot be written. */
  readonly onProblem?: (text: string) => void;
  /** Keeps the newest seal at another place, so that a log whose end is cut off shows. */
  readonly checkpoint?: (checkpoint: Checkpoint) => Promise<void>;
}

export interface AuditEffects {
  now(): Date;
  /** Milliseconds on a clock that nobody sets. */
  elapsed(): number;
}

/** The files of the log. One call at a time. */
export interface AuditWriter {
  /**
   * Writes entries one behind the other and fsyncs them; without any it only takes the log for this process. Error: why not.
   * Entries that are given again afterwards and are there in full are not written twice.
   */
  write(entries: readonly Entry[]): Promise<void>;
  /** Keeps the newest seal elsewhere, and lets another process write. */
  close(): Promise<void>;
}

const checkpointEvery = { records: 1_000, milliseconds: 60_000 };
/** A record that had to wait longer than this says so, in milliseconds. */
const usualWait = 1_000;

/**
 * One process writes at a time, by a lease; it takes it with the first record. After a failure, and after the end of a process,
 * the log goes on in a new segment, so that nothing that may be torn is written behind.
 */
export function auditWriter(options: WriterOptions, effects: AuditEffects): AuditWriter {
  const { folder, key, recordsPerSegment = 10_000 } = options;
  let lease: Lease | undefined;
  let segment: OpenSegment | undefined;
  // What a failed write may have left behind, by the seals that it would have there.
  let doubtful: readonly { readonly seal: Seal; readonly entry: Entry }[] = [];
  let checkpointed = { seq: 0, at: Number.NEGATIVE_INFINITY };

  const stamp = (seq: number, madeAt?: number): JsonObject => {
    const elapsed = effects.elapsed();
    const waited = madeAt === undefined ? 0 : Math.round(elapsed - madeAt);
    return {
      ...(waited > usualWait ? { waited } : {}),
      seq,
      ts: effects.now().toISOString(),
      mono: Math.round(elapsed),
    };
  };

  const leave = async (): Promise<void> => {
    const left = segment;
    segment = undefined;
    await left?.listFile.close();
    await left?.handle.close();
  };

  const giveBack = async (): Promise<void> => {
    const held = lease;
    lease = undefined;
    await held?.release();
  };

  /** Takes the lease and a segment. Gives those of the entries that the log does not have yet. */
  const opened = async (entries: readonly Entry[]): Promise<readonly Entry[]> => {
    // Another may have written since: this one goes on behind it, if it may.
    if (lease && !(await isHeld(lease))) {
      await leave();
      await giveBack();
    }
    lease ??= await takeLease(join(folder, 'lease'), randomUUID(), effects.now);
    if (segment && segment.records >= recordsPerSegment) await leave();
    if (segment) return entries;
    segment = await openSegment(options, stamp);
    const { goesOnFrom } = segment;
    const last = doubtful.findIndex(({ seal }) => seal === goesOnFrom);
    const there = new Set(doubtful.slice(0, last + 1).map(({ entry }) => entry));
    doubtful = [];
    return entries.filter((entry) => !there.has(entry));
  };

  const add = async (current: OpenSegment, entries: readonly Entry[]): Promise<void> => {
    const sealed = chained(key, current, entries, stamp);
    doubtful = entries.map((entry, at) => ({ entry, seal: sealed[at]?.seal ?? '' }));
    // The lists come first: a record that is there has its list.
    const lists = entries.map(({ patients }, at) => current.lists.seal(current.seq + at + 1, patients));
    await current.listFile.add(Buffer.concat(lists));
    const text = Buffer.from(sealed.map((one) => `${lineOf(one)}\n`).join(''));
    await around('audit', 'append', () => writeAtOnce(current.handle, text));
    await around('audit', 'fsync', () => current.handle.sync());
    doubtful = [];
    current.records += sealed.length;
    current.seq += sealed.length;
    current.seal = sealed.at(-1)?.seal ?? current.seal;
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

  return {
    async write(entries) {
      try {
        const left = await opened(entries);
        if (segment && left.length > 0) await add(segment, left);
      } catch (error) {
        await leave().catch(() => undefined);
        throw error;
      }
      await checkpoint(isDue);
    },
    async close() {
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
