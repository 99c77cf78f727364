import { LRUCache } from 'lru-cache';
import type { JsonObject } from '../../audit/canonical.js';

/** The `data` of an answer, and what is told of it. */
export interface KnownAnswer {
  /** JSON. */
  readonly data: string;
  readonly hiddenCells: number;
  /** What the record of a request says of what was read. */
  readonly read: JsonObject;
}

/** What an answer is valid for, beside the release: nothing else may make a difference to it. */
export interface AskedOf {
  readonly schema: string;
  readonly grant: string;
  /** Yesterday in London: a bucket is closed by it. */
  readonly yesterday: string;
  readonly query: string;
  readonly operationName: string | null;
  readonly variables: unknown;
}

/**
 * Answers of the newest release. They hold no time: an answer is the same until the next release, and then there is none.
 * Bounded by bytes, those least recently used go first.
 */
export interface AnswerCache {
  get(release: number, key: string): KnownAnswer | undefined;
  /** An answer of another release than the last that was asked for is not kept. */
  put(release: number, key: string, answer: KnownAnswer): void;
  size(): { readonly entries: number; readonly bytes: number };
}

export const answerKey = (asked: AskedOf): string =>
  JSON.stringify([
    asked.schema,
    asked.grant,
    asked.yesterday,
    asked.operationName,
    asked.variables ?? null,
    asked.query,
  ]);

export function answerCache(bytes: number): AnswerCache {
  let current: number | undefined;
  const answers =
    bytes > 0
      ? new LRUCache<string, KnownAnswer>({
          maxSize: bytes,
          // One answer may not drive out all others.
          maxEntrySize: Math.max(1, Math.floor(bytes / 8)),
          // Texts of answers have a byte a character, but for a few names.
          sizeCalculation: ({ data }, key) => data.length + key.length + 512,
        })
      : undefined;
  return {
    get(release, key) {
      if (release !== current) {
        if (current !== undefined && release < current) return undefined;
        answers?.clear();
        current = release;
      }
      return answers?.get(key);
    },
    put(release, key, answer) {
      if (release === current) answers?.set(key, answer);
    },
    size: () => ({ entries: answers?.size ?? 0, bytes: answers?.calculatedSize ?? 0 }),
  };
}
