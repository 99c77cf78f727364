import { badInputFaults } from './bad-input.js';
import { clockFaults } from './clock.js';
import { captureFaults, failPointFaults } from './fail-points.js';
import { fullDiskFaults, readOnlyFaults } from './full-disk.js';
import type { Fault, Outcome } from './outcome.js';
import { ownFileFaults } from './own-files.js';
import { chance, randomKillFaults } from './random-kills.js';
import { stoppedRunFaults, twoRunsFaults } from './two-runs.js';
import type { World } from './world.js';

export interface Extent {
  /** Every passing of every fail point, not only its first and last. */
  readonly every: boolean;
  readonly randomKills: number;
}

/** All faults, by group. */
export const groups = {
  points: async (world: World, { every }: Extent) => failPointFaults(world, every),
  capture: (world: World, { every }: Extent) => captureFaults(world, every),
  random: async (world: World, { randomKills }: Extent) => randomKillFaults(world, randomKills),
  disk: async (world: World) => fullDiskFaults(world),
  clock: async (world: World) => clockFaults(world),
  two: async (world: World) => twoRunsFaults(world),
  stopped: async (world: World) => stoppedRunFaults(world),
  input: (world: World) => badInputFaults(world),
  own: async (world: World) => ownFileFaults(world),
  readonly: async (world: World) => readOnlyFaults(world),
} as const satisfies Record<string, (world: World, extent: Extent) => Promise<Fault[]>>;

export type Group = keyof typeof groups;
export const groupNames = Object.keys(groups) as readonly Group[];

/** Tries faults, a few at a time; outcomes in the order of the faults. A fault that cannot be judged is wrong. */
export async function tryAll(
  faults: readonly Fault[],
  atOnce: number,
  ended: (outcome: Outcome) => void = () => undefined,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let at = next++; at < faults.length; at = next++) {
      const fault = faults[at];
      if (!fault) return;
      const outcome = await fault.try().catch((error: unknown) => broken(fault, error));
      outcomes[at] = outcome;
      ended(outcome);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return outcomes;
}

const broken = ({ name }: Fault, error: unknown): Outcome => ({
  group: 'not judged',
  fault: name,
  moment: '',
  exit: '',
  reader: '',
  rerun: '',
  equal: '–',
  wrong: [error instanceof Error ? (error.stack ?? error.message) : String(error)],
});

/** Some of the faults, the same in every run. */
export function sample(faults: readonly Fault[], count: number, seed: number): Fault[] {
  const draw = chance(seed);
  const left = [...faults];
  return Array.from({ length: Math.min(count, left.length) }, () =>
    left.splice(Math.floor(draw() * left.length), 1),
  ).flat();
}
