import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { MaplewoodError } from '../errors.js';
import { createExclusively, moveDurably, remove, removeDrafts } from '../lake/durable.js';
import type { Lease } from '../lake/lease.js';
import {
  publishedReleases,
  type ReleaseManifest,
  readManifest,
  releaseName,
} from '../warehouse/duckdb/files.js';
import { hashFile } from './hash-file.js';

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
  facts: Omit<ReleaseManifest, 'id' | 'file' | 'identifiedFile' | 'bytes' | 'sha256' | 'identifiedSha256'>,
): Promise<ReleaseManifest> {
  // A run that took over has removed the draft of this one.
  await lease.check();
  const id = ((await publishedReleases(folders.warehouse)).at(-1) ?? 0) + 1;
  // The run id in the name keeps a run that was overtaken from writing over the other's file.
  const file = `${releaseName(id)}-${facts.runId}.duckdb`;
  await moveDurably(draft.identifiedFile, join(folders.identified, file), 'identified');
  await moveDurably(draft.file, join(folders.warehouse, file), 'release');
  const sha256 = await hashFile(join(folders.warehouse, file));
  const identifiedSha256 = await hashFile(join(folders.identified, file));
  await lease.check();
  const manifest: ReleaseManifest = {
    ...facts,
    id,
    file,
    identifiedFile: file,
    bytes: (await stat(join(folders.warehouse, file))).size,
    sha256,
    identifiedSha256,
  };
  if (
    !(await createExclusively(
      join(folders.warehouse, `${releaseName(id)}.json`),
      `${JSON.stringify(manifest, null, 1)}\n`,
      'release',
    ))
  ) {
    throw new MaplewoodError('RELEASE_OVERTAKEN');
  }
  return manifest;
}

/**
 * Removes what no release needs: releases beyond the number kept, files that no manifest names, drafts of runs that
 * were killed. Files of runs that may still write stay, and what a reader has open stays readable. Gives the manifests
 * that are kept, ascending. `gone` gets absolute paths.
 */
export async function tidyReleases(
  folders: ReleaseFolders,
  keep: number,
  lease: Lease,
  gone: (path: string) => Promise<void> = (path) => remove(path, 'release'),
): Promise<readonly ReleaseManifest[]> {
  const listed = await Promise.all(
    [folders.warehouse, folders.identified].map(async (folder) =>
      (await readdir(folder)).map((file) => ({ file, path: join(folder, file) })),
    ),
  );
  const others = [...(await lease.others())];
  const ids = await publishedReleases(folders.warehouse);
  for (const id of ids.slice(0, Math.max(0, ids.length - keep)))
    await gone(join(folders.warehouse, `${releaseName(id)}.json`));
  const manifests = await Promise.all(ids.slice(-keep).map((id) => readManifest(folders.warehouse, id)));
  const kept = new Set(manifests.map((manifest) => manifest.file));
  for (const { file, path } of listed.flat()) {
    const needed = kept.has(file) || others.some((run) => file.includes(run));
    if (/\.duckdb(\.wal)?$/.test(file) && !needed) await gone(path);
  }
  await removeDrafts(folders.warehouse, 'release');
  return manifests;
}
