import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

const spillOfRun = /^\d{8}T\d{6}-[0-9a-f]{6}$/;

/**
 * Removes what runs that were killed had spilled to the disk; the holder of the lease is the only one alive. `remove`
 * gets absolute paths.
 */
export async function tidySpill(
  folder: string,
  remove: (path: string) => Promise<void> = (path) => rm(path, { recursive: true, force: true }),
): Promise<void> {
  for (const old of await readdir(folder).catch(() => [])) {
    if (spillOfRun.test(old)) await remove(join(folder, old));
  }
}
