import type { Lake } from '../../lake/lake.js';
import type { MartPlan } from '../../measures/mart.js';
import type { BronzeBatch } from '../bronze.js';
import type { Engine } from '../engine.js';
import { hashFile } from '../hash-file.js';
import type { FileBalance, SilverResult } from '../silver/load.js';
import { balanceChecks, storeBalances } from './balance-checks.js';
import type { QualityResult } from './check.js';
import { goldChecks } from './checks.js';
import { deliveredFiles, storeDelivered, storeReread } from './delivered-file.js';
import { compareDistributions, storeDistributions } from './distribution.js';
import { fileChecks } from './file-checks.js';
import type { CheckLimits } from './limits.js';
import { runChecks } from './run-checks.js';
import { storeItems } from './vodim.js';

/**
 * Checks of the delivered files, before their rows are staged.
 * `published`: the last batch that a release holds; later ones are judged. `reread`: batches whose files in bronze
 * the run reads to make silver, those just written included; their content must be what was written.
 */
export async function assessDelivery(
  engine: Engine,
  lake: Lake,
  batches: readonly BronzeBatch[],
  published: number,
  limits: CheckLimits,
  reread: readonly BronzeBatch[] = batches,
): Promise<QualityResult[]> {
  await storeDelivered(engine, deliveredFiles(batches, published));
  const files: { batch: number; dataset: string; intact: boolean }[] = [];
  for (const batch of reread) {
    const intact =
      (await isIntact(lake, batch.file, batch.fileSha256)) &&
      (await isIntact(lake, batch.rejectsFile, batch.rejectsSha256));
    files.push({ batch: batch.batch, dataset: batch.dataset, intact });
  }
  await storeReread(engine, files);
  return runChecks(engine, fileChecks(limits), limits);
}

/** Whether one of our own files is as it was written; true where there is none, or where its hash was not kept. */
async function isIntact(lake: Lake, name: string | undefined, sha256: string | undefined): Promise<boolean> {
  if (name === undefined || sha256 === undefined) return true;
  if (!(await lake.exists(name))) return false;
  return (await hashFile(lake.path(name))) === sha256;
}

/**
 * Checks of a finished release, whose catalogue is in use, with what they read: the classes of coded items and
 * the distributions, which stay in the release. `previous`: file of the release before.
 */
export async function assessRelease(
  engine: Engine,
  marts: readonly MartPlan[],
  silver: Iterable<SilverResult>,
  balances: readonly FileBalance[],
  published: number,
  previous: string | undefined,
  limits: CheckLimits,
): Promise<QualityResult[]> {
  await storeItems(
    engine,
    [...silver].map(({ items }) => items),
  );
  await storeDistributions(engine);
  await compareDistributions(engine, previous);
  await storeBalances(engine, balances, published);
  return runChecks(engine, [...balanceChecks(), ...goldChecks(marts, limits)], limits);
}
