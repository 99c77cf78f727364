/** Where the time comes from. */
export interface Clocks {
  /** Milliseconds since 1970, as somebody has set it. */
  now(): number;
  /** Milliseconds on a clock that nobody sets. */
  elapsed(): number;
}

export const systemClocks: Clocks = { now: () => Date.now(), elapsed: () => performance.now() };

/**
 * The time, which in this process never goes back and never stands still: where the clock of the machine is set back, it
 * runs on from where it was, so that no grant lasts longer for it.
 */
export function steadyClock({ now, elapsed }: Clocks): () => number {
  let time = now();
  let at = elapsed();
  return () => {
    const passed = elapsed();
    time = Math.max(now(), time + passed - at);
    at = passed;
    return time;
  };
}
