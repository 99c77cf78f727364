import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MaplewoodError, systemCode } from '../errors.js';
import type { Lake } from '../lake/lake.js';
import { type Lease, takeLease } from '../lake/lease.js';
import type { MartPlan } from '../measures/mart.js';
import type { GoldBuilder } from '../measures/source.js';
import { newestRelease, type ReleaseManifest } from '../warehouse/duckdb/files.js';
import { type BronzeBatch, ingest } from './bronze.js';
import { loadCodeLists } from './code-lists.js';
import { contracts } from './contracts/index.js';
import { type Engine, openEngine } from './engine.js';
import { withQuarantined } from './fhir/counts.js';
import { ingestFhir } from './fhir/ingest.js';
import { type LoadedFhir, loadFhir } from './fhir/load.js';
import { type DataDays, dataDaysSql } from './gold/calendar.js';
import {
  buildIdentified,
  buildMarts,
  buildStar,
  finishGold,
  type GoldInputs,
  inRelease,
} from './gold/load.js';
import { discover, fhirDataset, type Landing } from './landing.js';
import { commitBatch, isKnown, type Ledger, readLedger } from './ledger.js';
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
import { crossRules } from './silver/cross-rules.js';
import { loadSilver, quarantineTable, type SilverResult } from './silver/load.js';

export interface EtlOptions {
  readonly landing: string;
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
    throw await whyStopped(error, lease);
  } finally {
    await lease.release();
  }
}

/** The error for the reader. A run that was overtaken fails in many ways: the other one tidies its files away. */
async function whyStopped(error: unknown, lease: Lease): Promise<unknown> {
  if (systemCode(error) === 'ENOSPC' || /No space left|ENOSPC|Out of disk/i.test(String(error))) {
    return new MaplewoodError(
      'DISK_FULL',
      'The disk is full. The last release stays served; free some space and run again.',
      { cause: error },
    );
  }
  const overtaken = await lease.check().catch((found: unknown) => found);
  return overtaken instanceof MaplewoodError ? overtaken : error;
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
  for (const folder of [folders.warehouse, folders.identified, folders.runs])
    await mkdir(folder, { recursive: true, mode: 0o700 });
  const landing = await discover(options.landing, [...contracts.keys()]);
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
  if (fresh.length === 0 && served && !options.full && served.inputs === inputsOf(before, options)) {
    const report = unchanged(options, effects, runId, startedAt, landing, served);
    await keep(folders.runs, report);
    return report;
  }

  await tidySpill(folders.spill);
  const engine = await openEngine({
    spill: join(folders.spill, runId),
    threads: options.threads,
    memoryLimit: options.memoryLimit,
  });
  const draft = draftOf(folders, runId);
  try {
    const ledger = await ingestAll(engine, lake, before, fresh, lease, effects);
    const read = ledger.batches.slice(before.batches.length);
    requireDatasets(ledger, served);
    ended('bronze');
    await engine.run(quarantineTable);
    const fhir = await loadFhir(engine, lake, ledger.batches, `silver/${runId}/${fhirDataset}`);
    ended('fhir');
    const silver = await allSilver(engine, lake, ledger, options, effects, runId, fhir);
    ended('silver');
    const [days] = await engine.rows<DataDays>(dataDaysSql(startedAt.toISOString().slice(0, 10)));
    if (!days) throw new MaplewoodError('ETL_FAILED');
    effects.progress('checks', 'rules over several rows', 0, 1);
    const quality = [
      ...[...silver.values()].flatMap(silverResults),
      ...(await crossResults(engine, crossRules(days), silver)),
    ];
    ended('rules');
    const codeLists = await loadCodeLists(options.referenceDir, contracts.values());
    const inputs: GoldInputs = {
      context: {
        contracts,
        codeLists,
        dataAsOf: days.dataAsOf,
        flagBit: (dataset, rule) => flagBit(silver.get(dataset), rule),
      },
      days,
      marts: options.marts,
      gold: options.gold,
      referenceDir: options.referenceDir,
      pads: options.key,
      progress: (step, done, total) => effects.progress('gold', step, done, total),
    };
    await buildStar(engine, draft.file, inputs);
    ended('gold');
    await buildMarts(engine, inputs);
    ended('marts');
    quality.push(...(await inRelease(engine, () => goldResults(engine, goldChecks(options.marts)))));
    ended('integrity');
    const sources = sourceTotals(ledger, silver, fhir.balances);
    const balances = [...silver.values()].flatMap((result) => result.balances).concat(fhir.balances);
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
    const manifest = await publish(folders, draft, lease, {
      publishedAt: effects.now().toISOString(),
      dataAsOf: days.dataAsOf,
      warehouseKey: options.key.fingerprint,
      inputs: inputsOf(ledger, options),
      runId,
    });
    await tidyReleases(folders, options.keepReleases, (folder) => readdir(folder));
    await tidySilver(lake, runId);
    effects.progress('publish', '', 1, 1);
    ended('publish');
    const endedAt = effects.now();
    const report: RunReport = {
      runId,
      startedAt: startedAt.toISOString(),
      endedAt: endedAt.toISOString(),
      seconds: (endedAt.getTime() - startedAt.getTime()) / 1000,
      timings,
      landing: options.landing,
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
      warnings: warningsOf(ledger, read, new Set(fhir.mapped.keys())),
      sources,
      files: balances,
      quality,
      ...(fhir.counts ? { fhir: await withQuarantined(engine, fhir.counts) } : {}),
    };
    await keep(folders.runs, report);
    return report;
  } finally {
    engine.close();
    for (const file of [draft.file, draft.identifiedFile]) {
      await rm(file, { force: true });
      await rm(`${file}.wal`, { force: true });
    }
  }
}

