import { abortReason, MaplewoodError } from '../../errors.js';
import { congestion } from './congestion.js';

export interface GateLimits {
  /** Requests that may use the warehouse at once. */
  readonly slots: number;
  /** Those of one caller, so that nobody has all of them. */
  readonly perCaller: number;
  /** Requests that may wait. */
  readonly waiting: number;
  /** Milliseconds that a burst may last; when requests wait and no slot has been free for longer, it is an overload. */
  readonly burstMs: number;
}

export interface GateEffects {
  /** Milliseconds on a clock that nobody sets. */
  readonly now?: () => number;
  /** The server is late with everything. */
  readonly isLate?: () => boolean;
}

/** What requests pass on their way to the warehouse. */
export interface FairGate {
  /**
   * A slot; call the function to give it back. Callers take turns, whatever the number of requests that each has waiting.
   * Errors: `OVERLOADED`, at once or when the time of the request is over; `REQUEST_CANCELLED`, `SHUTTING_DOWN`.
   */
  enter(caller: string, signal?: AbortSignal): Promise<() => void>;
  /** One more request of the caller would be refused at once. Those that may wait no longer leave first, as at `enter`. */
  isFull(caller: string): boolean;
  running(): number;
  waiting(): number;
}

interface Waiter {
  readonly caller: string;
  readonly since: number;
  readonly admit: () => void;
  readonly refuse: (error: MaplewoodError) => void;
}

/** Made once: where thousands are refused a second, the trace of each would cost more than all the rest. */
export const overloaded = new MaplewoodError('OVERLOADED');

/**
 * While slots fall free, what comes at once is let wait. Once none has for `burstMs`, half as many wait as there are
 * slots, and who has waited for half of the time that a request takes makes room for a newer one (after the "Controlled
 * Delay" and the "Adaptive LIFO" of Maurer, Fail at Scale, 2015): who is let in has hardly waited, and the others know
 * at once. A caller who waits for nobody but itself overloads nothing. Where there is no room, the last request of the
 * caller with most requests has to leave.
 */
export function fairGate(
  { slots, perCaller, waiting: most, burstMs }: GateLimits,
  { now = () => performance.now(), isLate = () => false }: GateEffects = {},
): FairGate {
  const queues = new Map<string, Waiter[]>();
  const running = new Map<string, number>();
  let taken = 0;
  let queued = 0;
  const crowd = congestion(burstMs, now);
  /** Slots that may be taken. A server that is late in an overload needs one's processor to turn the others away. */
  const open = (): number => (crowd.isLasting() && isLate() ? Math.max(1, slots - 1) : slots);
  const isFull = (): boolean => taken >= open();

  const take = (caller: string): (() => void) => {
    const since = now();
    taken += 1;
    crowd.entered(isFull());
    running.set(caller, (running.get(caller) ?? 0) + 1);
    let kept = true;
    return () => {
      if (!kept) return;
      kept = false;
      const wasAwaited = isFull() && queued > 0;
      taken -= 1;
      const left = (running.get(caller) ?? 1) - 1;
      if (left > 0) running.set(caller, left);
      else running.delete(caller);
      admitNext();
      crowd.left(since, wasAwaited, { isFull: isFull(), isEmpty: taken + queued === 0 });
    };
  };

  const mayRun = (caller: string): boolean => !isFull() && (running.get(caller) ?? 0) < perCaller;

  const leave = (waiter: Waiter): void => {
    const queue = queues.get(waiter.caller) ?? [];
    queue.splice(queue.indexOf(waiter), 1);
    if (queue.length === 0) queues.delete(waiter.caller);
    queued -= 1;
  };

  const admitNext = (): void => {
    for (const [caller, [first]] of queues) {
      if (!first || !mayRun(caller)) continue;
      leave(first);
      // Behind the others.
      const rest = queues.get(caller);
      if (rest) {
        queues.delete(caller);
        queues.set(caller, rest);
      }
      first.admit();
      admitNext();
      return;
    }
  };

  /** How many may wait now. Where all that wait are of one caller, they are in nobody's way. */
  const room = (caller: string): number => {
    const isOverloaded = crowd.lasts(queued);
    const isAlone = queues.size === 0 || (queues.size === 1 && queues.has(caller));
    return isOverloaded && !isAlone ? Math.min(Math.ceil(slots / 2), most) : most;
  };

  /** Requests that a caller has here, in or waiting. */
  const shareOf = (caller: string): number => (running.get(caller) ?? 0) + (queues.get(caller)?.length ?? 0);

  /** The last request of the caller with most of them. */
  const lastOfMost = (): Waiter | undefined => {
    const [most] = [...queues.keys()].sort((a, b) => shareOf(b) - shareOf(a));
    return most === undefined ? undefined : queues.get(most)?.at(-1);
  };

  /** The request that leaves a full queue for one more of a caller, if any has to. */
  const givesWay = (caller: string): Waiter | undefined => {
    const share = shareOf(caller);
    const last = lastOfMost();
    // Who has as many as the caller would have itself need not go.
    if (last && shareOf(last.caller) > share + 1) return last;
    for (const [other, [first]] of queues)
      if (first && crowd.isStale(first.since) && shareOf(other) > share) return first;
    return undefined;
  };

  /** Whether one more of a caller has room to wait. More than may wait now leave first, whoever is to come. */
  const hasRoom = (caller: string): boolean => {
    const limit = room(caller);
    while (queued > limit) lastOfMost()?.refuse(overloaded);
    return queued < limit;
  };

  return {
    enter(caller, signal) {
      if (signal?.aborted) return Promise.reject(abortReason(signal));
      if (mayRun(caller)) return Promise.resolve(take(caller));
      if (!hasRoom(caller)) {
        const last = givesWay(caller);
        if (!last) return Promise.reject(overloaded);
        last.refuse(overloaded);
      }
      return new Promise((resolve, reject) => {
        const ended = (): void => signal?.removeEventListener('abort', aborted);
        const waiter: Waiter = {
          caller,
          since: now(),
          admit() {
            ended();
            resolve(take(caller));
          },
          refuse(error) {
            leave(waiter);
            ended();
            reject(error);
          },
        };
        const aborted = (): void => waiter.refuse(asWaiting(abortReason(signal)));
        signal?.addEventListener('abort', aborted, { once: true });
        const queue = queues.get(caller);
        if (queue) queue.push(waiter);
        else queues.set(caller, [waiter]);
        queued += 1;
      });
    },
    isFull(caller) {
      return !mayRun(caller) && !hasRoom(caller) && givesWay(caller) === undefined;
    },
    running: () => taken,
    waiting: () => queued,
  };
}

/** Whose time is over before it began has not asked for too much. */
const asWaiting = (reason: MaplewoodError): MaplewoodError =>
  reason.code === 'DEADLINE_EXCEEDED' ? overloaded : reason;
