import { join } from 'node:path';
import { makeFolder } from '../config/home.js';
import { MaplewoodError } from '../errors.js';
import { remove, removeDrafts } from '../lake/durable.js';
import { type Lease, takeLease } from '../lake/lease.js';
import { newestRelease } from '../warehouse/duckdb/files.js';
import { goldBase, noGold, noSilver, silverBase } from './base.js';
import { beside } from './beside.js';
import { loadCodeLists } from './code-lists.js';
import { contracts } from './contracts/index.js';
import { releaseDamage, requireBronze } from './damage.js';
import { takeDeliveries } from './deliveries.js';
import { openEngine } from './engine.js';
import { isFhirNews, loadFhir, refuseFhir } from './fhir/load.js';
import { dataDays } from './gold/calendar.js';
import { buildIdentified } from './gold/identified.js';
import { finishGold, inRelease, padsOf } from './gold/load.js';
import { writePatientNumbers } from './gold/patients.js';
import { buildRelease } from './gold/release.js';
import { fhirDataset } from './landing.js';
import { besideOthers } from './lanes.js';
import { isKnown, readLedger } from './ledger.js';
import { traceRelease } from './lineage/trace.js';
import { omopCheckNames } from './omop/checks.js';
import { landingInput, releaseOutputs, standingInputs } from './openlineage/datasets.js';
import { type RunJournal, runJournal } from './openlineage/journal.js';
import type { EtlEffects, EtlOptions } from './options.js';
import { draftOf, publish, tidyReleases } from './publish.js';
import { requireAcceptable, withAcceptances } from './quality/accept.js';
import { requireDatasets, sourceTotals, stopOnErrors, warningsOf } from './quality/account.js';
import { assessDelivery, assessRelease } from './quality/assess.js';
import type { QualityResult } from './quality/check.js';
import { checkNames } from './quality/checks.js';
import { type CheckLimits, checkLimits } from './quality/limits.js';
import { crossResults, silverResults } from './quality/results.js';
import { storeDrift, storeQuality } from './quality/store.js';
import { releaseInputs } from './release-inputs.js';
import type { RunReport } from './report.js';
import type { RuleLine } from './results.js';
import { newRunId } from './run-id.js';
import { deliveries, digestOf, inputsOf } from './run-inputs.js';
import { headOf, keepReport, publishedReport, unchangedReport } from './run-report.js';
import { buildSilver } from './silver/build.js';
import { crossRules } from './silver/cross-rules.js';
import { quarantineTable } from './silver/load.js';
import { silverFolder, tidySilver, writeState } from './silver/state.js';
import { tidySpill } from './spill.js';
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
    return await run(options, effects, runId, lease, limits, journal);
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

