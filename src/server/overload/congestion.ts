/** What a gate knows about how long it has been full. All times in milliseconds. */
export interface Congestion {
  /** A request has come in; `isFull`: there is no slot left. */
  entered(isFull: boolean): void;
  /** One has gone out that was in since then; `wasAwaited`: no slot was free, and others waited for one. */
  left(
    since: number,
    wasAwaited: boolean,
    now: { readonly isFull: boolean; readonly isEmpty: boolean },
  ): void;
  /** The gate has been full for longer than a burst, and that is not over. */
  lasts(waiting: number): boolean;
  /** What `lasts` said last. */
  isLasting(): boolean;
  /** Who waits since then has waited for longer than should be while it lasts. */
  isStale(since: number): boolean;
}

/** It has ended when nobody has waited for a slot for this share of the time that a burst may take, … */
const calm = 1 / 4;
/** … or nobody has been in for this share of it. */
const quiet = 1 / 100;
/** Share of the time for which a request has a slot that another may wait for it, and how fast that time is learnt. */
const patience = 1 / 2;
const learning = 1 / 8;

export function congestion(burstMs: number, now: () => number): Congestion {
  // Since when no slot has been free, when somebody last waited for one, and since when nobody has been in.
  let fullSince: number | undefined;
  let waitedAt = Number.NEGATIVE_INFINITY;
  let emptySince: number | undefined;
  let isLasting = false;
  let held: number | undefined;

  return {
    entered(isFull) {
      if (emptySince !== undefined && now() - emptySince > burstMs * quiet) isLasting = false;
      emptySince = undefined;
      if (isFull) fullSince ??= now();
    },
    left(since, wasAwaited, { isFull, isEmpty }) {
      const time = now();
      held = held === undefined ? time - since : held + (time - since - held) * learning;
      if (wasAwaited) waitedAt = time;
      if (!isFull) fullSince = undefined;
      if (isEmpty) emptySince = time;
    },
    lasts(waiting) {
      const time = now();
      if (fullSince !== undefined && waiting > 0) isLasting ||= time - fullSince > burstMs;
      else if (time - waitedAt > burstMs * calm) isLasting = false;
      return isLasting;
    },
    isLasting: () => isLasting,
    isStale: (since) => isLasting && held !== undefined && now() - since > held * patience,
  };
}
