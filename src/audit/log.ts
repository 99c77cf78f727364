import { setTimeout as pause } from 'node:timers/promises';
import { pseudonymLength } from '../access/pseudonym.js';
import { MaplewoodError } from '../errors.js';
import { type JsonObject, type Member, membersOf } from './canonical.js';
import { patientsOf } from './record.js';
import { type AuditEffects, auditWriter, type Entry, type WriterOptions } from './writer.js';

/** The audit, for writing. */
export interface AuditLog {
  /**
   * Adds a record; after it the record survives a crash. `seq`, `ts`, `mono` and `waited` are the log's own. `patients`: keys of
   * those whom the record counts, which are kept apart from it and encrypted. Errors: `AUDIT_UNAVAILABLE`, after which the
   * record may be there or not; `INTERNAL` for one that cannot be written, or counts others.
   */
  append(record: JsonObject, patients?: readonly Uint8Array[]): Promise<void>;
  /**
   * Adds a record that nobody waits for. It is written within 50 ms, in its order with all others; where it cannot be, it
   * stays and is tried again. Errors: `AUDIT_UNAVAILABLE` where too many wait; `INTERNAL` as above.
   */
  keep(record: JsonObject, patients?: readonly Uint8Array[]): void;
  /**
   * Before something is read that will have to be recorded. Error: `AUDIT_UNAVAILABLE` since the log could not be written
   * until it can be again, and while too many records wait.
   */
  assertReady(): void;
  /** Takes the log for this process and writes what waits. Error: `AUDIT_UNAVAILABLE`; it is tried again by itself. */
  flush(): Promise<void>;
  status(): AuditStatus;
  /**
   * Writes what waits, and lets another process write. Error: `AUDIT_UNAVAILABLE` where records could not be written for
   * some seconds, and are lost.
   */
  close(): Promise<void>;
}

export interface AuditStatus {
  /** Records that are not known to be on the disk. */
  readonly waiting: number;
  /** The log could not be written when it was last tried. */
  readonly unavailable: boolean;
}

export interface AuditOptions extends WriterOptions {
  /** Milliseconds after which a failed write is tried again. */
  readonly retryEvery?: number;
}

const fromSystem: AuditEffects = { now: () => new Date(), elapsed: () => performance.now() };

/** What may wait to be written; more is refused. */
const most = { records: 10_000, patients: 2_000_000 };
/** Where so much waits requests are refused, so that those under way find room. */
const refused = { records: 9_000, patients: 1_500_000 };
/** Records that are written together. */
const atOnce = 500;
const patientsAtOnce = 50_000;
/** Milliseconds for which a record that nobody waits for is held back, so that others are written with it. */
const gathered = 45;
/** Milliseconds for which a log that is closed tries to write what waits. */
const patience = 5_000;

interface Waiting {
  /** Undefined where somebody only waits for what is before. */
  readonly entry?: Entry;
  readonly done?: () => void;
  readonly failed?: (error: unknown) => void;
}

