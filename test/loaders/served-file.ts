import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openDuckdbWarehouse } from '../../src/warehouse/duckdb/release.js';
import type { Warehouse } from '../../src/warehouse/warehouse.js';

/** Name of the database file of the one release in a folder. */
export const servedFile = '00000001.duckdb';

/** Publishes the database file in the folder as a release, and opens the folder as a warehouse of two connections. */
export function serveFile(folder: string, dataAsOf: string): Promise<Warehouse> {
  const manifest = {
    id: 1,
    publishedAt: '2024-02-01T00:00:00Z',
    dataAsOf,
    file: servedFile,
    identifiedFile: '',
    bytes: 0,
    warehouseKey: '',
    inputs: '',
    runId: '',
  };
  writeFileSync(join(folder, '00000001.json'), JSON.stringify(manifest));
  return openDuckdbWarehouse({
    folder,
    spill: join(folder, 'spill'),
    threads: 2,
    memoryLimit: '1GB',
    connections: 2,
    waiting: 10,
    pollEvery: 60_000,
  });
}
