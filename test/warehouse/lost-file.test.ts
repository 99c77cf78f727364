import { copyFileSync, readdirSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { openDuckdbWarehouse } from '../../src/warehouse/duckdb/release.js';
import type { Warehouse } from '../../src/warehouse/warehouse.js';
import { loadedHome } from '../support/home.js';
import { temporaryFolder } from '../support/landing.js';

const folder = temporaryFolder();
let warehouse: Warehouse;
let file: string;
const told: { id: number; error?: unknown }[] = [];

beforeAll(async () => {
  const { config } = await loadedHome(folder, {});
  const name = readdirSync(config.home.warehouse).find((one) => one.endsWith('.duckdb')) ?? '';
  file = join(config.home.warehouse, name);
  warehouse = await openDuckdbWarehouse({
    folder: config.home.warehouse,
    spill: join(folder, 'spill'),
    threads: 2,
    memoryLimit: '1GB',
    connections: 2,
    waiting: 10,
    pollEvery: 20,
    onRelease: (event) => told.push(event),
  });
});
afterAll(() => warehouse?.close());

const count = {
  sql: 'select cast(count(distinct hash(t)) as double) as n from fact_spell t',
  parameters: [],
};
const output = [{ name: 'n', type: { kind: 'int64' } }] as const;
const unavailable = expect.objectContaining({ code: 'WAREHOUSE_UNAVAILABLE' });

describe('a release whose file is cut off while it is served', () => {
  it('is not there, and is there again when its file is', async () => {
    const whole = join(folder, 'whole');
    copyFileSync(file, whole);
    truncateSync(file, 4096);
    const [handle, other] = [warehouse.open(), warehouse.open()];
    await expect(handle.read(count, output)).rejects.toEqual(unavailable);
    expect(() => warehouse.open()).toThrow(unavailable);
    handle.close();
    other.close();
    await pause(200);
    expect(() => warehouse.open()).toThrow(unavailable);
    // Tried all the time, told once.
    expect(told.map(({ id, error }) => [id, error !== undefined])).toEqual([[1, true]]);

    copyFileSync(whole, file);
    for (let turn = 0; turn < 100 && told.length < 2; turn += 1) await pause(20);
    expect(told[1]).toEqual({ id: 1 });
    const again = warehouse.open();
    expect((await again.read(count, output)).columns).toEqual([[expect.any(Number)]]);
    again.close();
    expect(warehouse.running()).toBe(0);
  });

  it('stays served where a statement fails for another reason', async () => {
    const handle = warehouse.open();
    const wrong = { sql: 'select * from no_such_table', parameters: [] };
    await expect(handle.read(wrong, output)).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(warehouse.open().info.id).toBe(1);
    handle.close();
  });
});
