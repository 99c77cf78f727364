import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MaplewoodError, systemCode } from '../../errors.js';

/**
 * A published release is a manifest beside its database file: `releases/<8 digits>.json`, created exclusively.
 * The highest number is the release that is served; nothing is ever overwritten.
 */
export interface ReleaseManifest {
  readonly id: number;
  readonly publishedAt: string;
  readonly dataAsOf: string;
  /** File names beside the manifest, and in the folder of the identified store. */
  readonly file: string;
  readonly identifiedFile: string;
  readonly bytes: number;
  /** Of `file`, lower-case hex. Releases of earlier versions have none. */
  readonly sha256?: string;
  /** SHA-256 of the identified file. */
  readonly identifiedSha256?: string;
  /** Fingerprint of the warehouse key under which pseudonyms were made. */
  readonly warehouseKey: string;
  /** Digest of what the release was made from: delivered batches and declarations. */
  readonly inputs: string;
  /** Highest batch of the ledger that it holds; not told by releases of the first builds. */
  readonly lastBatch?: number;
  readonly runId: string;
  /** Run whose state of silver the release was made from. */
  readonly silver: string;
  /** Digest of the declarations alone: a correction needs a release of the same. */
  readonly declarations: string;
  /** How often the file has been copied and corrected since it was made from nothing. */
  readonly corrections: number;
}

export const releaseName = (id: number): string => String(id).padStart(8, '0');

const manifestName = /^(\d{8})\.json$/;

/** Numbers of the published releases, ascending. */
export async function publishedReleases(folder: string): Promise<number[]> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
  return names
    .flatMap((name) => manifestName.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}

/** Error: `WAREHOUSE_UNAVAILABLE` if the manifest is damaged. */
export async function readManifest(folder: string, id: number): Promise<ReleaseManifest> {
  const name = `${releaseName(id)}.json`;
  const text = await readFile(join(folder, name), 'utf8');
  try {
    return JSON.parse(text) as ReleaseManifest;
  } catch (cause) {
    throw new MaplewoodError(
      'WAREHOUSE_UNAVAILABLE',
      `The manifest ${name} of the newest release is damaged. Move it away, so that the release before is served, and run the ETL with --full.`,
      { cause },
    );
  }
}

/** The newest release, or undefined before the first one. */
export async function newestRelease(folder: string): Promise<ReleaseManifest | undefined> {
  const newest = (await publishedReleases(folder)).at(-1);
  return newest === undefined ? undefined : readManifest(folder, newest);
}
