import { setTimeout as pause } from 'node:timers/promises';
import { MaplewoodError } from '../../../src/errors.js';
import { tsqlDialect } from '../../../src/warehouse/mssql/dialect.js';
import { openWhenReachable } from '../../../src/warehouse/mssql/when-reachable.js';
import type { ReleaseHandle, Warehouse } from '../../../src/warehouse/warehouse.js';

const dialect = tsqlDialect('sqlserver');
const unavailable = expect.objectContaining({ code: 'WAREHOUSE_UNAVAILABLE' });

/** A server that can be reached from some attempt on. */
function server(from: number, error: () => Error = () => new MaplewoodError('WAREHOUSE_UNAVAILABLE')) {
  const state = { attempts: 0, closed: 0 };
  const reached: Warehouse = {
    dialect,
    open: () => ({ info: { id: 5 } }) as unknown as ReleaseHandle,
    running: () => 2,
    close: async () => {
      state.closed += 1;
    },
  };
  const connect = async (): Promise<Warehouse> => {
    state.attempts += 1;
    if (state.attempts < from) throw error();
    return reached;
  };
  return { state, connect };
}

describe('a warehouse on a server that cannot be reached yet', () => {
  it('is there at once where it can be reached', async () => {
    const { state, connect } = server(1);
    const warehouse = await openWhenReachable(dialect, connect, {});
    expect([warehouse.open().info.id, warehouse.running()]).toEqual([5, 2]);
    await warehouse.close();
    expect(state).toEqual({ attempts: 1, closed: 1 });
  });

  it('has no release until it can be, and then has by itself', async () => {
    const { state, connect } = server(4);
    const told: unknown[] = [];
    const onRelease = ({ id, error }: { id: number; error?: unknown }) => told.push(error ?? id);
    const warehouse = await openWhenReachable(dialect, connect, { retryEvery: 10, onRelease });
    expect(() => warehouse.open()).toThrow(unavailable);
    expect(warehouse.running()).toBe(0);
    while (state.attempts < 4) await pause(5);
    await pause(5);
    expect(warehouse.open().info.id).toBe(5);
    expect(told).toEqual([unavailable, 5]);
    await warehouse.close();
  });

  it('does not wait for a server that says nothing, and lets go of one that answers too late', async () => {
    const { state, connect } = server(1);
    let answer: () => void = () => undefined;
    const silence = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const slow = async (): Promise<Warehouse> => silence.then(connect);
    const warehouse = await openWhenReachable(dialect, slow, { patience: 20 });
    expect(() => warehouse.open()).toThrow(unavailable);
    await warehouse.close();
    answer();
    await pause(20);
    expect(state).toEqual({ attempts: 1, closed: 1 });
  });

  it('is not opened with an address or login that is wrong', async () => {
    const { connect } = server(2, () => new MaplewoodError('CONFIGURATION'));
    await expect(openWhenReachable(dialect, connect, {})).rejects.toMatchObject({ code: 'CONFIGURATION' });
  });
});
