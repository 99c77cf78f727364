import { join } from 'node:path';
import { makeFolder } from '../config/home.js';
import { remove, removeDrafts } from '../lake/durable.js';
import { takeLease } from '../lake/lease.js';
import { newestRelease, type ReleaseManifest } from '../warehouse/duckdb/files.js';
import { type GoldBase, goldBase, noGold, noSilver, type SilverBase, silverBase } from './base.js';
import { beside } from './beside.js';
import { contracts } from './contracts/index.js';
import { type Engine, openEngine } from './engine.js';
import { type EtlRun, etlRun } from './etl-run.js';
import { buildIdentified } from './gold/identified.js';
import { finishGold, padsOf } from './gold/load.js';
import { writePatientNumbers } from './gold/patients.js';
import { besideOthers } from './lanes.js';
import { type MadeRelease, makeRelease } from './make-release.js';
import { type News, newsFor, upToDate } from './news.js';
import { omopCheckNames } from './omop/checks.js';
import { landingInput, releaseOutputs, standingInputs } from './openlineage/datasets.js';
import { type RunJournal, runJournal } from './openlineage/journal.js';
import type { EtlEffects, EtlOptions } from './options.js';
import { type Draft, draftOf, publish, tidyReleases } from './publish.js';
import { requireAcceptable } from './quality/accept.js';
import { warningsOf } from './quality/account.js';
import { checkNames } from './quality/checks.js';
import { checkLimits } from './quality/limits.js';
import type { RunReport } from './report.js';
import { newRunId } from './run-id.js';
import { inputsOf } from './run-inputs.js';
import { headOf, keepReport, publishedReport, unchangedReport } from './run-report.js';
import { silverFolder, tidySilver, writeState } from './silver/state.js';
import { tidySpill } from './spill.js';
import { type TakenIn, takeIn } from './take-in.js';
import { whyStopped } from './why-stopped.js';

/**
 * One run: landing → bronze → silver → gold → release. It can be killed at any moment and run again: bronze grows
 * by whole batches, everything after it is made anew from bronze, and a release is seen whole or not at all.
 */
export async function runEtl(options: EtlOptions, effects: EtlEffects): Promise<RunReport> {
  const names = checkNames(options.marts);
  const omop = options.omop ? await omopCheckNames(options.referenceDir) : { all: [], stopping: [] };
  requireAcceptable(options.accept, new Set([...names.stopping, ...omop.stopping]));
  const limits = checkLimits(options.checks, new Set([...names.all, ...omop.all]), options.anonymity);
  const runId = newRunId(effects.now());
  const lease = await takeLease(options.folders.leases, runId, effects.now);
  const journal = runJournal(options.folders.runs, runId, effects.now);
  try {
    return await runLeased(etlRun(runId, options, effects, lease, limits), journal);
  } catch (error) {
    const why = await whyStopped(
      error,
      lease,
      'The last release stays served; free some space and run again.',
    );
    await journal.stopped(why);
    throw why;
  } finally {
    await lease.release();
  }
}

