import { chmod, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { MaplewoodError } from '../errors.js';
import { createExclusively, sync } from '../lake/durable.js';
import type { Lease } from '../lake/lease.js';
import {
  publishedReleases,
  type ReleaseManifest,
  readManifest,
  releaseName,
} from '../warehouse/duckdb/files.js';

export interface ReleaseFolders {
  readonly warehouse: string;
  readonly identified: string;
}

/** A release that is built but not yet seen by anybody. */
export interface Draft {
  readonly file: string;
  readonly identifiedFile: string;
}

export const draftOf = (folders: ReleaseFolders, runId: string): Draft => ({
  file: join(folders.warehouse, `draft-${runId}.duckdb`),
  identifiedFile: join(folders.identified, `draft-${runId}.duckdb`),
});

/**
 * Makes a draft the served release: durable files first, then the manifest, created exclusively. Before it
 * exists nobody sees the release, after it everybody does; two runs cannot both make the same number.
 * Error: `RELEASE_OVERTAKEN`.
 */
export async function publish(
  folders: ReleaseFolders,
  draft: Draft,
  lease: Lease,
  facts: Omit<ReleaseManifest, 'id' | 'file' | 'identifiedFile' | 'bytes'>,
): Promise<ReleaseManifest> {
  // A run that took over has removed the draft of this one.
  await lease.check();
  const id = ((await publishedReleases(folders.warehouse)).at(-1) ?? 0) + 1;
  // The run id in the name keeps a run that was overtaken from writing over the other's file.
  const file = `${releaseName(id)}-${facts.runId}.duckdb`;
  await chmod(draft.identifiedFile, 0o600);
  for (const [from, folder] of [
    [draft.identifiedFile, folders.identified],
    [draft.file, folders.warehouse],
  ] as const) {
    await sync(from);
    await rename(from, join(folder, file));
    await sync(folder);
  }
  await lease.check();
  const manifest: ReleaseManifest = {
    ...facts,
    id,
    file,
    identifiedFile: file,
    bytes: (await stat(join(folders.warehouse, file))).size,
  };
  if (
    !(await createExclusively(
      join(folders.warehouse, `${releaseName(id)}.json`),
      `${JSON.stringify(manifest, null, 1)}\n`,
    ))
  ) {
    throw new MaplewoodError('RELEASE_OVERTAKEN');
  }
  return manifest;
}

/**
 * Removes releases beyond the number kept, and files that no manifest names. Open ones stay readable. Gives the
 * manifests that are kept, ascending. `remove` gets absolute paths.
 */
export async function tidyReleases(
  folders: ReleaseFolders,
  keep: number,
  remove: (path: string) => Promise<void> = (path) => rm(path, { force: true }),
): Promise<readonly ReleaseManifest[]> {
  const ids = await publishedReleases(folders.warehouse);
  for (const id of ids.slice(0, Math.max(0, ids.length - keep))) {
    await remove(join(folders.warehouse, `${releaseName(id)}.json`));
  }
  const manifests = await Promise.all(ids.slice(-keep).map((id) => readManifest(folders.warehouse, id)));
  const kept = new Set(manifests.map((manifest) => manifest.file));
  for (const folder of [folders.warehouse, folders.identified]) {
    for (const file of await readdir(folder)) {
      if (/\.duckdb(\.wal)?$/.test(file) && !kept.has(file)) await remove(join(folder, file));
    }
  }
  return manifests;
}
