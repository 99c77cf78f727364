import type { BronzeBatch } from '../bronze.js';
import type { Engine } from '../engine.js';
import { isReplay } from '../replay/replay.js';
import { quoted } from '../sql.js';

/** Table with one row a delivered file that no release holds yet, by what the ledger tells of it. */
export const deliveredTable = 'memory.main.delivered_file';
/** Table with one row a bronze file of ours that this run reads again. */
export const rereadTable = 'memory.main.bronze_file';

/** So many earlier loads of a dataset say what is usual. */
export const history = 30;
/** What the checks of one delivered file compare. */
export interface DeliveredFile {
  readonly batch: number;
  readonly dataset: string;
  readonly name: string;
  readonly status: BronzeBatch['status'];
  readonly rows: number;
  readonly drifted: number;
  readonly repeatedKeys: number;
  /** Days from the newest day of the file to the day of load; null where the dataset has no such day. */
  readonly age: number | null;
  /** Days by which it is older than the newest delivery before; null where there is nothing to compare. */
  readonly behind: number | null;
  /** Median rows of the last loads before it, and how many there were. */
  readonly usual: number | null;
  readonly loads: number;
}

/**
 * The files to be judged: those of batches after `published`, the last one that a release holds. A file that was
 * delivered again under its name before it was published is judged by its last delivery.
 */
export function deliveredFiles(batches: readonly BronzeBatch[], published: number): DeliveredFile[] {
  const pending = batches.filter(
    (one, index) =>
      one.batch > published &&
      !batches.slice(index + 1).some((later) => later.dataset === one.dataset && later.name === one.name),
  );
  return pending.map((one) => {
    const before = batches.filter(
      (other) =>
        other.dataset === one.dataset &&
        other.status === 'loaded' &&
        !isReplay(other.name) &&
        other.batch <= Math.min(published, one.batch),
    );
    // Some corrected rows say nothing of how much the source delivers, or how fresh it is.
    const replay = isReplay(one.name);
    const rows = replay ? [] : before.slice(-history).map((other) => other.rows);
    const newestBefore = before
      .flatMap(({ newest }) => newest ?? [])
      .sort()
      .at(-1);
    return {
      batch: one.batch,
      dataset: one.dataset,
      name: one.name,
      status: one.status,
      rows: one.rows,
      drifted: one.drift.length,
      repeatedKeys: one.repeatedKeys,
      age: one.newest === null || replay ? null : days(one.newest, one.loadedAt),
      behind:
        replay || one.newest === null || newestBefore === undefined ? null : days(one.newest, newestBefore),
      usual: median(rows),
      loads: rows.length,
    };
  });
}

/** Makes the table that the checks of files read. */
export async function storeDelivered(engine: Engine, files: readonly DeliveredFile[]): Promise<void> {
  await engine.run(
    `create or replace table ${deliveredTable} (batch integer, dataset varchar, name varchar, status varchar, rows double, drifted double, repeated_keys double, age double, behind double, usual double, loads double)`,
  );
  const rows = files.map(
    (file) =>
      `(${[file.batch, quoted(file.dataset), quoted(file.name), quoted(file.status), file.rows, file.drifted, file.repeatedKeys, file.age ?? 'null', file.behind ?? 'null', file.usual ?? 'null', file.loads].join(', ')})`,
  );
  if (rows.length > 0) await engine.run(`insert into ${deliveredTable} values ${rows.join(', ')}`);
}

/** Makes the table of our own files that are read again, with whether they are as they were written. */
export async function storeReread(
  engine: Engine,
  files: readonly { readonly batch: number; readonly dataset: string; readonly intact: boolean }[],
): Promise<void> {
  await engine.run(`create or replace table ${rereadTable} (batch integer, dataset varchar, intact boolean)`);
  const rows = files.map(({ batch, dataset, intact }) => `(${batch}, ${quoted(dataset)}, ${intact})`);
  if (rows.length > 0) await engine.run(`insert into ${rereadTable} values ${rows.join(', ')}`);
}

const dayLength = 86_400_000;
const days = (from: string, to: string): number =>
  Math.round((Date.parse(to.slice(0, 10)) - Date.parse(from.slice(0, 10))) / dayLength);

function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle];
  const lower = sorted[middle - 1];
  if (upper === undefined) return null;
  return sorted.length % 2 === 1 || lower === undefined ? upper : (upper + lower) / 2;
}
