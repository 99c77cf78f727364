import { join } from 'node:path';
import type { GoldBase, SilverBase } from './base.js';
import { contracts } from './contracts/index.js';
import type { Engine } from './engine.js';
import type { EtlRun } from './etl-run.js';
import { type GoldInputs, inRelease } from './gold/load.js';
import { buildRelease, type ReleaseInputs } from './gold/release.js';
import { type TracedRelease, traceRelease } from './lineage/trace.js';
import type { News } from './news.js';
import { sourceTotals, stopOnErrors } from './quality/account.js';
import { assessRelease } from './quality/assess.js';
import type { QualityResult } from './quality/check.js';
import { type SourceTotal, storeDrift, storeQuality } from './quality/store.js';
import { releaseInputs } from './release-inputs.js';
import type { RuleLine } from './results.js';
import type { FileBalance } from './silver/load.js';
import type { TakenIn } from './take-in.js';

/** The tables of a release, checked, in the catalogue of its draft. */
export interface MadeRelease {
  readonly gold: GoldInputs;
  readonly traced: TracedRelease;
  readonly sources: readonly SourceTotal[];
  readonly balances: readonly FileBalance[];
  /** Results of all checks of the run. */
  readonly quality: readonly QualityResult[];
  /** What came of the rules of decision support; undefined where none run. */
  readonly rules: readonly RuleLine[] | undefined;
  /** What was damaged and therefore made anew. */
  readonly warnings: readonly string[];
}

/** Silver → gold, in `draft`. Errors: what checks find that must not be published. */
export async function makeRelease(
  run: EtlRun,
  engine: Engine,
  draft: string,
  { served, whole, lastPublished }: News,
  base: SilverBase,
  corrected: GoldBase,
  taken: TakenIn,
): Promise<MadeRelease> {
  const { options, effects, limits, ended } = run;
  const { ledger, codeLists, silver, fhir, days } = taken;
  const { gold, omop } = releaseInputs({
    options,
    effects,
    codeLists,
    silver: silver.results,
    days,
    today: run.startedAt.toISOString().slice(0, 10),
    knownPatients: base.silver && options.lake.path(base.silver.patients),
  });
  // A damaged release is nothing to go on from.
  const goesOn = served && whole ? join(options.folders.warehouse, served.file) : undefined;
  let rules: readonly RuleLine[] | undefined;
  const results = resultsOf(run, days.dataAsOf, goesOn, (lines) => {
    rules = lines;
  });
  const ofOmop = await buildRelease(engine, draft, corrected.file, { gold, omop, results, ended });
  const ofFhir = fhir?.balances ?? [];
  const sources = sourceTotals(ledger, silver.results, ofFhir);
  const balances = [...[...silver.results.values()].flatMap((result) => result.balances), ...ofFhir];
  const warnings = [...base.warnings, ...corrected.warnings];
  const previous = warnings.length === 0 ? goesOn : undefined;
  const assessed = await inRelease(engine, () =>
    assessRelease(engine, options.marts, silver.results.values(), balances, lastPublished, previous, limits),
  );
  const quality = [...taken.quality, ...run.judged([...ofOmop, ...assessed])];
  stopOnErrors(quality);
  ended('integrity');
  await storeDrift(engine, ledger.batches);
  const names = new Map(ledger.batches.map(({ batch, name }) => [batch, name]));
  await storeQuality(engine, contracts, sources, quality, names);
  const { marts, gold: builder } = options;
  const traced = await traceRelease(engine, { contracts, codeLists, marts, gold: builder });
  return { gold, traced, sources, balances, quality, rules, warnings };
}

/** Runs the rules of decision support, where there are any, and gives away what came of them. */
function resultsOf(
  { id, options, effects }: EtlRun,
  dataAsOf: string,
  previous: string | undefined,
  done: (lines: readonly RuleLine[]) => void,
): ReleaseInputs['results'] {
  const { results } = options;
  return (
    results &&
    (async (engine, narrow) =>
      done(
        await results.fill({
          engine,
          runId: id,
          dataAsOf,
          previous,
          ...(narrow ? { narrow } : {}),
          progress: (detail, at, total) => effects.progress('rules', detail, at, total),
        }),
      ))
  );
}
