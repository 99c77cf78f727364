import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { makeFolder } from '../config/home.js';
import { MaplewoodError } from '../errors.js';
import { createExclusively, remove, removeDrafts } from '../lake/durable.js';
import type { Lake } from '../lake/lake.js';
import { type Lease, takeLease } from '../lake/lease.js';
import type { MartPlan } from '../measures/mart.js';
import type { GoldBuilder } from '../measures/source.js';
import { newestRelease, type ReleaseManifest } from '../warehouse/duckdb/files.js';
import { baseOf, fromNothing } from './base.js';
import { capturedChanges } from './cdc/deliveries.js';
import { loadCodeLists } from './code-lists.js';
import { contracts } from './contracts/index.js';
import { releaseDamage, requireBronze } from './damage.js';
import { takeDeliveries } from './deliveries.js';
import { openEngine } from './engine.js';
import { type DataDays, dataDaysSql } from './gold/calendar.js';
import { buildIdentified, finishGold, type GoldInputs, inRelease } from './gold/load.js';
import { writePatientNumbers } from './gold/patients.js';
import { buildRelease } from './gold/release.js';
import { discover, type Landing } from './landing.js';
import { isKnown, type Ledger, readLedger } from './ledger.js';
import { draftOf, publish, type ReleaseFolders, tidyReleases } from './publish.js';
import {
  reconciliation,
  requireDatasets,
  sourceTotals,
  stopOnErrors,
  warningsOf,
} from './quality/account.js';
import { goldChecks } from './quality/checks.js';
import { crossResults, goldResults, silverResults } from './quality/results.js';
import { storeQuality } from './quality/store.js';
import { printReport, type RunReport } from './report.js';
import { buildSilver } from './silver/build.js';
import { crossRules } from './silver/cross-rules.js';
import type { SilverResult } from './silver/load.js';
import { silverFolder, tidySilver, writeState } from './silver/state.js';
import { tidySpill } from './spill.js';
import { whyStopped } from './why-stopped.js';

export interface EtlOptions {
  /** Folder of deliveries; undefined takes only what change capture has put into the lake. */
  readonly landing: string | undefined;
  /** Make a release even if nothing has changed, and whatever warehouse key the last one was made with. */
  readonly full: boolean;
  readonly lake: Lake;
  readonly folders: ReleaseFolders & {
    readonly leases: string;
    readonly runs: string;
    readonly spill: string;
  };
  readonly referenceDir: string;
  readonly marts: readonly MartPlan[];
  readonly gold: GoldBuilder;
  /** The two padded halves of the warehouse key, and its fingerprint. */
  readonly key: { readonly inner: Uint8Array; readonly outer: Uint8Array; readonly fingerprint: string };
  /** Digest of the declarations that shape a release: a new build makes a new release from the same data. */
  readonly declarations: string;
  readonly threads: number;
  readonly memoryLimit: string;
  readonly keepReleases: number;
}

export interface EtlEffects {
  now(): Date;
  progress(step: string, detail: string, done: number, total: number): void;
}

/**
 * One run: landing → bronze → silver → gold → release. It can be killed at any moment and run again: bronze grows
 * by whole batches, everything after it is made anew from bronze, and a release is seen whole or not at all.
 */
export async function runEtl(options: EtlOptions, effects: EtlEffects): Promise<RunReport> {
  const runId = `${effects.now().toISOString().replace(/[-:]/g, '').slice(0, 15)}-${randomBytes(3).toString('hex')}`;
  const lease = await takeLease(options.folders.leases, runId, effects.now);
  try {
    return await run(options, effects, runId, lease);
  } catch (error) {
    throw await whyStopped(error, lease, 'The last release stays served; free some space and run again.');
  } finally {
    await lease.release();
  }
}

