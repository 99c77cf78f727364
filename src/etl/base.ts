import { join } from 'node:path';
import { copy } from '../lake/durable.js';
import type { Lake } from '../lake/lake.js';
import type { ReleaseManifest } from '../warehouse/duckdb/files.js';
import { releaseDamage } from './damage.js';
import type { ReleaseFolders } from './publish.js';
import { readState, type SilverState } from './silver/state.js';

/** The silver of the last release, on which a run builds. */
export interface SilverBase {
  /** Undefined where silver, and gold, are made from nothing. */
  readonly silver: SilverState | undefined;
  /** What is damaged and therefore made anew, for the reader of the report. */
  readonly warnings: readonly string[];
}

/** The release that a run corrects. */
export interface GoldBase {
  /** Its file, of which the draft is a copy; undefined where gold is made from nothing. */
  readonly file: string | undefined;
  /** Its identified store. */
  readonly identifiedFile: string | undefined;
  readonly corrections: number;
  /** As those of silver. */
  readonly warnings: readonly string[];
}

export const noSilver: SilverBase = { silver: undefined, warnings: [] };
export const noGold: GoldBase = { file: undefined, identifiedFile: undefined, corrections: 0, warnings: [] };

/** A file is made from nothing again after so many corrections, since its rows get out of order with each. */
const mostCorrections = 60;

/** The silver of the release, if it was made under the same declarations and is still there; else it is made from bronze. */
export async function silverBase(
  lake: Lake,
  served: ReleaseManifest | undefined,
  declarations: string,
): Promise<SilverBase> {
  if (served?.silver === undefined || served.declarations !== declarations) return noSilver;
  const found = await readState(lake, served.silver);
  if (!('damaged' in found)) return { silver: found.state, warnings: [] };
  const warning = `${found.damaged} in the lake is missing or damaged: silver and gold were made anew from bronze.`;
  return { silver: undefined, warnings: [warning] };
}

/** Copies a release to the file `draft` to be corrected there, if it is as it was published; else gold is made from silver. */
export async function goldBase(
  served: ReleaseManifest,
  folders: ReleaseFolders,
  draft: string,
): Promise<GoldBase> {
  const damage = await releaseDamage(folders, served, 'content');
  if (damage !== undefined) return { ...noGold, warnings: [`${damage}: gold was made anew from silver.`] };
  if (served.corrections >= mostCorrections) return noGold;
  const file = join(folders.warehouse, served.file);
  await copy(file, draft, 'release');
  return {
    file,
    identifiedFile: join(folders.identified, served.identifiedFile),
    corrections: served.corrections,
    warnings: [],
  };
}
