import { createHash } from 'node:crypto';
import type { Lake } from '../lake/lake.js';
import { capturedChanges } from './cdc/deliveries.js';
import { contractDigest } from './contracts/digest.js';
import { contracts } from './contracts/index.js';
import { discover, type Landing } from './landing.js';
import type { Ledger } from './ledger.js';
import type { EtlOptions } from './options.js';

/** What lies in the landing folder, and the changes that were captured into the lake, in load order. */
export async function deliveries({ landing, replay }: EtlOptions, lake: Lake): Promise<Landing> {
  const datasets = [...contracts.keys()];
  const captured = await capturedChanges(lake, datasets);
  // What was delivered since is newer than a correction of what was delivered before.
  const corrected = replay === undefined ? [] : [replay.file];
  if (landing === undefined) return { files: [...corrected, ...captured], skipped: [] };
  const { files, skipped } = await discover(landing, datasets);
  return { files: [...corrected, ...files, ...captured], skipped };
}

/** Digest of the contract under which files of a dataset are read. */
export function digestOf(dataset: string): string | undefined {
  const contract = contracts.get(dataset);
  return contract && contractDigest(contract);
}

/** Everything a release is a function of. */
export function inputsOf(ledger: Ledger, options: EtlOptions): string {
  const hash = createHash('sha256');
  for (const batch of ledger.batches) hash.update(`${batch.dataset}\n${batch.name}\n${batch.sha256}\n`);
  if (options.results) hash.update(options.results.digest);
  return hash.update(options.declarations).update(options.key.fingerprint).digest('hex');
}
