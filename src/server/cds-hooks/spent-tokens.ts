import { overloaded } from '../overload/fair-gate.js';

/** Tokens that were used, until they would not be accepted any more for their age. */
export interface SpentTokens {
  /**
   * Whether a token is used for the first time. Times in seconds. Error: `OVERLOADED` where more are to be remembered than
   * can be: one that is forgotten could be used again.
   */
  take(id: string, until: number, now: number): boolean;
}

export function spentTokens(most = 200_000): SpentTokens {
  const spent = new Map<string, number>();
  return {
    take(id, until, now) {
      const known = spent.get(id);
      if (known !== undefined && known >= now) return false;
      // All live about as long, so that the oldest are over first.
      for (const [oldest, over] of spent) {
        if (over >= now) break;
        spent.delete(oldest);
      }
      if (spent.size >= most) throw overloaded;
      spent.delete(id);
      spent.set(id, until);
      return true;
    },
  };
}