async function run(
  options: EtlOptions,
  effects: EtlEffects,
  runId: string,
  lease: Lease,
): Promise<RunReport> {
  const startedAt = effects.now();
  const timings: Record<string, number> = {};
  let since = startedAt.getTime();
  const ended = (step: string): void => {
    const now = effects.now().getTime();
    timings[step] = (now - since) / 1000;
    since = now;
  };
  const { lake, folders } = options;
  for (const folder of [folders.warehouse, folders.identified, folders.runs]) makeFolder(folder, 'folders');
  const landing = await deliveries(options, lake);
  const before = await readLedger(lake);
  const fresh = landing.files.filter((file) => !isKnown(before, file));
  const served = await newestRelease(folders.warehouse);
  if (served && served.warehouseKey !== options.key.fingerprint && !options.full) {
    throw new MaplewoodError(
      'KEY_MISMATCH',
      'The served release was made with another warehouse key. Restore that key, or run with --full to make all pseudonyms anew.',
    );
  }
  const skipped = landing.skipped;
  const whole = served && (await releaseDamage(folders, served, 'bytes')) === undefined;
  if (fresh.length === 0 && whole && !options.full && served.inputs === inputsOf(before, options)) {
    const report = unchanged(options, effects, runId, startedAt, landing, served);
    await keep(folders.runs, report);
    return report;
  }

  const base = options.full ? fromNothing : await baseOf(lake, served, folders, options.declarations);
  // What killed runs have left may be what fills the disk.
  await tidySpill(folders.spill, lease);
  await tidyReleases(folders, options.keepReleases, lease);
  await removeDrafts(folders.runs, 'report');
  await lake.removeDrafts('batches');
  const newestSilver = async () => (await newestRelease(folders.warehouse))?.silver;
  await tidySilver(lake, lease, newestSilver);
  const engine = await openEngine({
    spill: join(folders.spill, runId),
    threads: options.threads,
    memoryLimit: options.memoryLimit,
  });
  const draft = draftOf(folders, runId);
  let published = false;
  try {
    const ledger = await takeDeliveries(engine, lake, contracts, before, fresh, runId, lease, effects);
    const read = ledger.batches.slice(before.batches.length);
    requireDatasets(ledger, served);
    ended('bronze');
    await requireBronze(
      lake,
      before.batches.filter(({ batch }) => batch > (base.silver?.batches ?? 0)),
    );
    const codeLists = await loadCodeLists(options.referenceDir, contracts.values());
    const { results: silver, logs } = await buildSilver(engine, lake, {
      contracts,
      codeLists,
      batches: ledger.batches,
      before: base.silver,
      folder: silverFolder(runId),
      progress: (dataset, done, total) => effects.progress('silver', dataset, done, total),
    });
    ended('silver');
    const [days] = await engine.rows<DataDays>(dataDaysSql(startedAt.toISOString().slice(0, 10)));
    if (!days) throw new MaplewoodError('ETL_FAILED');
    effects.progress('checks', 'rules over several rows', 0, 1);
    const quality = [
      ...[...silver.values()].flatMap(silverResults),
      ...(await crossResults(engine, crossRules(days), silver)),
    ];
    ended('rules');
    const inputs: GoldInputs = {
      context: {
        contracts,
        codeLists,
        dataAsOf: days.dataAsOf,
        rows: (dataset) => `silver_${dataset}`,
        flagBit: (dataset, rule) => flagBit(silver.get(dataset), rule),
      },
      days,
      marts: options.marts,
      gold: options.gold,
      referenceDir: options.referenceDir,
      knownPatients: base.silver && lake.path(base.silver.patients),
      pads: options.key,
      progress: (step, done, total) => effects.progress('gold', step, done, total),
    };
    await buildRelease(engine, draft.file, base.file, inputs, ended);
    quality.push(...(await inRelease(engine, () => goldResults(engine, goldChecks(options.marts)))));
    ended('integrity');
    const sources = sourceTotals(ledger, silver);
    const balances = [...silver.values()].flatMap((result) => result.balances);
    quality.push(reconciliation(balances));
    stopOnErrors(quality);
    await storeQuality(
      engine,
      contracts,
      sources,
      quality,
      new Map(ledger.batches.map((batch) => [batch.batch, batch.name])),
    );
    await buildIdentified(engine, draft.identifiedFile);
    effects.progress('publish', '', 0, 1);
    await finishGold(engine);
    const patients = await writePatientNumbers(engine, lake, silverFolder(runId));
    await writeState(lake, { run: runId, batches: ledger.next - 1, logs, patients }, base.silver?.seals);
    const manifest = await publish(folders, draft, lease, {
      publishedAt: effects.now().toISOString(),
      dataAsOf: days.dataAsOf,
      warehouseKey: options.key.fingerprint,
      inputs: inputsOf(ledger, options),
      runId,
      silver: runId,
      declarations: options.declarations,
      corrections: base.file === undefined ? 0 : base.corrections + 1,
    });
    published = true;
    // A run that was overtaken at the last moment may not remove what the other builds on.
    if (await isHeld(lease)) {
      await tidyReleases(folders, options.keepReleases, lease);
      await tidySilver(lake, lease, newestSilver);
    }
    effects.progress('publish', '', 1, 1);
    ended('publish');
    const endedAt = effects.now();
    const report: RunReport = {
      runId,
      startedAt: startedAt.toISOString(),
      endedAt: endedAt.toISOString(),
      seconds: (endedAt.getTime() - startedAt.getTime()) / 1000,
      timings,
      landing: options.landing ?? 'captured changes',
      outcome: 'published',
      release: manifest.id,
      dataAsOf: manifest.dataAsOf,
      read: read.map(({ name, batch, status, reason }) => ({
        name,
        batch,
        status,
        ...(reason === undefined ? {} : { reason }),
      })),
      skipped,
      unchangedFiles: landing.files.length - fresh.length,
      warnings: [...base.warnings, ...warningsOf(ledger, read)],
      sources,
      files: balances,
      quality,
    };
    await keep(folders.runs, report);
    return report;
  } finally {
    engine.close();
    for (const file of [draft.file, draft.identifiedFile]) {
      await remove(file, 'release');
      await remove(`${file}.wal`, 'release');
    }
    if (!published) await lake.remove(silverFolder(runId));
  }
}

