/** How late the event loop is: what waits for it is answered later, whatever is done about it. */
export interface Lag {
  /** Milliseconds, of late. */
  now(): number;
  close(): void;
}

const every = 20;

/** Milliseconds by which the event loop may be late: a request comes back to it many times, and waits each time. */
const tolerable = 2;

export const isLate = (lag: Lag): boolean => lag.now() > tolerable;

/** Looks every 20 ms how late the look is. */
export function eventLoopLag(): Lag {
  let due = performance.now() + every;
  let lag = 0;
  const timer = setInterval(() => {
    const time = performance.now();
    // Half of it is what was seen last, so that one pause passes soon.
    lag = (lag + Math.max(0, time - due)) / 2;
    due = time + every;
  }, every);
  timer.unref();
  return { now: () => Math.max(lag, performance.now() - due), close: () => clearInterval(timer) };
}
