import { MaplewoodError } from '../../errors.js';
import type { Lake } from '../../lake/lake.js';
import type { Lease } from '../../lake/lease.js';
import type { Contract } from '../contracts/contract.js';
import type { Engine } from '../engine.js';
import { hashFile } from '../hash-file.js';
import { type Baseline, type Comparison, compare } from './compare.js';
import { type DeletionLimits, guardDeletions } from './guard.js';
import {
  baselineFolder,
  baselineName,
  type Capture,
  changeFileName,
  commitCapture,
  isStagedFolder,
  lastCapture,
  stagedFolder,
  uncommittedChanges,
} from './manifest.js';
import type { TableReport } from './report.js';
import type { CaptureSource, StagedTable } from './source.js';
import { writeBaseline, writeChanges } from './write.js';

export interface CaptureOptions {
  readonly source: CaptureSource;
  readonly contracts: ReadonlyMap<string, Contract>;
  /** Empty: all that the source has. */
  readonly datasets: readonly string[];
  /** Key of a dataset, where it is not that of the contract. */
  readonly keys: ReadonlyMap<string, readonly string[]>;
  readonly limits: DeletionLimits;
  readonly lake: Lake;
  readonly folders: { readonly leases: string; readonly spill: string };
  readonly threads: number;
  readonly memoryLimit: string;
}

export interface CaptureEffects {
  now(): Date;
  progress(step: string, detail: string, done: number, total: number): void;
}

/** Reads, compares and commits one table. */
export async function captureTable(
  engine: Engine,
  lease: Lease,
  contract: Contract,
  options: CaptureOptions,
  effects: CaptureEffects,
  step: (name: string) => void,
): Promise<TableReport> {
  const { lake, source } = options;
  const { dataset } = contract;
  const started = effects.now().getTime();
  const key = options.keys.get(dataset) ?? contract.key;
  const folder = stagedFolder(source.name, dataset, lease.token);
  const interrupted = await tidy(lake, source.name, dataset, lease);
  const { last, next } = await lastCapture(lake, source.name, dataset);
  const sameKey = last !== undefined && last.key.join('\n') === key.join('\n');
  step('read');
  try {
    const staged = await source.stage(dataset, {
      engine,
      contract,
      lake,
      folder,
      // With another key, what the source knows of the last capture does not hold.
      last: sameKey ? last : undefined,
      now: effects.now,
    });
    const seconds = (): number => (effects.now().getTime() - started) / 1000;
    if (staged === 'unchanged') return sameAsBefore(dataset, last, seconds());
    step('compare');
    const baseline = last && (await openBaseline(lake, last));
    const counts = await compare(engine, dataset, staged, key, baseline);
    guardDeletions(dataset, counts, baseline?.rows ?? 0, options.limits);
    step('write');
    await lease.check();
    const sequence = await commit(engine, lease.token, contract, key, options, effects, staged, {
      last,
      next,
      baseline,
      counts,
    });
    const { present: _, ...reported } = counts;
    return {
      dataset,
      ...reported,
      sequence,
      read: staged.extent === 'complete' ? 'table' : 'changes',
      notes: [
        ...(interrupted
          ? ['an earlier capture was interrupted; the table was read again from its start']
          : []),
        ...staged.notes,
      ],
      seconds: seconds(),
    };
  } finally {
    await lake.remove(folder);
  }
}

/**
 * Removes what killed runs have left: states that no capture names, and rows of a read that did not end. Those are
 * never taken up again, since nothing proves that the source has stood still in between. True if there were any.
 */
async function tidy(lake: Lake, source: string, dataset: string, lease: Lease): Promise<boolean> {
  await lake.removeDrafts(`changes/${dataset}`);
  const folder = baselineFolder(source, dataset);
  const names = await lake.list(folder);
  const changes = await uncommittedChanges(lake, dataset);
  // Asked after the listing: another run that has taken over since has files here.
  await lease.check();
  const { last } = await lastCapture(lake, source, dataset);
  for (const name of names) {
    if (`${folder}/${name}` !== last?.baseline.file) await lake.remove(`${folder}/${name}`);
  }
  for (const file of changes) await lake.remove(file);
  return names.some(isStagedFolder);
}

/** Error: `ETL_FAILED` if the state of the last capture is damaged: nothing can be compared with it. */
async function openBaseline(lake: Lake, { baseline }: Capture): Promise<Baseline> {
  const path = lake.path(baseline.file);
  if (!(await lake.exists(baseline.file)) || (await hashFile(path)) !== baseline.sha256) {
    throw new MaplewoodError(
      'ETL_FAILED',
      `${baseline.file} in the lake is missing or damaged. Restore the lake from a backup and capture again.`,
    );
  }
  return { path, rows: baseline.rows, columns: baseline.columns };
}

interface Compared {
  readonly last: Capture | undefined;
  readonly next: number;
  readonly baseline: Baseline | undefined;
  readonly counts: Comparison;
}

/** Writes the change file and the new state, then commits both at once. The number of the change file, if any. */
async function commit(
  engine: Engine,
  token: number,
  contract: Contract,
  key: readonly string[],
  { lake, source }: CaptureOptions,
  effects: CaptureEffects,
  staged: StagedTable,
  { last, next, baseline, counts }: Compared,
): Promise<number | null> {
  const { dataset } = contract;
  const { inserts, updates, deletes } = counts;
  const something = inserts + updates + deletes > 0;
  const asBefore = (capture: Capture): boolean =>
    JSON.stringify([capture.origin, capture.key]) === JSON.stringify([staged.origin, key]);
  // An empty table, or a source that stands where it stood: there is nothing to remember.
  if (!something && (!last || asBefore(last))) return null;
  const capturedAt = effects.now().toISOString();
  const changes = something
    ? await writeChanges(engine, lake, changeFileName(dataset, next, token), staged, baseline, counts, {
        sequence: next,
        capturedAt,
      })
    : null;
  const state = await writeBaseline(
    engine,
    lake,
    baselineName(source.name, dataset, next, token),
    staged,
    counts,
  );
  const committed = await commitCapture(lake, {
    sequence: next,
    dataset,
    source: source.name,
    capturedAt,
    key,
    changes: changes && { ...changes, inserts, updates, deletes },
    baseline: { ...state, columns: staged.columns },
    origin: staged.origin,
  });
  if (!committed) throw new MaplewoodError('RELEASE_OVERTAKEN');
  if (last) await lake.remove(last.baseline.file);
  return something ? next : null;
}

function sameAsBefore(dataset: string, last: Capture | undefined, seconds: number): TableReport {
  const rows = last?.baseline.rows ?? 0;
  return {
    dataset,
    rows,
    inserts: 0,
    updates: 0,
    deletes: 0,
    unchanged: rows,
    duplicates: 0,
    nullKeys: 0,
    sequence: null,
    read: 'nothing',
    notes: [],
    seconds,
  };
}