/** What lies in the landing folder, and the changes that were captured into the lake, in load order. */
async function deliveries({ landing }: EtlOptions, lake: Lake): Promise<Landing> {
  const datasets = [...contracts.keys()];
  const captured = await capturedChanges(lake, datasets);
  if (landing === undefined) return { files: captured, skipped: [] };
  const { files, skipped } = await discover(landing, datasets);
  return { files: [...files, ...captured], skipped };
}

/** Everything a release is a function of. */
function inputsOf(ledger: Ledger, options: EtlOptions): string {
  const hash = createHash('sha256');
  for (const batch of ledger.batches) hash.update(`${batch.dataset}\n${batch.name}\n${batch.sha256}\n`);
  return hash.update(options.declarations).update(options.key.fingerprint).digest('hex');
}

const isHeld = (lease: Lease): Promise<boolean> =>
  lease.check().then(
    () => true,
    () => false,
  );

function flagBit(silver: SilverResult | undefined, rule: string): number {
  const bit = silver?.rules.flags.findIndex((flag) => flag.rule === rule) ?? -1;
  return bit < 0 ? 0 : 2 ** bit;
}

function unchanged(
  options: EtlOptions,
  effects: EtlEffects,
  runId: string,
  startedAt: Date,
  landing: Landing,
  served: ReleaseManifest,
): RunReport {
  const endedAt = effects.now();
  return {
    runId,
    startedAt: startedAt.toISOString(),
    endedAt: endedAt.toISOString(),
    seconds: (endedAt.getTime() - startedAt.getTime()) / 1000,
    timings: {},
    landing: options.landing ?? 'captured changes',
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
  };
}

async function keep(folder: string, report: RunReport): Promise<void> {
  const path = join(folder, report.runId);
  await createExclusively(`${path}.json`, `${JSON.stringify(report, null, 1)}\n`, 'report');
  await createExclusively(`${path}.txt`, `${printReport(report)}\n`, 'report');
}
