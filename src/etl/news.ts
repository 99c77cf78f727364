import { MaplewoodError } from '../errors.js';
import { newestRelease, type ReleaseManifest } from '../warehouse/duckdb/files.js';
import { releaseDamage } from './damage.js';
import type { Landing, LandingFile } from './landing.js';
import { isKnown, type Ledger, readLedger } from './ledger.js';
import type { EtlOptions } from './options.js';
import { deliveries, digestOf, inputsOf } from './run-inputs.js';

/** What a run finds. */
export interface News {
  readonly landing: Landing;
  /** What earlier runs have taken in. */
  readonly before: Ledger;
  /** The deliveries that none has. */
  readonly fresh: readonly LandingFile[];
  readonly served: ReleaseManifest | undefined;
  /** Whether the files of the served release are there in their full length. */
  readonly whole: boolean;
  /** The last batch that is in a release; 0 where there is none. */
  readonly lastPublished: number;
}

/** Error: `KEY_MISMATCH`. */
export async function newsFor(options: EtlOptions): Promise<News> {
  const { lake, folders, key, full } = options;
  const landing = await deliveries(options, lake);
  const before = await readLedger(lake);
  const served = await newestRelease(folders.warehouse);
  if (served && served.warehouseKey !== key.fingerprint && !full) {
    throw new MaplewoodError(
      'KEY_MISMATCH',
      'The served release was made with another warehouse key. Restore that key, or run with --full to make all pseudonyms anew.',
    );
  }
  return {
    landing,
    before,
    fresh: landing.files.filter((file) => !isKnown(before, file, digestOf(file.dataset))),
    served,
    whole: served !== undefined && (await releaseDamage(folders, served, 'bytes')) === undefined,
    lastPublished: served?.lastBatch ?? 0,
  };
}

/** The served release where a run would make the same one again. */
export const upToDate = (news: News, options: EtlOptions): ReleaseManifest | undefined =>
  news.fresh.length === 0 &&
  news.whole &&
  !options.full &&
  news.served?.inputs === inputsOf(news.before, options)
    ? news.served
    : undefined;
