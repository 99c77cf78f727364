import { lstat, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { makeFolder } from '../config/home.js';
import { systemCode } from '../errors.js';
import { remove as removeFile } from '../lake/durable.js';
import type { Lake } from '../lake/lake.js';
import { takeLease } from '../lake/lease.js';
import { tidyBronze } from './bronze/tidy.js';
import { contracts } from './contracts/index.js';
import { type ReleaseFolders, tidyReleases } from './publish.js';
import { newRunId } from './run-id.js';
import { tidySilver } from './silver/state.js';
import { tidySpill } from './spill.js';

export interface VacuumOptions {
  readonly lake: Lake;
  readonly folders: ReleaseFolders & { readonly leases: string; readonly spill: string };
  /** Newest releases that stay, at least 1. */
  readonly keep: number;
}

/** What files are of: of the releases both stores, of bronze the quarantined files too. */
export const vacuumed = ['releases', 'silver', 'bronze', 'spill', 'drafts'] as const;
export type Vacuumed = (typeof vacuumed)[number];

export interface Extent {
  readonly files: number;
  readonly bytes: number;
}

export interface VacuumReport {
  /** Numbers of the releases that stay, ascending. */
  readonly releases: readonly number[];
  readonly removed: Readonly<Record<Vacuumed, Extent>>;
  readonly kept: Readonly<Record<'releases' | 'silver' | 'bronze', Extent>>;
}

/**
 * Removes what no kept release and no entry of the ledger needs: older releases, silver of no kept release, files of
 * batches that were not committed, spill and drafts of killed runs. Bronze of committed batches, change files and the
 * states of change capture stay. What a reader has open stays readable until it closes it. Errors: `LEASE_HELD`,
 * `RELEASE_OVERTAKEN`.
 */
export async function vacuum(
  options: VacuumOptions,
  now: () => Date = () => new Date(),
): Promise<VacuumReport> {
  const { lake, folders } = options;
  const lease = await takeLease(folders.leases, newRunId(now()), now);
  try {
    for (const folder of [folders.warehouse, folders.identified]) makeFolder(folder, 'folders');
    const removed: Record<Vacuumed, Extent> = {
      releases: nothing,
      silver: nothing,
      bronze: nothing,
      spill: nothing,
      drafts: nothing,
    };
    const remove = async (of: Vacuumed, path: string): Promise<void> => {
      const extent = await extentOf(path);
      await lease.check();
      await removeFile(path, 'vacuum');
      removed[of] = sum(removed[of], extent);
    };
    const manifests = await tidyReleases(folders, options.keep, lease, (path) =>
      remove(basename(path).startsWith('draft-') ? 'drafts' : 'releases', path),
    );
    await tidySilver(
      lake,
      lease,
      async () => manifests.at(-1)?.silver,
      (name) => remove('silver', lake.path(name)),
    );
    await tidyBronze(lake, contracts, lease, (name) => remove('bronze', lake.path(name)));
    await tidySpill(folders.spill, lease, (path) => remove('spill', path));
    // A manifest is written under such a name before it is linked to its own.
    for (const folder of [folders.warehouse, lake.path('batches')]) {
      for (const name of await namesIn(folder))
        if (name.endsWith('.draft')) await remove('drafts', join(folder, name));
    }
    return {
      releases: manifests.map(({ id }) => id),
      removed,
      kept: {
        releases: sum(await extentOf(folders.warehouse), await extentOf(folders.identified)),
        silver: await extentOf(lake.path('silver')),
        bronze: sum(await extentOf(lake.path('bronze')), await extentOf(lake.path('quarantine'))),
      },
    };
  } finally {
    await lease.release();
  }
}

const nothing: Extent = { files: 0, bytes: 0 };
const sum = (a: Extent, b: Extent): Extent => ({ files: a.files + b.files, bytes: a.bytes + b.bytes });

/** Files at and below a path, and their bytes. Nothing where there is no such path. */
async function extentOf(path: string): Promise<Extent> {
  const found = await lstat(path).catch(absent);
  if (found === undefined) return nothing;
  if (!found.isDirectory()) return { files: 1, bytes: found.size };
  let extent = nothing;
  for (const name of await namesIn(path)) extent = sum(extent, await extentOf(join(path, name)));
  return extent;
}

const namesIn = async (folder: string): Promise<string[]> => (await readdir(folder).catch(absent)) ?? [];

function absent(error: unknown): undefined {
  if (systemCode(error) !== 'ENOENT') throw error;
  return undefined;
}

const size = ({ files, bytes }: Extent): string =>
  `${files.toLocaleString('en-GB')} ${files === 1 ? 'file' : 'files'}, ${(bytes / 1e6).toFixed(1)} MB`;

/** The report as a person reads it. */
export function printVacuum({ releases, removed, kept }: VacuumReport): string {
  const gone = vacuumed.filter((of) => removed[of].files > 0);
  return [
    ...(gone.length === 0
      ? ['There was nothing to remove.']
      : gone.map((of) => `Removed ${of.padEnd(9)} ${size(removed[of])}`)),
    `Kept    releases  ${size(kept.releases)}: ${releases.join(', ') || 'none is published yet'}`,
    `Kept    silver    ${size(kept.silver)}`,
    `Kept    bronze    ${size(kept.bronze)}`,
  ].join('\n');
}
