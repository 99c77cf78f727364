import { beside } from './beside.js';
import type { Engine } from './engine.js';

/** Work that hangs on no other of its list. Its temporary tables are its own, the rest of the engine is shared. */
export type LaneTask = (lane: Engine) => Promise<void>;

/**
 * Does tasks in their order, two at a time where the engine has two threads: many small statements gain nothing from a
 * second thread, and while one task waits for the disk or for the program, the other goes on. In which order rows come to lie is
 * left to the engine. After an error no further task is begun; it is thrown when none is under way any more.
 */
export async function inLanes(engine: Engine, tasks: readonly LaneTask[]): Promise<void> {
  const waiting = [...tasks];
  const work = async (lane: Engine): Promise<void> => {
    try {
      for (let task = waiting.shift(); task; task = waiting.shift()) await task(lane);
    } catch (error) {
      waiting.length = 0;
      throw error;
    }
  };
  const { threads } = engine;
  if (threads < 2) return work(engine);
  const second = await engine.beside();
  try {
    // Each lane works in the thread that waits for it, beside those of the engine.
    await engine.run(`set threads = ${threads - 1}`);
    await engine.run('set preserve_insertion_order = false');
    const ends = await Promise.allSettled([work(engine), work(second)]);
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  } finally {
    second.close();
    await engine.run('set preserve_insertion_order = true');
    await engine.run(`set threads = ${threads}`);
  }
}

/** A task that goes on beside others until somebody waits for it. */
export const besideOthers = (engine: Engine, task: LaneTask): (() => Promise<void>) =>
  beside(
    (async () => {
      const lane = await engine.beside();
      try {
        await task(lane);
      } finally {
        lane.close();
      }
    })(),
  );
