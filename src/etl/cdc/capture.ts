import { join } from 'node:path';
import { MaplewoodError } from '../../errors.js';
import { type Lease, takeLease } from '../../lake/lease.js';
import { type Engine, openEngine } from '../engine.js';
import { newRunId } from '../run-id.js';
import { tidySpill } from '../spill.js';
import { whyStopped } from '../why-stopped.js';
import { type CaptureEffects, type CaptureOptions, captureTable } from './capture-table.js';
import type { CaptureReport, TableReport } from './report.js';

const silent: CaptureEffects = { now: () => new Date(), progress: () => undefined };

/**
 * Captures tables one after the other: each is compared with its last capture and committed on its own, so that a
 * run that is killed has captured some tables whole and the others not at all. A table that is refused does not keep
 * the others back. Errors: `LEASE_HELD`, `USAGE` for a dataset that the source has not, `DISK_FULL`,
 * `SOURCE_UNAVAILABLE`.
 */
export async function capture(
  options: CaptureOptions,
  effects: CaptureEffects = silent,
): Promise<CaptureReport> {
  const { source, folders } = options;
  const absent = options.datasets.find((dataset) => !source.datasets.includes(dataset));
  if (absent !== undefined) {
    throw new MaplewoodError(
      'USAGE',
      `The source ${source.name} has no table for ${absent}. It has ${source.datasets.join(', ')}.`,
    );
  }
  const startedAt = effects.now();
  const runId = newRunId(startedAt);
  const lease = await takeLease(folders.leases, runId, effects.now);
  try {
    await tidySpill(folders.spill, lease);
    const engine = await openEngine({
      spill: join(folders.spill, runId),
      threads: options.threads,
      memoryLimit: options.memoryLimit,
    });
    try {
      const { tables, refused } = await captureAll(engine, lease, options, effects);
      const endedAt = effects.now();
      return {
        runId,
        source: source.name,
        startedAt: startedAt.toISOString(),
        endedAt: endedAt.toISOString(),
        seconds: (endedAt.getTime() - startedAt.getTime()) / 1000,
        tables,
        refused,
      };
    } finally {
      engine.close();
    }
  } catch (error) {
    throw await whyStopped(error, lease, 'No change was lost; free some space and capture again.');
  } finally {
    await lease.release();
  }
}

async function captureAll(
  engine: Engine,
  lease: Lease,
  options: CaptureOptions,
  effects: CaptureEffects,
): Promise<Pick<CaptureReport, 'tables' | 'refused'>> {
  const chosen = options.datasets.length > 0 ? new Set(options.datasets) : undefined;
  const contracts = [...options.contracts.values()].filter(
    ({ dataset }) => options.source.datasets.includes(dataset) && (chosen?.has(dataset) ?? true),
  );
  const tables: TableReport[] = [];
  const refused: { dataset: string; reason: string }[] = [];
  for (const [index, contract] of contracts.entries()) {
    const step = (name: string): void => effects.progress(name, contract.dataset, index, contracts.length);
    try {
      tables.push(await captureTable(engine, lease, contract, options, effects, step));
    } catch (error) {
      if (!(error instanceof MaplewoodError) || error.code !== 'CAPTURE_REFUSED') throw error;
      refused.push({ dataset: contract.dataset, reason: error.message });
    }
  }
  effects.progress('commit', '', contracts.length, contracts.length);
  return { tables, refused };
}
