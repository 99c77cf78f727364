import { join } from 'node:path';
import type { Config } from '../../src/config/environment.js';
import { newestRelease } from '../../src/warehouse/duckdb/files.js';
import { openReader, releaseFolder } from '../support/release.js';

/** What somebody who reads all the time has seen. */
export interface Seen {
  /** Numbers of the releases, in the order in which they were seen. */
  readonly releases: readonly number[];
  readonly wrong: readonly string[];
}

const pause = 150;

/** Reads the newest release again and again until told to stop. `spells`: rows that each release must have. */
export function readMeanwhile(
  config: Config,
  spells: ReadonlyMap<number, number>,
): { stop(): Promise<Seen> } {
  const releases: number[] = [];
  const wrong = new Set<string>();
  const folder = releaseFolder(config);
  let stopped = false;
  const look = async (): Promise<void> => {
    const manifest = await newestRelease(folder);
    if (!manifest) return;
    if (manifest.id < (releases.at(-1) ?? 0))
      wrong.add(`release ${manifest.id} came after ${releases.at(-1)}`);
    if (manifest.id !== releases.at(-1)) releases.push(manifest.id);
    const reader = await openReader(join(folder, manifest.file));
    try {
      const [row] = await reader.rows<{ n: bigint }>('select count(*) as n from fact_spell');
      const expected = spells.get(manifest.id);
      if (Number(row?.n) !== expected)
        wrong.add(`release ${manifest.id} had ${row?.n} spells instead of ${expected}`);
    } finally {
      reader.close();
    }
  };
  const guarded = (): Promise<void> =>
    look().catch((error: unknown) => {
      wrong.add(`a reader failed: ${error instanceof Error ? error.message.slice(0, 120) : String(error)}`);
    });
  const loop = (async () => {
    while (!stopped) {
      await guarded();
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
    await guarded();
  })();
  return {
    async stop() {
      stopped = true;
      await loop;
      return { releases, wrong: [...wrong] };
    },
  };
}

export const sawOf = ({ releases }: Seen): string => (releases.length === 0 ? 'none' : releases.join(', '));
