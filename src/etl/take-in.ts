import type { SilverBase } from './base.js';
import type { BronzeBatch } from './bronze.js';
import { loadCodeLists } from './code-lists.js';
import { contracts } from './contracts/index.js';
import { requireBronze } from './damage.js';
import { takeDeliveries } from './deliveries.js';
import type { Engine } from './engine.js';
import type { EtlRun } from './etl-run.js';
import { type FhirState, isFhirNews, loadFhir, refuseFhir } from './fhir/load.js';
import { type DataDays, dataDays } from './gold/calendar.js';
import { fhirDataset } from './landing.js';
import type { Ledger } from './ledger.js';
import type { News } from './news.js';
import { requireDatasets, stopOnErrors } from './quality/account.js';
import { assessDelivery } from './quality/assess.js';
import type { QualityResult } from './quality/check.js';
import { crossResults, silverResults } from './quality/results.js';
import { buildSilver, type Silver } from './silver/build.js';
import { crossRules } from './silver/cross-rules.js';
import { quarantineTable } from './silver/load.js';
import type { CodeLists } from './silver/rules.js';
import { silverFolder } from './silver/state.js';

/** Bronze and silver of a run. */
export interface TakenIn {
  readonly ledger: Ledger;
  /** The batches that this run has read. */
  readonly read: readonly BronzeBatch[];
  readonly codeLists: CodeLists;
  readonly silver: Silver;
  readonly fhir: FhirState | undefined;
  readonly days: DataDays;
  /** Results of the checks of deliveries and of silver. None of them stops the run. */
  readonly quality: readonly QualityResult[];
}

/** Landing → bronze → silver. Errors: what checks of a delivery or of bronze find that must not be published. */
export async function takeIn(
  run: EtlRun,
  engine: Engine,
  { before, fresh, served, lastPublished }: News,
  base: SilverBase,
): Promise<TakenIn> {
  const { options, effects, lease, limits, ended } = run;
  const { lake } = options;
  const ledger = await takeDeliveries(engine, lake, contracts, before, fresh, run.id, lease, effects, limits);
  requireDatasets(ledger, served);
  ended('bronze');
  const { batches } = ledger;
  const unread = batches.filter(({ batch }) => batch > (base.silver?.batches ?? 0));
  await requireBronze(
    lake,
    unread.filter(({ batch }) => batch < before.next),
  );
  // Deliveries of runs that stopped are judged again: they are in the ledger, and in no release.
  const ofDelivery = run.judged(await assessDelivery(engine, lake, batches, lastPublished, limits, unread));
  stopOnErrors(ofDelivery);
  ended('delivery');
  const codeLists = await loadCodeLists(options.referenceDir, contracts.values());
  await engine.run(quarantineTable);
  const loaded = isFhirNews(batches, unread)
    ? await loadFhir(engine, lake, batches, `${silverFolder(run.id)}/${fhirDataset}`)
    : undefined;
  if (loaded) ended('fhir');
  const silver = await buildSilver(engine, lake, {
    contracts,
    codeLists,
    batches,
    before: base.silver,
    fhir: loaded?.files,
    folder: silverFolder(run.id),
    progress: (dataset, done, total) => effects.progress('silver', dataset, done, total),
  });
  const fhir = loaded ? await loaded.state(engine) : base.silver?.fhir;
  if (fhir) await refuseFhir(engine, lake, batches, fhir.refused);
  ended('silver');
  const days = await dataDays(engine, run.startedAt.toISOString().slice(0, 10));
  effects.progress('checks', 'rules over several rows', 0, 1);
  const ofSilver = [
    ...[...silver.results.values()].flatMap(silverResults),
    ...(await crossResults(engine, crossRules(days), silver.results)),
  ];
  ended('rules');
  return {
    ledger,
    read: batches.slice(before.batches.length),
    codeLists,
    silver,
    fhir,
    days,
    quality: [...ofDelivery, ...ofSilver],
  };
}
