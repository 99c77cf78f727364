import { join } from 'node:path';
import { createExclusively } from '../lake/durable.js';
import type { ReleaseManifest } from '../warehouse/duckdb/files.js';
import type { BronzeBatch } from './bronze.js';
import type { Landing } from './landing.js';
import type { EtlOptions } from './options.js';
import { acceptedIn } from './quality/accept.js';
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

/** The report of a run that published a release; `read` are the deliveries that it took. */
export const publishedReport = (
  head: ReturnType<typeof headOf>,
  manifest: ReleaseManifest,
  read: readonly BronzeBatch[],
  found: Omit<
    RunReport,
    keyof ReturnType<typeof headOf> | 'outcome' | 'release' | 'dataAsOf' | 'read' | 'accepted'
  >,
): RunReport => ({
  ...head,
  ...found,
  outcome: 'published',
  release: manifest.id,
  dataAsOf: manifest.dataAsOf,
  read: read.map(({ name, batch, status, reason }) => ({
    name,
    batch,
    status,
    ...(reason === undefined ? {} : { reason }),
  })),
  accepted: acceptedIn(found.quality, head.runId, manifest.publishedAt),
});

/** Keeps a report as a program and as a person reads it. */
export async function keepReport(folder: string, report: RunReport): Promise<void> {
  const path = join(folder, report.runId);
  await createExclusively(`${path}.json`, `${JSON.stringify(report, null, 1)}\n`, 'report');
  await createExclusively(`${path}.txt`, `${printReport(report)}\n`, 'report');
}