async function runLeased(run: EtlRun, journal: RunJournal): Promise<RunReport> {
  const { id, options, effects, lease, startedAt } = run;
  const { folders } = options;
  for (const folder of [folders.warehouse, folders.identified, folders.runs]) makeFolder(folder, 'folders');
  await journal.started();
  // What killed runs have left may be what fills the disk; one may have been killed when all else was done.
  await tidySpill(folders.spill, lease);
  const news = await newsFor(options);
  const unchanged = upToDate(news, options);
  if (unchanged) {
    const report = unchangedReport(headOf(options, id, startedAt, effects.now()), news.landing, unchanged);
    await keepReport(folders.runs, report);
    await journal.completed([], []);
    return report;
  }
  const base = options.full ? noSilver : await silverBase(options.lake, news.served, options.declarations);
  await tidyReleases(folders, options.keepReleases, lease);
  await removeDrafts(folders.runs, 'report');
  await options.lake.removeDrafts('batches');
  await tidySilver(options.lake, lease, newestSilver(options));
  const engine = await openEngine({
    spill: join(folders.spill, id),
    threads: options.threads,
    memoryLimit: options.memoryLimit,
  });
  const draft = draftOf(folders, id);
  // A release is large: it is read and copied while bronze and silver are made.
  const released = beside(
    news.served && base.silver ? goldBase(news.served, folders, draft.file) : Promise.resolve(noGold),
  );
  let written: () => Promise<unknown> = released;
  let published = false;
  try {
    const taken = await takeIn(run, engine, news, base);
    const corrected = await released();
    const made = await makeRelease(run, engine, draft.file, news, base, corrected, taken);
    effects.progress('publish', '', 0, 1);
    // What comes from silver alone is written beside the release, of which one thread writes most.
    written = besideOthers(engine, (lane) => writeSilver(run, lane, draft, base, corrected, taken, made));
    await finishGold(engine);
    await written();
    const manifest = await publish(folders, draft, lease, {
      publishedAt: effects.now().toISOString(),
      dataAsOf: taken.days.dataAsOf,
      warehouseKey: options.key.fingerprint,
      inputs: inputsOf(taken.ledger, options),
      lastBatch: taken.ledger.batches.at(-1)?.batch ?? 0,
      runId: id,
      silver: id,
      declarations: options.declarations,
      corrections: corrected.file === undefined ? 0 : corrected.corrections + 1,
    });
    published = true;
    await tidyAfter(run);
    effects.progress('publish', '', 1, 1);
    run.ended('publish');
    const report = reportOf(run, news, manifest, taken, made);
    await keepReport(folders.runs, report);
    await journal.completed(
      [
        ...taken.read.map(({ name, dataset }) => landingInput(name, contracts.get(dataset))),
        ...standingInputs(contracts, made.traced.edges),
      ],
      releaseOutputs(made.traced, manifest.id),
    );
    return report;
  } finally {
    await Promise.allSettled([released(), written()]);
    engine.close();
    for (const file of [draft.file, draft.identifiedFile]) {
      await remove(file, 'release');
      await remove(`${file}.wal`, 'release');
    }
    if (!published) await options.lake.remove(silverFolder(id));
  }
}

/** The identified store, the numbers of patients and, at last, the state that says which files are silver. */
async function writeSilver(
  { id, options: { lake } }: EtlRun,
  engine: Engine,
  { identifiedFile }: Draft,
  base: SilverBase,
  corrected: GoldBase,
  { ledger, silver, fhir }: TakenIn,
  { gold }: MadeRelease,
): Promise<void> {
  await buildIdentified(engine, identifiedFile, corrected.identifiedFile, padsOf(gold));
  const patients = await writePatientNumbers(engine, lake, silverFolder(id));
  const state = { run: id, batches: ledger.next - 1, logs: silver.logs, patients };
  await writeState(lake, { ...state, ...(fhir ? { fhir } : {}) }, base.silver?.seals);
}

const newestSilver =
  ({ folders }: EtlOptions) =>
  async (): Promise<string | undefined> =>
    (await newestRelease(folders.warehouse))?.silver;

/** Removes what the new release has replaced. A run that was overtaken at the last moment may not remove what the other builds on. */
async function tidyAfter({ options, lease }: EtlRun): Promise<void> {
  const isHeld = await lease.check().then(
    () => true,
    () => false,
  );
  if (!isHeld) return;
  await tidyReleases(options.folders, options.keepReleases, lease);
  await tidySilver(options.lake, lease, newestSilver(options));
}

function reportOf(
  { id, options, effects, startedAt, timings }: EtlRun,
  { landing, fresh }: News,
  manifest: ReleaseManifest,
  { ledger, read, silver, fhir }: TakenIn,
  { warnings, sources, balances, quality, rules }: MadeRelease,
): RunReport {
  const filled = new Set(
    [...silver.results].flatMap(([dataset, { staged }]) => (staged > 0 ? [dataset] : [])),
  );
  return publishedReport(headOf(options, id, startedAt, effects.now()), manifest, read, {
    timings,
    skipped: landing.skipped,
    unchangedFiles: landing.files.length - fresh.length,
    warnings: [...warnings, ...warningsOf(ledger, read, filled)],
    sources,
    files: balances,
    quality,
    ...(fhir ? { fhir: fhir.counts } : {}),
    ...(rules ? { rules } : {}),
  });
}
