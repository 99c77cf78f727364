import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { remove } from '../lake/durable.js';
import type { Lease } from '../lake/lease.js';

const spillOfRun = /^\d{8}T\d{6}-[0-9a-f]{6}$/;

/** Removes what runs that were killed had spilled to the disk. */
export async function tidySpill(
  folder: string,
  lease: Lease,
  gone: (path: string) => Promise<void> = (path) => remove(path, 'spill'),
): Promise<void> {
  const found = (await readdir(folder).catch(() => [])).filter((name) => spillOfRun.test(name));
  const others = found.length > 0 ? await lease.others() : new Set<string>();
  for (const old of found) if (!others.has(old)) await gone(join(folder, old));
}
