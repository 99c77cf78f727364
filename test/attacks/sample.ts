/** All questions with `MAPLEWOOD_TEST_FULL=1`, else so many of them, the same in every run. */
export const full = process.env['MAPLEWOOD_TEST_FULL'] === '1';

export interface Sampled<T> {
  readonly some: readonly T[];
  readonly of: number;
}

/** Numbers from 0 up to but not including 1 (mulberry32), from a fixed seed. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export function sample<T>(all: readonly T[], count: number, seed = 7): Sampled<T> {
  if (full || all.length <= count) return { some: all, of: all.length };
  const next = numbers(seed);
  // The first of a random order (Fisher and Yates).
  const order = [...all];
  for (let at = 0; at < count; at += 1) {
    const other = at + Math.floor(next() * (order.length - at));
    [order[at], order[other]] = [order[other] as T, order[at] as T];
  }
  return { some: order.slice(0, count), of: all.length };
}
