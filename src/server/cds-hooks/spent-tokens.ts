import { overloaded } from '../overload/fair-gate.js';

/** Tokens that were used, until they would not be accepted any more for their age. */
export interface SpentTokens {
  /**
   * Whether a token is used for the first time. Times in seconds. Errors: `OVERLOADED` where more are to be remembered than
   * can be, since one that is forgotten could be used again; `STATE_UNAVAILABLE`.
   */
  take(id: string, until: number, now: number): Promise<boolean>;
}

/** Where tokens that were used outlast a process, and are known to others. Error: `STATE_UNAVAILABLE`. */
export interface KeptTokens {
  /** False where the token was taken, by this process or another one. */
  take(id: string, until: number): Promise<boolean>;
  /** Forgets one that is over, in the background. */
  release(id: string): void;
}

/** `kept`: where they outlast this process, and are known to others; without it they are in memory alone. */
export function spentTokens(kept?: KeptTokens, most = 200_000): SpentTokens {
  const spent = new Map<string, number>();
  return {
    async take(id, until, now) {
      const known = spent.get(id);
      if (known !== undefined && known >= now) return false;
      // All live about as long, so that the oldest are over first.
      for (const [oldest, over] of spent) {
        if (over >= now) break;
        spent.delete(oldest);
        kept?.release(oldest);
      }
      if (spent.size >= most) throw overloaded;
      spent.delete(id);
      spent.set(id, until);
      // Nothing is waited for before this, so that one of two requests at once comes first.
      return kept === undefined || kept.take(id, until);
    },
  };
}
