import { etlRun } from './command.js';
import { killAfter, killed } from './killed.js';
import type { Fault } from './outcome.js';
import type { Mode, World } from './world.js';

/** A number from 0 up to 1, the same in every run (mulberry32). */
export function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Kills at moments that no fail point names: in the middle of a statement, a write, a start. */
export function randomKillFaults(world: World, times: number): Fault[] {
  const draw = chance(20_260_101);
  return Array.from({ length: times }, (_, at) => {
    const mode: Mode = at % 2 === 0 ? 'full' : 'increment';
    const after = Math.round(draw() * (world.duration.get(mode) ?? 0));
    const named = {
      group: 'kill at a random moment',
      fault: `SIGKILL, ${mode}`,
      moment: `after ${after} ms`,
    };
    return {
      name: `random ${mode} ${after} ms`,
      try: () =>
        killed(world, mode, named, (config) =>
          killAfter(world.start(config, etlRun(world.landing(mode))), after),
        ),
    };
  });
}
