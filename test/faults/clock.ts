import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Config } from '../../src/config/environment.js';
import { readManifest } from '../../src/warehouse/duckdb/files.js';
import { fromRelease, releaseFolder } from '../support/release.js';
import { exitOf, outcomeOf } from './command.js';
import type { Fault } from './outcome.js';
import { type World, wrongAfter } from './world.js';

const day = 24 * 3_600_000;
const versions = ['dim_trust_version', 'dim_practice_version', 'dim_patient_version'];

/** The second run on a machine whose clock was set: back by a day or more, or on. */
export function clockFaults(world: World): Fault[] {
  return [-1, -400, 1].map((days) => ({
    name: `clock ${days} days`,
    async try() {
      const config = world.home('increment');
      const clock = pathToFileURL(join(world.root, 'test', 'faults', 'shifted-clock.mjs')).href;
      const ended = await world.run(config, 'increment', {
        NODE_OPTIONS: `--import=${clock}`,
        CLOCK_SHIFT_MS: String(days * day),
      });
      const rerun = outcomeOf(await world.run(config, 'increment'));
      const after = await wrongAfter(config, world.second, [1, 2]);
      const wrong = [...after, ...loadsGoBack(config), ...(await validityGoesBack(config))];
      const [before, at] = await publishedAt(config);
      if (Math.abs(at - before - days * day) > day / 2) wrong.push('the clock of the run was not set');
      if (ended.code !== 0) wrong.push(`it failed: ${outcomeOf(ended)}`);
      if (rerun !== 'unchanged') wrong.push(`the rerun should be unchanged: ${rerun}`);
      world.remove(config);
      return {
        group: 'clock',
        fault: 'clock set between runs',
        moment: `${days} days`,
        exit: exitOf(ended),
        reader: '1, 2',
        rerun,
        equal: after.length === 0 ? ('yes' as const) : ('no' as const),
        wrong,
      };
    },
  }));
}

/** When the first release was published and when the second, in milliseconds. */
async function publishedAt(config: Config): Promise<[number, number]> {
  const folder = releaseFolder(config);
  const at = async (id: number): Promise<number> => Date.parse((await readManifest(folder, id)).publishedAt);
  return [await at(1), await at(2)];
}

/** Instants of load, which are the watermarks, grow from batch to batch. */
function loadsGoBack(config: Config): string[] {
  const folder = join(config.home.lake, 'batches');
  const loads = readdirSync(folder)
    .sort()
    .map((name) => (JSON.parse(readFileSync(join(folder, name), 'utf8')) as { loadedAt: string }).loadedAt);
  return loads.flatMap((at, index) =>
    index > 0 && at <= (loads[index - 1] ?? '')
      ? [`batch ${index + 1} was loaded before the one before`]
      : [],
  );
}

async function validityGoesBack(config: Config): Promise<string[]> {
  const wrong: string[] = [];
  let changed = 0n;
  for (const table of versions) {
    const [row] = await fromRelease<{ back: bigint; ended: bigint }>(
      config,
      `select count(*) filter (valid_to <= valid_from) as back, count(*) filter (not is_current) as ended from ${table}`,
    );
    if (row?.back !== 0n) wrong.push(`${table} has ${row?.back} versions that end before they begin`);
    changed += row?.ended ?? 0n;
  }
  if (changed === 0n) wrong.push('no version has ended, so nothing was tried');
  return wrong;
}