async function run(
  options: EtlOptions,
  effects: EtlEffects,
  runId: string,
  lease: Lease,
  limits: CheckLimits,
  journal: RunJournal,
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
  await journal.started();
  // What killed runs have left may be what fills the disk; one may have been killed when all else was done.
  await tidySpill(folders.spill, lease);
  const landing = await deliveries(options, lake);
  const before = await readLedger(lake);
  const fresh = landing.files.filter((file) => !isKnown(before, file, digestOf(file.dataset)));
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
    const report = unchangedReport(headOf(options, runId, startedAt, effects.now()), landing, served);
    await keepReport(folders.runs, report);
    await journal.completed([], []);
    return report;
  }

  const base = options.full ? noSilver : await silverBase(lake, served, options.declarations);
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
  // A release is large: it is read and copied while bronze and silver are made.
  const released = beside(
    served && base.silver ? goldBase(served, folders, draft.file) : Promise.resolve(noGold),
  );
  const pending: (() => Promise<unknown>)[] = [released];
  let published = false;
  try {
    const ledger = await takeDeliveries(
      engine,
      lake,
      contracts,
      before,
      fresh,
      runId,
      lease,
      effects,
      limits,
    );
    const read = ledger.batches.slice(before.batches.length);
    requireDatasets(ledger, served);
    ended('bronze');
    const unread = ledger.batches.filter(({ batch }) => batch > (base.silver?.batches ?? 0));
    await requireBronze(
      lake,
      unread.filter(({ batch }) => batch < before.next),
    );
    // Deliveries of runs that stopped are judged again: they are in the ledger, and in no release.
    const lastPublished = served?.lastBatch ?? 0;
    const judged = (results: QualityResult[]): QualityResult[] => withAcceptances(results, options.accept);
    const quality = judged(await assessDelivery(engine, lake, ledger.batches, lastPublished, limits, unread));
    stopOnErrors(quality);
    ended('delivery');
    const codeLists = await loadCodeLists(options.referenceDir, contracts.values());
    await engine.run(quarantineTable);
    const fhir = isFhirNews(ledger.batches, unread)
      ? await loadFhir(engine, lake, ledger.batches, `${silverFolder(runId)}/${fhirDataset}`)
      : undefined;
    if (fhir) ended('fhir');
    const { results: silver, logs } = await buildSilver(engine, lake, {
      contracts,
      codeLists,
      batches: ledger.batches,
      before: base.silver,
      fhir: fhir?.files,
      folder: silverFolder(runId),
      progress: (dataset, done, total) => effects.progress('silver', dataset, done, total),
    });
    const fhirState = fhir ? await fhir.state(engine) : base.silver?.fhir;
    if (fhirState) await refuseFhir(engine, lake, ledger.batches, fhirState.refused);
    ended('silver');
    const today = startedAt.toISOString().slice(0, 10);
    const days = await dataDays(engine, today);
    effects.progress('checks', 'rules over several rows', 0, 1);
    quality.push(
      ...[...silver.values()].flatMap(silverResults),
      ...(await crossResults(engine, crossRules(days), silver)),
    );
    ended('rules');
    const { gold, omop } = releaseInputs({
      options,
      effects,
      codeLists,
      silver,
      days,
      today,
      knownPatients: base.silver && lake.path(base.silver.patients),
    });
    // A damaged release is nothing to go on from.
    const goesOn = served && whole ? join(folders.warehouse, served.file) : undefined;
    let rules: readonly RuleLine[] | undefined;
    const { results } = options;
    const corrected = await released();
    const ofOmop = await buildRelease(engine, draft.file, corrected.file, {
      gold,
      omop,
      results:
        results &&
        (async (lane, narrow) => {
          rules = await results.fill({
            engine: lane,
            runId,
            dataAsOf: days.dataAsOf,
            previous: goesOn,
            ...(narrow ? { narrow } : {}),
            progress: (detail, done, total) => effects.progress('rules', detail, done, total),
          });
        }),
      ended,
    });
    quality.push(...judged(ofOmop));
    const ofFhir = fhirState?.balances ?? [];
    const sources = sourceTotals(ledger, silver, ofFhir);
    const balances = [...[...silver.values()].flatMap((result) => result.balances), ...ofFhir];
    const warnings = [...base.warnings, ...corrected.warnings];
    const previous = warnings.length === 0 ? goesOn : undefined;
    const assessed = await inRelease(engine, () =>
      assessRelease(engine, options.marts, silver.values(), balances, lastPublished, previous, limits),
    );
    quality.push(...judged(assessed));
    stopOnErrors(quality);
    ended('integrity');
    await storeDrift(engine, ledger.batches);
    await storeQuality(
      engine,
      contracts,
      sources,
      quality,
      new Map(ledger.batches.map((batch) => [batch.batch, batch.name])),
    );
    const traced = await traceRelease(engine, {
      contracts,
      codeLists,
      marts: options.marts,
      gold: options.gold,
    });
    effects.progress('publish', '', 0, 1);
    // What comes from silver alone is written beside the release, of which one thread writes most.
    const written = besideOthers(engine, async (lane) => {
      await buildIdentified(lane, draft.identifiedFile, corrected.identifiedFile, padsOf(gold));
      const patients = await writePatientNumbers(lane, lake, silverFolder(runId));
      const fhirOf = fhirState ? { fhir: fhirState } : {};
      await writeState(
        lake,
        { run: runId, batches: ledger.next - 1, logs, patients, ...fhirOf },
        base.silver?.seals,
      );
    });
    pending.push(written);
    await finishGold(engine);
    await written();
    const manifest = await publish(folders, draft, lease, {
      publishedAt: effects.now().toISOString(),
      dataAsOf: days.dataAsOf,
      warehouseKey: options.key.fingerprint,
      inputs: inputsOf(ledger, options),
      lastBatch: ledger.batches.at(-1)?.batch ?? 0,
      runId,
      silver: runId,
      declarations: options.declarations,
      corrections: corrected.file === undefined ? 0 : corrected.corrections + 1,
    });
    published = true;
    // A run that was overtaken at the last moment may not remove what the other builds on.
    if (await isHeld(lease)) {
      await tidyReleases(folders, options.keepReleases, lease);
      await tidySilver(lake, lease, newestSilver);
    }
    effects.progress('publish', '', 1, 1);
    ended('publish');
    const filled = new Set([...silver].flatMap(([dataset, { staged }]) => (staged > 0 ? [dataset] : [])));
    const report = publishedReport(headOf(options, runId, startedAt, effects.now()), manifest, read, {
      timings,
      skipped,
      unchangedFiles: landing.files.length - fresh.length,
      warnings: [...warnings, ...warningsOf(ledger, read, filled)],
      sources,
      files: balances,
      quality,
      ...(fhirState ? { fhir: fhirState.counts } : {}),
      ...(rules ? { rules } : {}),
    });
    await keepReport(folders.runs, report);
    await journal.completed(
      [
        ...read.map(({ name, dataset }) => landingInput(name, contracts.get(dataset))),
        ...standingInputs(contracts, traced.edges),
      ],
      releaseOutputs(traced, manifest.id),
    );
    return report;
  } finally {
    await Promise.allSettled(pending.map((end) => end()));
    engine.close();
    for (const file of [draft.file, draft.identifiedFile]) {
      await remove(file, 'release');
      await remove(`${file}.wal`, 'release');
    }
    if (!published) await lake.remove(silverFolder(runId));
  }
}

const isHeld = (lease: Lease): Promise<boolean> =>
  lease.check().then(
    () => true,
    () => false,
  );
