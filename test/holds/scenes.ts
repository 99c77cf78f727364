import type { Finding } from './figures.js';
import { hostile } from './hostile.js';
import { overload } from './overload.js';
import { refresh } from './refresh.js';
import type { Stage } from './stage.js';

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
} as const satisfies Record<string, Scene>;

export const sceneNames = Object.keys(scenes) as readonly (keyof typeof scenes)[];
export const isScene = (name: string): name is keyof typeof scenes => Object.hasOwn(scenes, name);
