import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { abortReason, MaplewoodError } from '../../errors.js';

export interface PoolLimits {
  /** Statements that may run at once; each holds a thread of the process. */
  readonly connections: number;
  /** Callers that may wait for one; more are refused at once. */
  readonly waiting: number;
}

/** A connection that one caller has at a time. DuckDB runs the calls on one connection one after the other. */
export interface Pool {
  acquire(signal?: AbortSignal): Promise<DuckDBConnection>;
  release(connection: DuckDBConnection): void;
  /** Statements that hold a connection now. */
  busy(): number;
  /** Waits until every connection is back, then closes them. */
  drain(): Promise<void>;
}

interface Waiter {
  readonly give: (connection: DuckDBConnection) => void;
  readonly signal: AbortSignal | undefined;
}

export async function openPool(instance: DuckDBInstance, limits: PoolLimits): Promise<Pool> {
  const all = await Promise.all(Array.from({ length: limits.connections }, () => instance.connect()));
  const idle = [...all];
  const waiting: Waiter[] = [];
  let drained: (() => void) | undefined;

  return {
    acquire(signal) {
      if (signal?.aborted) return Promise.reject(abortReason(signal));
      const connection = idle.pop();
      if (connection) return Promise.resolve(connection);
      if (waiting.length >= limits.waiting) return Promise.reject(new MaplewoodError('OVERLOADED'));
      return new Promise((resolve, reject) => {
        const waiter: Waiter = {
          signal,
          give: (given) => {
            signal?.removeEventListener('abort', leave);
            resolve(given);
          },
        };
        const leave = (): void => {
          waiting.splice(waiting.indexOf(waiter), 1);
          reject(abortReason(signal));
        };
        signal?.addEventListener('abort', leave, { once: true });
        waiting.push(waiter);
      });
    },
    release(connection) {
      const next = waiting.shift();
      if (next) next.give(connection);
      else idle.push(connection);
      if (drained && idle.length === all.length) drained();
    },
    busy: () => all.length - idle.length,
    async drain() {
      // Closing a connection whose statement runs would leave its promise unsettled for ever.
      if (idle.length < all.length) await new Promise<void>((resolve) => (drained = resolve));
      for (const connection of all) connection.closeSync();
    },
  };
}
