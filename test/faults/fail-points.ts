import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../src/config/environment.js';
import { contentOf, served, shareKeys } from '../support/release.js';
import { etlRun, exitOf, messageOf, outcomeOf } from './command.js';
import { killed } from './killed.js';
import type { Fault } from './outcome.js';
import { passedIn } from './passed.js';
import { configOf, type Mode, type World, wrongAfter } from './world.js';

/** At which passings of a point a fault is tried: at every one, or at the first and the last. */
const passings = (times: number, every: boolean): number[] =>
  every ? Array.from({ length: times }, (_, at) => at + 1) : [...new Set([1, times])];

const moments = (passed: ReadonlyMap<string, number>, every: boolean): string[] =>
  [...passed].flatMap(([point, times]) => passings(times, every).map((n) => `${point}:${n}`));

/** Points that are only passed before the home and its keys are there. */
const ofEmptyHome = /^(home|key)\./;

/** A kill at every fail point of `etl run`, from an empty home and with a delta. */
export function failPointFaults(world: World, every: boolean): Fault[] {
  const faults: Fault[] = [];
  for (const mode of ['full', 'increment'] as const) {
    const passed = world.passed.get(mode);
    if (!passed) throw new Error(`no points were listed in an undisturbed ${mode} run`);
    for (const moment of moments(passed, every)) {
      const named = { group: `kill at a fail point, ${mode} run`, fault: `SIGKILL, ${mode}`, moment };
      const env = { MAPLEWOOD_FAILPOINT: moment };
      faults.push({
        name: `${mode} ${moment}`,
        try: () =>
          ofEmptyHome.test(moment)
            ? inEmptyHome(world, named, env)
            : killed(world, mode, named, (home) => world.run(home, mode, env)),
      });
    }
  }
  return faults;
}

type Named = { readonly group: string; readonly fault: string; readonly moment: string };

/** The key may be another one now, so the gold is compared with that of an undisturbed run under the same key. */
async function inEmptyHome(world: World, named: Named, env: Readonly<Record<string, string>>) {
  const config = world.home('empty');
  const ended = await world.run(config, 'full', env);
  const before = (await served(config)).ids;
  const rerun = outcomeOf(await world.run(config, 'full'));
  const undisturbed = world.home('empty');
  mkdirSync(undisturbed.home.keys, { recursive: true, mode: 0o700 });
  shareKeys(config, undisturbed);
  await world.run(undisturbed, 'full');
  const after = await wrongAfter(config, await contentOf(undisturbed), [1]);
  for (const home of [config, undisturbed]) world.remove(home);
  return {
    ...named,
    exit: exitOf(ended),
    reader: before.length === 0 ? 'none' : before.join(', '),
    rerun,
    equal: after.length === 0 ? ('yes' as const) : ('no' as const),
    wrong: [
      ...after,
      ...(ended.signal === 'SIGKILL' ? [] : ['it was not killed']),
      ...(rerun === 'published' && before.length === 0 ? [] : [`the rerun should be published: ${rerun}`]),
    ],
  };
}

/** A kill at every fail point of `cdc capture`, after an earlier capture; the captured changes flow into gold. */
export async function captureFaults(world: World, every: boolean): Promise<Fault[]> {
  const capture = (config: Config, from: Mode, env: Readonly<Record<string, string>> = {}) =>
    world.start(config, ['cdc', 'capture', '--from', snapshots(world, from), '--json'], env).ended;
  const load = (config: Config) => world.start(config, etlRun(undefined)).ended;
  const base = configOf(join(world.folder, 'captured'));
  if (!existsSync(base.home.root)) {
    mkdirSync(base.home.root, { recursive: true });
    shareKeys(configOf(world.base), base);
    for (const ended of [await capture(base, 'full'), await load(base)])
      if (ended.code !== 0) throw new Error(`an undisturbed capture failed: ${messageOf(ended)}`);
  }
  const fresh = () => world.copy(base);
  const undisturbed = fresh();
  const points = join(world.folder, 'points-capture.txt');
  const recorded = await capture(undisturbed, 'increment', { MAPLEWOOD_FAILPOINT: `list:${points}` });
  if (recorded.code !== 0) throw new Error(`the recording run failed: ${messageOf(recorded)}`);
  await load(undisturbed);
  const expected = await contentOf(undisturbed);
  world.remove(undisturbed);
  return moments(passedIn(points), every).map((moment) => ({
    name: `capture ${moment}`,
    async try() {
      const config = fresh();
      const ended = await capture(config, 'increment', { MAPLEWOOD_FAILPOINT: moment });
      const again = await capture(config, 'increment');
      const rerun = outcomeOf(await load(config));
      const after = await wrongAfter(config, expected, [1, 2]);
      world.remove(config);
      return {
        group: 'kill at a fail point, cdc capture',
        fault: 'SIGKILL, capture',
        moment,
        exit: exitOf(ended),
        reader: '1',
        rerun,
        equal: after.length === 0 ? ('yes' as const) : ('no' as const),
        wrong: [
          ...after,
          ...(ended.signal === 'SIGKILL' ? [] : ['it was not killed']),
          ...(again.code === 0 ? [] : [`the capture could not be run again: ${messageOf(again)}`]),
        ],
      };
    },
  }));
}

/** A folder with one whole state of each table. */
function snapshots(world: World, mode: Mode): string {
  return world.snapshot(mode, ['trusts', 'practices', 'patients', 'sus_episodes']);
}
