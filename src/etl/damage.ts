import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { MaplewoodError } from '../errors.js';
import type { Lake } from '../lake/lake.js';
import { newestRelease, type ReleaseManifest } from '../warehouse/duckdb/files.js';
import type { BronzeBatch } from './bronze.js';
import { hashFile } from './hash-file.js';
import { readLedger } from './ledger.js';
import { damagedFile } from './seal.js';
import { readState } from './silver/state.js';

/** Error: `LAKE_DAMAGED` if a file of bronze that is about to be read is not as it was written. */
export async function requireBronze(lake: Lake, batches: readonly BronzeBatch[]): Promise<void> {
  for (const { name, seals } of batches) {
    const damaged = seals && (await damagedFile(lake, seals));
    if (damaged !== undefined) {
      throw new MaplewoodError(
        'LAKE_DAMAGED',
        `${damaged} in the lake, which holds the rows of ${name}, is missing or damaged. Restore it from a backup of the lake and run again.`,
      );
    }
  }
}

/** Every file of the lake and of the served release that is not as it was written, in sentences. Reads all of them. */
export async function findDamage(
  lake: Lake,
  folders: { readonly warehouse: string; readonly identified: string },
): Promise<string[]> {
  const found: string[] = [];
  for (const batch of (await readLedger(lake)).batches)
    found.push(...(await requireBronze(lake, [batch]).then(() => [], sentence)));
  const served = await newestRelease(folders.warehouse);
  if (!served) return found;
  const damage = await releaseDamage(folders, served, 'content');
  if (damage !== undefined) found.push(`${damage}. The next run makes it anew; run the ETL.`);
  const silver = await readState(lake, served.silver);
  if ('damaged' in silver)
    found.push(
      `${silver.damaged} in the lake is missing or damaged. The next run makes silver anew from bronze.`,
    );
  return found;
}

function sentence(error: unknown): string[] {
  if (error instanceof MaplewoodError) return [error.message];
  throw error;
}

/** Why the files of a release cannot be what was published; undefined if they are. `bytes` looks at sizes only. */
export async function releaseDamage(
  folders: { readonly warehouse: string; readonly identified: string },
  manifest: ReleaseManifest,
  depth: 'bytes' | 'content',
): Promise<string | undefined> {
  const path = join(folders.warehouse, manifest.file);
  const bytes = await sizeOf(path);
  if (bytes === undefined) return `${manifest.file} is missing`;
  if (bytes !== manifest.bytes) return `${manifest.file} has ${bytes} bytes instead of ${manifest.bytes}`;
  const identified = join(folders.identified, manifest.identifiedFile);
  if ((await sizeOf(identified)) === undefined)
    return `${manifest.identifiedFile} of the identified store is missing`;
  if (depth === 'bytes') return undefined;
  const isOther = async (file: string, sha256: string | undefined): Promise<boolean> =>
    sha256 !== undefined && (await hashFile(file)) !== sha256;
  if (await isOther(path, manifest.sha256)) return `${manifest.file} is not as it was published`;
  if (await isOther(identified, manifest.identifiedSha256))
    return `${manifest.identifiedFile} of the identified store is not as it was published`;
  return undefined;
}

const sizeOf = (path: string): Promise<number | undefined> =>
  stat(path).then(
    ({ size }) => size,
    () => undefined,
  );
