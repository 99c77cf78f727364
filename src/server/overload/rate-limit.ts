import { LRUCache } from 'lru-cache';

export interface RateLimit {
  /** Requests a second that a caller may go on with, and how many at once. */
  readonly perSecond: number;
  readonly burst: number;
}

interface Bucket {
  tokens: number;
  at: number;
}

/** Callers whose requests are counted; of more, those of whom nothing was heard for longest begin anew. */
const mostCallers = 10_000;

export interface RateLimiter {
  /** Undefined for a request that may pass, else the seconds after which one may. */
  take(caller: string): number | undefined;
}

/** Counts the requests of callers: a bucket of tokens each, filled steadily. */
export function rateLimiter(
  { perSecond, burst }: RateLimit,
  now: () => number = () => performance.now(),
): RateLimiter {
  const buckets = new LRUCache<string, Bucket>({ max: mostCallers });
  return {
    take(caller) {
      const at = now();
      const bucket = buckets.get(caller) ?? { tokens: burst, at };
      bucket.tokens = Math.min(burst, bucket.tokens + ((at - bucket.at) / 1_000) * perSecond);
      bucket.at = at;
      buckets.set(caller, bucket);
      if (bucket.tokens < 1) return Math.max(1, Math.ceil((1 - bucket.tokens) / perSecond));
      bucket.tokens -= 1;
      return undefined;
    },
  };
}
