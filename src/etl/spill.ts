import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

const spillOfRun = /^\d{8}T\d{6}-[0-9a-f]{6}$/;

/** Removes what runs that were killed had spilled to the disk; the holder of the lease is the only one alive. */
export async function tidySpill(folder: string): Promise<void> {
  for (const old of await readdir(folder).catch(() => [])) {
    if (spillOfRun.test(old)) await rm(join(folder, old), { recursive: true, force: true });
  }
}