/** What waits is written together and fsynced once. */
export function auditLog(options: AuditOptions, effects: AuditEffects = fromSystem): AuditLog {
  const { retryEvery = 1_000 } = options;
  const writer = auditWriter(options, effects);
  let waiting: Waiting[] = [];
  let underWay: readonly Waiting[] = [];
  let writing: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let unavailable = false;
  // Told once, until it can be written again.
  let told: string | undefined;

  // Counted as they come and go: adding up a list of thousands for each of its records would take longer than writing it.
  let patientsWaiting = 0;
  const isFull = (limit: typeof most): boolean =>
    waiting.length + underWay.length >= limit.records || patientsWaiting >= limit.patients;

  const entryOf = (record: JsonObject, patients: readonly Uint8Array[]): Entry => {
    if (isFull(most)) throw new MaplewoodError('AUDIT_UNAVAILABLE');
    let members: readonly Member[];
    try {
      // What cannot be written must be known before it stands in the way of all others.
      assertCounted(record, patients);
      members = membersOf(record);
    } catch (cause) {
      throw new MaplewoodError('INTERNAL', undefined, { cause });
    }
    patientsWaiting += patients.length;
    return { members, patients, madeAt: effects.elapsed() };
  };
  const gone = (entries: readonly Waiting[]): void => {
    for (const { entry } of entries) patientsWaiting -= entry?.patients.length ?? 0;
  };

  /** Those who wait are told that it failed. What nobody waits for stays, at the front and in its order. */
  const failed = (cause: unknown): void => {
    unavailable = true;
    const problem = `The audit cannot be written, so that nothing is served: ${reasonOf(cause)}`;
    if (problem !== told) options.onProblem?.(problem);
    told = problem;
    const all = [...underWay, ...waiting];
    waiting = all.filter((one) => one.failed === undefined);
    underWay = [];
    gone(all.filter((one) => one.failed !== undefined));
    for (const one of all) one.failed?.(new MaplewoodError('AUDIT_UNAVAILABLE', undefined, { cause }));
    later(retryEvery);
    // A process that has nothing else to do need not stay for it.
    timer?.unref();
  };

  const writeAll = async (): Promise<void> => {
    do {
      const count = togetherIn(waiting);
      underWay = waiting.slice(0, count);
      waiting = waiting.slice(count);
      try {
        await writer.write(underWay.flatMap(({ entry }) => entry ?? []));
      } catch (cause) {
        failed(cause);
        break;
      }
      unavailable = false;
      told = undefined;
      const written = underWay;
      underWay = [];
      gone(written);
      for (const { done } of written) done?.();
    } while (waiting.length > 0);
    writing = undefined;
  };

  const now = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    writing ??= writeAll();
    return writing;
  };

  const later = (milliseconds: number): void => {
    timer ??= setTimeout(() => void now(), milliseconds);
  };

  const waitFor = (entry?: Entry): Promise<void> =>
    new Promise((done, failed) => {
      waiting.push({ ...(entry ? { entry } : {}), done, failed });
      void now();
    });

  return {
    append: async (record, patients = []) => waitFor(entryOf(record, patients)),
    keep(record, patients = []) {
      waiting.push({ entry: entryOf(record, patients) });
      if (!writing) later(gathered);
    },
    assertReady() {
      if (unavailable || isFull(refused)) throw new MaplewoodError('AUDIT_UNAVAILABLE');
    },
    flush: () => waitFor(),
    status: () => ({ waiting: waiting.length + underWay.length, unavailable }),
    async close() {
      const until = effects.elapsed() + patience;
      while (writing || waiting.length > 0) {
        await now();
        if (waiting.length === 0) continue;
        if (effects.elapsed() >= until) break;
        await pause(Math.min(retryEvery, 250));
      }
      clearTimeout(timer);
      timer = undefined;
      const lost = waiting.length;
      waiting = [];
      await writer.close();
      if (lost === 0) return;
      options.onProblem?.(`${lost} records of the audit could not be written and are lost.`);
      throw new MaplewoodError('AUDIT_UNAVAILABLE');
    },
  };
}

/** How many of those who wait are written together: of long lists fewer. */
function togetherIn(waiting: readonly Waiting[]): number {
  let patients = 0;
  const tooMany = waiting.findIndex(({ entry }, at) => {
    patients += entry?.patients.length ?? 0;
    return at === atOnce || (at > 0 && patients > patientsAtOnce);
  });
  return tooMany < 0 ? waiting.length : tooMany;
}

function assertCounted(record: JsonObject, patients: readonly Uint8Array[]): void {
  if (patients.length !== patientsOf(record)) throw new Error('the record counts other patients');
  if (patients.some(({ length }) => length !== pseudonymLength))
    throw new Error('a key of a patient is not 16 bytes long');
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof MaplewoodError)) return String((cause as { code?: unknown }).code ?? 'unknown');
  // Its own words are those of a run of the ETL.
  return cause.code === 'LEASE_HELD'
    ? 'another server of this home writes it. Stop that one; until then this one tries each second.'
    : cause.message;
}
