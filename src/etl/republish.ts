import { join } from 'node:path';
import type { DisclosureRule } from '../access/disclosure.js';
import { makeFolder } from '../config/home.js';
import { MaplewoodError } from '../errors.js';
import { copy, remove } from '../lake/durable.js';
import { takeLease } from '../lake/lease.js';
import { newestRelease, type ReleaseManifest } from '../warehouse/duckdb/files.js';
import { releaseDay } from '../warehouse/gold/quality.js';
import { releaseDamage } from './damage.js';
import { type Engine, openEngine } from './engine.js';
import { catalogue, finishGold, inRelease } from './gold/load.js';
import { type FillResults, fillResults, readsResults } from './gold/result-marts.js';
import type { EtlEffects, EtlOptions } from './options.js';
import { draftOf, publish, tidyReleases } from './publish.js';
import { stopOnErrors } from './quality/account.js';
import { martChecks } from './quality/checks.js';
import { defaultLimits } from './quality/limits.js';
import { runChecks } from './quality/run-checks.js';
import type { ReleaseResults, RuleLine } from './results.js';
import { newRunId } from './run-id.js';
import { tidySpill } from './spill.js';
import { quoted } from './sql.js';
import { whyStopped } from './why-stopped.js';

/** A release that differs from the one before in its results alone, and in what counts them. */
export interface Republished {
  readonly manifest: ReleaseManifest;
  readonly rules: readonly RuleLine[];
}

/**
 * Publishes a copy of the served release with results made anew. Errors: `WAREHOUSE_UNAVAILABLE` where there is no release,
 * or where it is damaged; those of a run of the ETL.
 */
export async function republish(
  options: Pick<EtlOptions, 'folders' | 'marts' | 'gold' | 'threads' | 'memoryLimit' | 'keepReleases'>,
  effects: EtlEffects,
  results: ReleaseResults,
): Promise<Republished> {
  const { folders } = options;
  const runId = newRunId(effects.now());
  for (const folder of [folders.warehouse, folders.identified]) makeFolder(folder, 'folders');
  const lease = await takeLease(folders.leases, runId, effects.now);
  const draft = draftOf(folders, runId);
  try {
    await tidySpill(folders.spill, lease);
    const served = await newestRelease(folders.warehouse);
    if (!served)
      throw new MaplewoodError('WAREHOUSE_UNAVAILABLE', 'There is no release yet. Run: maplewood etl run');
    const damage = await releaseDamage(folders, served, 'content');
    if (damage !== undefined)
      throw new MaplewoodError('WAREHOUSE_UNAVAILABLE', `${damage}. Run: maplewood etl run`);
    const released = join(folders.warehouse, served.file);
    await copy(released, draft.file, 'release');
    await copy(join(folders.identified, served.identifiedFile), draft.identifiedFile, 'identified');
    const { spill } = folders;
    const { threads, memoryLimit } = options;
    const engine = await openEngine({ spill: join(spill, runId), threads, memoryLimit });
    let rules: readonly RuleLine[] = [];
    try {
      await engine.run(`attach ${quoted(draft.file)} as ${catalogue}`);
      await refill(engine, options, served.dataAsOf, async () => {
        rules = await results.fill({
          engine,
          runId,
          dataAsOf: served.dataAsOf,
          previous: released,
          progress: (detail, done, total) => effects.progress('rules', detail, done, total),
        });
      });
      await finishGold(engine);
    } finally {
      engine.close();
    }
    const { id: _id, bytes: _bytes, sha256: _sha, identifiedSha256: _identified, ...facts } = served;
    const { file: _file, identifiedFile: _identifiedFile, ...lasting } = facts;
    const publishedAt = effects.now().toISOString();
    const manifest = await publish(folders, draft, lease, { ...lasting, publishedAt, runId });
    await tidyReleases(folders, options.keepReleases, lease);
    return { manifest, rules };
  } catch (error) {
    throw await whyStopped(error, lease, 'The last release stays served; run again.');
  } finally {
    for (const file of [draft.file, draft.identifiedFile]) {
      await remove(file, 'release');
      await remove(`${file}.wal`, 'release');
    }
    await lease.release();
  }
}

/** Results and their marts, checked: hidden by the rule by which the release hides all else. Error: `CHECK_FAILED`. */
async function refill(
  engine: Engine,
  { marts, gold }: Pick<EtlOptions, 'marts' | 'gold'>,
  dataAsOf: string,
  fill: FillResults,
): Promise<void> {
  const [disclosure] = await engine.rows<DisclosureRule>(
    `select disclosure_threshold as threshold, disclosure_base as base from ${catalogue}.${releaseDay.name}`,
  );
  if (!disclosure) throw new Error('the release has no days');
  await fillResults(engine, { gold, marts, disclosure, days: { dataAsOf } }, fill);
  const checks = marts.filter((mart) => readsResults(gold, mart)).flatMap(martChecks);
  stopOnErrors(await inRelease(engine, () => runChecks(engine, checks, defaultLimits)));
}
