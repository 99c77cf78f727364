import type { Config } from '../../src/config/environment.js';
import { contentOf, served } from '../support/release.js';
import { type Ended, exitOf, outcomeOf, type Running } from './command.js';
import type { Outcome } from './outcome.js';
import { readMeanwhile, sawOf } from './reader.js';
import { differences, leftovers, type Mode, type World, wrongAfter } from './world.js';

/** Runs the ETL, ends it in the way of `disturb`, runs it again and says what came of it. */
export async function killed(
  world: World,
  mode: Mode,
  named: Pick<Outcome, 'group' | 'fault' | 'moment'>,
  disturb: (config: Config) => Promise<Ended>,
): Promise<Outcome> {
  const config = world.home(mode);
  const wrong: string[] = [];
  const reader = readMeanwhile(config, world.spells);
  const ended = await disturb(config);
  const seen = await reader.stop();
  wrong.push(...seen.wrong);
  const last = mode === 'full' ? 1 : 2;
  const before = (await served(config)).ids;
  if (before.some((id) => id > last)) wrong.push(`release ${before.at(-1)} was never to be`);
  // What is served now is all of the release before or all of the new one.
  if (before.length > 0) {
    const expected = before.at(-1) === 1 ? world.first : world.second;
    const differing = differences(await contentOf(config), expected);
    if (differing.length > 0) wrong.push(`the served release differs: ${differing.join(', ')}`);
  }
  if (ended.signal !== 'SIGKILL' && ended.code !== 0) wrong.push(`it was not killed: ${outcomeOf(ended)}`);
  const rerun = outcomeOf(await world.run(config, mode));
  const due = before.at(-1) === last ? 'unchanged' : 'published';
  if (rerun !== due) wrong.push(`the rerun should be ${due}: ${rerun}`);
  const after = await wrongAfter(config, world.expected(mode), mode === 'full' ? [1] : [1, 2]).catch(
    (error: unknown) => [`nothing can be read: ${String(error)}`],
  );
  wrong.push(...after);
  if (rerun === 'published') wrong.push(...leftovers(config).map((name) => `${name} was left`));
  world.remove(config);
  return {
    ...named,
    exit: exitOf(ended),
    reader: sawOf(seen),
    rerun,
    equal: after.length === 0 ? 'yes' : 'no',
    wrong,
  };
}

/** Kills a process after a while. */
export async function killAfter(running: Running, milliseconds: number): Promise<Ended> {
  const timer = setTimeout(() => running.child.kill('SIGKILL'), milliseconds);
  const ended = await running.ended;
  clearTimeout(timer);
  return ended;
}
