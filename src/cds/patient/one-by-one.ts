import { nextTurn } from '../../config/event-loop.js';
import { abortReason } from '../../errors.js';

/** Does what takes the processor when it is the caller's turn. Nothing is read in it, which would be a turn of its own. */
export type InTurn = <T>(work: () => Promise<T>) => Promise<T>;

/** Does something with each, one after another; others are answered in between. Errors: those of the signal. */
export async function oneByOne<T, R>(
  all: readonly T[],
  signal: AbortSignal,
  each: (one: T) => R,
): Promise<R[]> {
  const done: R[] = [];
  for (const one of all) {
    if (signal.aborted) throw abortReason(signal);
    done.push(each(one));
    await nextTurn();
  }
  return done;
}
