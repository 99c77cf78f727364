import { readdirSync, readFileSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../src/config/environment.js';
import { served } from '../support/release.js';
import { etlRun, exitOf, messageOf, outcomeOf, type Running } from './command.js';
import type { Fault } from './outcome.js';
import { readMeanwhile, sawOf } from './reader.js';
import { leftovers, type Mode, type World, wrongAfter } from './world.js';

const idsOf = (mode: Mode): number[] => (mode === 'full' ? [1] : [1, 2]);

/** Two runs that begin at once: one does the work, the other is told to come back. */
export function twoRunsFaults(world: World): Fault[] {
  return (['full', 'increment'] as const).map((mode) => ({
    name: `two runs, ${mode}`,
    async try() {
      const config = world.home(mode);
      const reader = readMeanwhile(config, world.spells);
      const both = await Promise.all([world.run(config, mode), world.run(config, mode)]);
      const seen = await reader.stop();
      const codes = both.map(({ code }) => code).sort();
      const rerun = outcomeOf(await world.run(config, mode));
      const after = await wrongAfter(config, world.expected(mode), idsOf(mode));
      world.remove(config);
      return {
        group: 'two runs',
        fault: `two runs at once, ${mode}`,
        moment: 'start',
        exit: both.map(exitOf).join(', '),
        reader: sawOf(seen),
        rerun,
        equal: after.length === 0 ? ('yes' as const) : ('no' as const),
        wrong: [
          ...seen.wrong,
          ...after,
          ...(codes.join() === '0,75' ? [] : [`exit codes ${codes.join(' and ')} instead of 0 and 75`]),
        ],
      };
    },
  }));
}

/** Where a run is stopped: the points around which an order counts. */
const stops: readonly (readonly [Mode, string, 'done' | 'at work'])[] = [
  ['full', 'lease.after-link', 'done'],
  ['full', 'lake.bronze.before-fsync:3', 'done'],
  ['full', 'lake.batches.before-link:3', 'done'],
  ['full', 'lake.batches.before-link:3', 'at work'],
  ['full', 'sql.before-copy:15', 'done'],
  ['full', 'sql.before-copy:15', 'at work'],
  ['full', 'lake.silver.before-link', 'done'],
  ['full', 'release.before-rename', 'done'],
  ['full', 'release.after-rename', 'at work'],
  ['full', 'release.before-link', 'done'],
  ['full', 'release.before-link', 'at work'],
  ['increment', 'lake.batches.before-link', 'done'],
  ['increment', 'lake.batches.before-link', 'at work'],
  ['increment', 'release.before-copy', 'done'],
  ['increment', 'release.before-link', 'done'],
  ['increment', 'release.before-link', 'at work'],
  ['increment', 'release.after-link', 'at work'],
];

/**
 * A run that is stopped until its lease is lost, while another one runs, and that then wakes: when the other is done,
 * or while it is at work.
 */
export function stoppedRunFaults(world: World): Fault[] {
  return stops.map(([mode, point, other]) => ({
    name: `stopped ${mode} ${point} ${other}`,
    try: () => stoppedRun(world, mode, point, other),
  }));
}

async function stoppedRun(world: World, mode: Mode, point: string, until: 'done' | 'at work') {
  const config = world.home(mode);
  const args = etlRun(world.landing(mode));
  const stopped = world.start(config, args, { MAPLEWOOD_FAILPOINT: `stop:${point}` });
  await isStopped(stopped);
  silence(config);
  const reader = readMeanwhile(config, world.spells);
  const other = world.start(config, args);
  await (until === 'done' ? other.ended : other.step('silver'));
  stopped.child.kill('SIGCONT');
  const [woken, second] = await Promise.all([stopped.ended, other.ended]);
  const seen = await reader.stop();
  const wrong = [...seen.wrong];
  // One of the two may give way to the other, but neither fails, and of two that did the work one has published.
  for (const ended of [woken, second])
    if (ended.code !== 0 && ended.code !== 75)
      wrong.push(`one run failed: ${exitOf(ended)} ${messageOf(ended)}`);
  // It may find that the other has done all there was to do, or have published before it was stopped.
  const unharmed = woken.code === 75 || outcomeOf(woken) === 'unchanged' || point === 'release.after-link';
  if (until === 'done' && !unharmed) wrong.push(`the stopped run should have given way: ${outcomeOf(woken)}`);
  const rerun = outcomeOf(await world.run(config, mode));
  if (rerun !== 'unchanged' && rerun !== 'published') wrong.push(`the rerun failed: ${rerun}`);
  // Two that were at work may both have published, one after the other.
  const { ids } = await served(config);
  const due = idsOf(mode);
  const twice = until === 'at work' && ids.length === due.length + 1;
  const after = await wrongAfter(config, world.expected(mode), twice ? ids : due);
  if (rerun === 'published') wrong.push(...leftovers(config).map((name) => `${name} was left`));
  world.remove(config);
  return {
    group: 'stopped run',
    fault: `SIGSTOP, ${mode}, woken when the other is ${until}`,
    moment: point,
    exit: [woken, second].map(exitOf).join(', '),
    reader: sawOf(seen),
    rerun,
    equal: after.length === 0 ? ('yes' as const) : ('no' as const),
    wrong: [...wrong, ...after],
  };
}

/** The process has reached its point and is stopped (Linux: state T). */
async function isStopped({ child }: Running): Promise<void> {
  for (let tries = 0; tries < 1_200; tries += 1) {
    const status = readFileSync(`/proc/${child.pid}/stat`, 'utf8');
    if (status.slice(status.lastIndexOf(')')).startsWith(') T')) return;
    if (child.exitCode !== null) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('the run did not reach the point at which it was to stop');
}

/** Makes the lease look as if nothing had been heard of its holder for ten minutes. */
function silence(config: Config): void {
  const folder = join(config.home.lake, 'leases');
  const long = new Date(Date.now() - 600_000);
  for (const name of readdirSync(folder))
    if (name.endsWith('.held.json')) utimesSync(join(folder, name), long, long);
}
