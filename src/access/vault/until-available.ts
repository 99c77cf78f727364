import { setTimeout as pause } from 'node:timers/promises';
import { MaplewoodError } from '../../errors.js';

export interface TryingEffects {
  /** From 0 up to but not including 1. */
  random(): number;
}

/** Milliseconds until the second try, and the most between two. */
const [first, longest] = [500, 30_000];

/**
 * Milliseconds until the next try, after so many that have failed: each time twice as long, up to half a minute. Up to a fifth
 * is taken off, so that servers which were stopped together do not ask together.
 */
export const pauseAfter = (failures: number, random: number): number =>
  Math.min(first * 2 ** (failures - 1), longest) * (1 - random / 5);

export interface Trying {
  /** Ends it; nothing is tried after that. */
  readonly signal: AbortSignal;
  /** Told of each try that failed, and in how many milliseconds the next one begins. */
  readonly failed: (error: MaplewoodError, milliseconds: number) => void;
}

/**
 * Reads keys, again and again while they are out of reach. What else goes wrong, and the end of the signal, is thrown. The
 * pauses between do not keep the process alive.
 */
export async function untilAvailable<T>(
  read: () => Promise<T>,
  { signal, failed }: Trying,
  { random }: TryingEffects = Math,
): Promise<T> {
  for (let failures = 1; ; failures += 1) {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof MaplewoodError) || error.code !== 'KEY_UNAVAILABLE') throw error;
      const milliseconds = pauseAfter(failures, random());
      failed(error, milliseconds);
      await pause(milliseconds, undefined, { signal, ref: false });
    }
  }
}
