import { cpSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../src/config/environment.js';
import { contentOf, served } from '../support/release.js';
import { etlRun, exitOf, messageOf, outcomeOf } from './command.js';
import type { Fault, Outcome } from './outcome.js';
import { readMeanwhile, sawOf } from './reader.js';
import { mountSmallDisk } from './tmpfs.js';
import { configOf, differences, leftovers, type Mode, type World, wrongAfter } from './world.js';

type Place = 'lake' | 'warehouse' | 'spill';

const folders = {
  lake: ({ home }: Config) => home.lake,
  warehouse: ({ home }: Config) => home.warehouse,
  spill: ({ home }: Config) => home.tmp,
} satisfies Record<Place, (config: Config) => string>;

/** KiB that are free when the run begins. */
const free: Readonly<Record<Place, readonly number[]>> = {
  lake: [0, 8, 24, 48, 96, 160, 240],
  warehouse: [0, 64, 1_024, 4_096, 9_000, 10_500],
  spill: [0],
};

/** A disk that fills up under the lake, the warehouse or the spill folder: at several sizes, in both modes. */
export function fullDiskFaults(world: World): Fault[] {
  return (['full', 'increment'] as const).flatMap((mode) =>
    (['lake', 'warehouse', 'spill'] as const).flatMap((place) =>
      free[place].map((size) => ({
        name: `disk ${mode} ${place} ${size} KiB`,
        try: () => fullDisk(world, mode, place, size),
      })),
    ),
  );
}

async function fullDisk(world: World, mode: Mode, place: Place, size: number): Promise<Outcome> {
  const named = {
    group: 'disk full',
    fault: `disk of the ${place} full, ${mode}`,
    moment: `${size} KiB free`,
  };
  const config = world.home(mode);
  const at = folders[place](config);
  const kept = usedKiB(at);
  const small = sizeOf(kept + size);
  const disk = mountSmallDisk(at, small);
  if ('reason' in disk) {
    world.remove(config);
    return { ...named, exit: '', reader: '', rerun: '', equal: '–', wrong: [], skipped: disk.reason };
  }
  try {
    // What lay there before is now below the mount.
    if (mode === 'increment') cpSync(folders[place](configOf(world.base)), at, { recursive: true });
    const reader = readMeanwhile(config, world.spells);
    const ended = await world.run(config, mode);
    const seen = await reader.stop();
    const wrong = [...seen.wrong];
    if (ended.code !== 0)
      wrong.push(...(await afterFailure(world, config, mode, ended.code, messageOf(ended))));
    disk.remount('size=1g,nr_inodes=100000');
    const rerun = outcomeOf(await world.run(config, mode));
    const after = await wrongAfter(config, world.expected(mode), mode === 'full' ? [1] : [1, 2]);
    return {
      ...named,
      exit: exitOf(ended),
      reader: sawOf(seen),
      rerun,
      equal: after.length === 0 ? 'yes' : 'no',
      wrong: [...wrong, ...after],
    };
  } finally {
    disk.unmount();
    world.remove(config);
  }
}

async function afterFailure(world: World, config: Config, mode: Mode, code: number | null, said: string) {
  const wrong: string[] = [];
  if (code !== 1 || !/disk is full/i.test(said))
    wrong.push(`it ended with ${code} and said: ${said.slice(0, 200)}`);
  const { ids } = await served(config);
  if (ids.at(-1) === 1) wrong.push(...differences(await contentOf(config), world.first));
  else if (mode === 'increment' && ids.at(-1) !== 2) wrong.push('the last release is not served');
  return [...wrong, ...leftovers(config).map((name) => `${name} was left`)];
}

/** tmpfs counts in pages; a limit of 0 would be none, and a folder of no room has no entries. */
const sizeOf = (kib: number): string => (kib === 0 ? 'size=4k,nr_inodes=1' : `size=${kib}k`);

function usedKiB(folder: string): number {
  try {
    return readdirSync(folder, { recursive: true })
      .map((name) => statSync(join(folder, String(name))))
      .reduce((sum, entry) => sum + (entry.isFile() ? Math.ceil(entry.size / 4096) * 4 : 0), 0);
  } catch {
    return 0;
  }
}

/** A home, a lake or a warehouse that cannot be written: told before anything begins. */
export function readOnlyFaults(world: World): Fault[] {
  const places = {
    home: { at: ({ home }: Config) => home.root, variable: 'MAPLEWOOD_HOME' },
    lake: { at: ({ home }: Config) => join(home.root, '..', 'lake-apart'), variable: 'MAPLEWOOD_LAKE' },
    warehouse: {
      at: ({ home }: Config) => join(home.root, '..', 'warehouse-apart'),
      variable: 'MAPLEWOOD_WAREHOUSE',
    },
  };
  return Object.entries(places).map(([place, { at, variable }]) => ({
    name: `read-only ${place}`,
    async try() {
      const named = { group: 'read-only', fault: `read-only ${place}`, moment: 'start' };
      const config = world.home('full');
      const disk = mountSmallDisk(at(config), 'size=1m,ro');
      if ('reason' in disk)
        return {
          ...named,
          exit: '',
          reader: '',
          rerun: '',
          equal: '–' as const,
          wrong: [],
          skipped: disk.reason,
        };
      try {
        const value = variable === 'MAPLEWOOD_WAREHOUSE' ? `duckdb:${disk.path}` : disk.path;
        const ended = await world.start(config, etlRun(world.landing('full')), { [variable]: value }).ended;
        const said = messageOf(ended);
        const right = ended.code === 2 && said.includes('read-only') && said.includes(variable);
        return {
          ...named,
          exit: exitOf(ended),
          reader: 'none',
          rerun: '',
          equal: '–' as const,
          wrong: right ? [] : [`it said: ${said.slice(0, 200)}`],
        };
      } finally {
        disk.unmount();
        world.remove(config);
      }
    },
  }));
}
