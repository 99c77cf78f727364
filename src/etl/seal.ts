import type { Lake } from '../lake/lake.js';
import { hashFile } from './hash-file.js';

/** What a finished file of the lake is: if its size or hash is another, it was damaged. Plain JSON. */
export interface Seal {
  readonly bytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

/** Name in the lake → seal. */
export type Seals = Readonly<Record<string, Seal>>;

/** The seals of files that have just been written, and of those in `known` without reading them again. */
export async function sealsOf(lake: Lake, files: readonly string[], known: Seals = {}): Promise<Seals> {
  const seals: Record<string, Seal> = {};
  for (const file of files)
    seals[file] = known[file] ?? {
      bytes: (await lake.size(file)) ?? 0,
      sha256: await hashFile(lake.path(file)),
    };
  return seals;
}

/** The first of the files that is missing or is not as it was sealed: all sizes are looked at before any hash. */
export async function damagedFile(lake: Lake, seals: Seals): Promise<string | undefined> {
  for (const [file, { bytes }] of Object.entries(seals)) if ((await lake.size(file)) !== bytes) return file;
  for (const [file, { sha256 }] of Object.entries(seals))
    if ((await hashFile(lake.path(file))) !== sha256) return file;
  return undefined;
}
