import { join } from 'node:path';
import type { Lake } from '../lake/lake.js';
import type { ReleaseManifest } from '../warehouse/duckdb/files.js';
import { releaseDamage } from './damage.js';
import type { ReleaseFolders } from './publish.js';
import { readState, type SilverState } from './silver/state.js';

/** What of the last release a run builds on. */
export interface Base {
  /** Undefined where silver is made from all of bronze. */
  readonly silver: SilverState | undefined;
  /** File of the release that is copied and corrected; undefined where gold is made from nothing. */
  readonly file: string | undefined;
  /** Its identified store. */
  readonly identifiedFile: string | undefined;
  readonly corrections: number;
  /** What is damaged and therefore made anew, for the reader of the report. */
  readonly warnings: readonly string[];
}

/** Nothing to build on. */
export const fromNothing: Base = {
  silver: undefined,
  file: undefined,
  identifiedFile: undefined,
  corrections: 0,
  warnings: [],
};

/** A file is made from nothing again after so many corrections, since its rows get out of order with each. */
const mostCorrections = 60;

/**
 * The release as a base, if it was made under the same declarations and its silver is still there. Whatever of it is
 * damaged is made anew: gold from silver, silver from bronze.
 */
export async function baseOf(
  lake: Lake,
  served: ReleaseManifest | undefined,
  folders: ReleaseFolders,
  declarations: string,
): Promise<Base> {
  if (served?.silver === undefined || served.declarations !== declarations) return fromNothing;
  const found = await readState(lake, served.silver);
  if ('damaged' in found) {
    const warning = `${found.damaged} in the lake is missing or damaged: silver and gold were made anew from bronze.`;
    return { ...fromNothing, warnings: [warning] };
  }
  const silver = found.state;
  const damage = await releaseDamage(folders, served, 'content');
  if (damage !== undefined)
    return { ...fromNothing, silver, warnings: [`${damage}: gold was made anew from silver.`] };
  if (served.corrections >= mostCorrections) return { ...fromNothing, silver };
  return {
    silver,
    file: join(folders.warehouse, served.file),
    identifiedFile: join(folders.identified, served.identifiedFile),
    corrections: served.corrections,
    warnings: [],
  };
}
