import { rmSync } from 'node:fs';
import { type DuckDBConnection, DuckDBInstance, type DuckDBValue } from '@duckdb/node-api';
import { aroundSync, failPointArmed } from '../config/fail-point.js';
import { makeFolder } from '../config/home.js';
import { optimizer } from '../warehouse/duckdb/optimizer.js';
import { watchStatements } from './statement-points.js';

/** The embedded engine of one run: in memory, spilling into a folder of its own. */
export interface Engine {
  readonly connection: DuckDBConnection;
  /** How many of its threads may work at once, those that wait for statements among them. */
  readonly threads: number;
  run(sql: string, values?: Record<string, DuckDBValue>): Promise<void>;
  rows<T>(sql: string, values?: Record<string, DuckDBValue>): Promise<T[]>;
  /** The answer by column. */
  columns(sql: string): Promise<Record<string, readonly unknown[]>>;
  /** The same engine with temporary tables, transactions and a catalogue in use of its own. Closing it closes no other. */
  beside(): Promise<Engine>;
  close(): void;
}

export interface EngineOptions {
  readonly spill: string;
  readonly threads: number;
  readonly memoryLimit: string;
}

export async function openEngine(options: EngineOptions): Promise<Engine> {
  rmSync(options.spill, { recursive: true, force: true });
  makeFolder(options.spill, 'spill');
  const instance = await DuckDBInstance.create(':memory:', {
    threads: String(options.threads),
    memory_limit: options.memoryLimit,
    temp_directory: options.spill,
    preserve_insertion_order: 'true',
    ...optimizer,
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  return connected(instance, options.threads, () => {
    instance.closeSync();
    aroundSync('spill', 'remove', () => rmSync(options.spill, { recursive: true, force: true }));
  });
}

async function connected(instance: DuckDBInstance, threads: number, closed: () => void): Promise<Engine> {
  const connection = await instance.connect();
  await connection.run("set TimeZone = 'UTC'");
  if (failPointArmed()) watchStatements(connection);
  return {
    connection,
    threads,
    async run(sql, values) {
      await connection.run(sql, values);
    },
    async rows<T>(sql: string, values?: Record<string, DuckDBValue>) {
      const reader = await connection.runAndReadAll(sql, values);
      return reader.getRowObjectsJS() as T[];
    },
    async columns(sql) {
      const reader = await connection.runAndReadAll(sql);
      return reader.getColumnsObjectJS();
    },
    beside: () => connected(instance, threads, () => undefined),
    close() {
      connection.closeSync();
      closed();
    },
  };
}