/** Everything a release is a function of. */
function inputsOf(ledger: Ledger, options: EtlOptions): string {
  const hash = createHash('sha256');
  for (const batch of ledger.batches) hash.update(`${batch.dataset}\n${batch.name}\n${batch.sha256}\n`);
  return hash.update(options.declarations).update(options.key.fingerprint).digest('hex');
}

async function ingestAll(
  engine: Engine,
  lake: Lake,
  ledger: Ledger,
  fresh: Landing['files'],
  lease: Lease,
  effects: EtlEffects,
): Promise<Ledger> {
  const batches: BronzeBatch[] = [...ledger.batches];
  let next = ledger.next;
  for (const [index, file] of fresh.entries()) {
    effects.progress('bronze', file.name, index, fresh.length);
    const contract = contracts.get(file.dataset);
    if (!contract && file.dataset !== fhirDataset) continue;
    // Numbers of batches are given by the holder of the lease alone.
    await lease.check();
    const context = { connection: engine.connection, lake, loadedAt: effects.now().toISOString() };
    const batch = contract
      ? await ingest(file, contract, next, context)
      : await ingestFhir(file, next, context);
    if (!(await commitBatch(lake, batch))) throw new MaplewoodError('RELEASE_OVERTAKEN');
    batches.push(batch);
    next += 1;
  }
  effects.progress('bronze', '', fresh.length, fresh.length);
  return { batches, next };
}

async function allSilver(
  engine: Engine,
  lake: Lake,
  ledger: Ledger,
  options: EtlOptions,
  effects: EtlEffects,
  runId: string,
  fhir: LoadedFhir,
): Promise<Map<string, SilverResult>> {
  const codeLists = await loadCodeLists(options.referenceDir, contracts.values());
  const results = new Map<string, SilverResult>();
  let done = 0;
  for (const contract of contracts.values()) {
    effects.progress('silver', contract.dataset, done, contracts.size);
    const batches = ledger.batches.filter((batch) => batch.dataset === contract.dataset);
    for (const batch of batches) {
      if (batch.status !== 'quarantined') continue;
      await engine.run('insert into quarantine values ($dataset, $batch, null, null, $rule, $reason, null)', {
        dataset: batch.dataset,
        batch: batch.batch,
        rule: batch.rule ?? 'FILE_UNREADABLE',
        reason: batch.reason ?? 'the file could not be read',
      });
    }
    const file = `silver/${runId}/${contract.dataset}.parquet`;
    const mapped = fhir.mapped.get(contract.dataset);
    results.set(contract.dataset, await loadSilver(engine, lake, contract, batches, codeLists, file, mapped));
    done += 1;
  }
  effects.progress('silver', '', done, contracts.size);
  return results;
}

function flagBit(silver: SilverResult | undefined, rule: string): number {
  const bit = silver?.stage?.flags.findIndex((flag) => flag.rule === rule) ?? -1;
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
    landing: options.landing,
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
  await writeFile(join(folder, `${report.runId}.json`), `${JSON.stringify(report, null, 1)}\n`, {
    mode: 0o600,
  });
  await writeFile(join(folder, `${report.runId}.txt`), `${printReport(report)}\n`, { mode: 0o600 });
}

/** Silver of earlier runs has been taken over by this one. */
async function tidySilver(lake: Lake, runId: string): Promise<void> {
  for (const old of await lake.list('silver')) if (old !== runId) await lake.remove(`silver/${old}`);
}

const spillOfRun = /^\d{8}T\d{6}-[0-9a-f]{6}$/;

/** What runs that were killed had spilled to the disk; the holder of the lease is the only one alive. */
async function tidySpill(folder: string): Promise<void> {
  for (const old of await readdir(folder).catch(() => [])) {
    if (spillOfRun.test(old)) await rm(join(folder, old), { recursive: true, force: true });
  }
}
