import type { RequestRecord } from '../../audit/record.js';

/** Why a request is turned away that would be answered at another time. */
export type AwayCode = 'OVERLOADED' | 'RATE_LIMITED';

/** Records of requests that were turned away before anything of them was read. */
export interface TurnedAway {
  /** Counts a request of a caller; `record` makes what is said of the first one. */
  add(caller: string, code: AwayCode, record: () => RequestRecord): void;
  /** Keeps what was counted so far. */
  flush(): void;
  close(): void;
}

const every = 1_000;

/**
 * Of a flood there may be thousands a second, which say nothing one by one: those of one caller and one second are one
 * record with their number, and those of one code one line of the log. What `keep` cannot take now is tried again a second
 * later.
 */
export function turnedAway(
  keep: (record: RequestRecord) => void,
  tell: (entry: { readonly code: AwayCode; readonly count: number }) => void = () => undefined,
): TurnedAway {
  const untold = new Map<AwayCode, number>();
  let counted = new Map<string, { readonly record: RequestRecord; count: number }>();
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    timer = undefined;
    for (const [code, count] of untold) tell({ code, count });
    untold.clear();
    const all = counted;
    counted = new Map();
    for (const [key, { record, count }] of all) {
      try {
        keep(count === 1 ? record : { ...record, count });
      } catch {
        const since = counted.get(key);
        counted.set(key, { record, count: count + (since?.count ?? 0) });
      }
    }
    if (counted.size > 0) later();
  };
  const later = (): void => {
    timer ??= setTimeout(flush, every);
    timer.unref();
  };
  return {
    add(caller, code, record) {
      untold.set(code, (untold.get(code) ?? 0) + 1);
      const key = `${code} ${caller}`;
      const known = counted.get(key);
      if (known) known.count += 1;
      else counted.set(key, { record: record(), count: 1 });
      later();
    },
    flush,
    close() {
      clearTimeout(timer);
      flush();
    },
  };
}
