import { cancellation } from './cancellation.js';
import { failure } from './failure.js';
import type { Finding } from './figures.js';
import { hostile } from './hostile.js';
import { overload } from './overload.js';
import { refresh } from './refresh.js';
import { soak } from './soak.js';
import type { Stage } from './stage.js';
import { stop } from './stop.js';

export interface Scene {
  /** How long each of its parts usually is. */
  readonly seconds: number;
  play(stage: Stage, seconds: number): Promise<Finding[]>;
}

/** All scenes, by name. */
export const scenes = {
  overload: {
    seconds: 30,
    play: async (stage, seconds) => [
      ...(await overload(stage, { seconds, calm: Math.min(20, seconds) })),
      ...(await refresh(stage, seconds)),
      ...(await hostile(stage, seconds)),
    ],
  },
  soak: { seconds: process.env['MAPLEWOOD_TEST_FULL'] === '1' ? 3_600 : 600, play: soak },
  // Some ten requests a second.
  cancellation: { seconds: 30, play: (stage, seconds) => cancellation(stage, seconds * 10) },
  // A kill every three seconds.
  stop: { seconds: 60, play: (stage, seconds) => stop(stage, Math.ceil(seconds / 3)) },
  failure: { seconds: 0, play: (stage) => failure(stage) },
} as const satisfies Record<string, Scene>;

export const sceneNames = Object.keys(scenes) as readonly (keyof typeof scenes)[];
export const isScene = (name: string): name is keyof typeof scenes => Object.hasOwn(scenes, name);
