import { join } from 'node:path';
import { createExclusively } from '../lake/durable.js';
import type { ReleaseManifest } from '../warehouse/duckdb/files.js';
import type { Landing } from './landing.js';
import type { EtlOptions } from './options.js';
import { printReport, type RunReport } from './report.js';

/** Which run it was, when, and from what. */
export const headOf = (
  { landing, replay }: EtlOptions,
  runId: string,
  startedAt: Date,
  endedAt: Date,
): Pick<RunReport, 'runId' | 'startedAt' | 'endedAt' | 'seconds' | 'landing' | 'corrects'> => ({
  runId,
  startedAt: startedAt.toISOString(),
  endedAt: endedAt.toISOString(),
  seconds: (endedAt.getTime() - startedAt.getTime()) / 1000,
  landing: landing ?? (replay ? replay.file.name : 'captured changes'),
  ...(replay ? { corrects: replay.corrects } : {}),
});

/** The report of a run that had nothing to do. */
export const unchangedReport = (
  head: ReturnType<typeof headOf>,
  landing: Landing,
  served: ReleaseManifest,
): RunReport => ({
  ...head,
  timings: {},
  outcome: 'unchanged',
  release: served.id,
  dataAsOf: served.dataAsOf,
  read: [],
  skipped: landing.skipped,
  unchangedFiles: landing.files.length,
  warnings: [],
  sources: [],
  files: [],
  quality: [],
  accepted: [],
});

/** Keeps a report as a program and as a person reads it. */
export async function keepReport(folder: string, report: RunReport): Promise<void> {
  const path = join(folder, report.runId);
  await createExclusively(`${path}.json`, `${JSON.stringify(report, null, 1)}\n`, 'report');
  await createExclusively(`${path}.txt`, `${printReport(report)}\n`, 'report');
}
