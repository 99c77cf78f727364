import type { Statement } from '../dialect.js';
import type { ColumnarResult, OutputColumn, ReadOptions } from '../warehouse.js';
import { Lane } from './lane.js';
import { identity, openPool, type PoolSettings } from './pool.js';
import { type Connection, read } from './read.js';
import type { MssqlAddress } from './url.js';

export interface ReaderSettings extends PoolSettings {
  /** Callers that may wait in each lane. */
  readonly waiting?: number;
}

/** Runs a statement in its lane; the server as a warehouse sees it. */
export interface Reader {
  read(statement: Statement, output: readonly OutputColumn[], options?: ReadOptions): Promise<ColumnarResult>;
  running(): number;
  close(): Promise<void>;
}

/** One connection is kept for look-ups, the others run what is heavy. */
export async function openReader(address: MssqlAddress, settings: ReaderSettings): Promise<Reader> {
  const { default: sql } = await import('mssql');
  const width = address.poolSize - 1;
  const login = await identity(address);
  const query = await openPool(sql, address, settings, width, login);
  const point = await openPool(sql, address, settings, 1, login).catch(async (error: unknown) => {
    await query.close();
    throw error;
  });
  const shared = {
    sql,
    engine: address.engine,
    label: address.label,
    cancelTimeout: settings.cancelTimeout ?? 1500,
    retryDelay: 200,
  };
  const waiting = settings.waiting ?? 100;
  const lanes = {
    query: {
      connection: { ...shared, pool: query } satisfies Connection,
      lane: new Lane(width, waiting),
    },
    point: { connection: { ...shared, pool: point } satisfies Connection, lane: new Lane(1, waiting) },
  };
  return {
    read(statement, output, options = {}) {
      const { connection, lane } = lanes[options.lane ?? 'query'];
      return lane.run(options.signal, () => read(connection, statement, output, options));
    },
    running: () => lanes.query.lane.running + lanes.point.lane.running,
    async close() {
      // The pool's close waits for the statements that still run.
      await Promise.all([query.close(), point.close()]);
    },
  };
}
