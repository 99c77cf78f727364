import { setTimeout as pause } from 'node:timers/promises';
import { MaplewoodError } from '../../errors.js';
import type { Dialect } from '../dialect.js';
import type { Warehouse } from '../warehouse.js';

export interface ReachSettings {
  /** Milliseconds between attempts. */
  readonly retryEvery?: number;
  /** Milliseconds that whoever opens the warehouse waits for the first one. */
  readonly patience?: number;
  /** Told once why the warehouse is not there yet. */
  readonly onRelease?: (event: { readonly id: number; readonly error?: unknown }) => void;
}

/**
 * The warehouse that `connect` gives; where that takes long or the server cannot be reached, one that has no release until it
 * can be. Errors of the first attempt other than `WAREHOUSE_UNAVAILABLE`.
 */
export async function openWhenReachable(
  dialect: Dialect,
  connect: () => Promise<Warehouse>,
  { retryEvery = 1_000, patience = 3_000, onRelease = () => undefined }: ReachSettings,
): Promise<Warehouse> {
  let [reached, closed]: [Warehouse | undefined, boolean] = [undefined, false];
  let told = false;
  const attempt = async (): Promise<void> => {
    const warehouse = await connect();
    if (closed) return warehouse.close();
    reached = warehouse;
    if (told) onRelease({ id: warehouse.open().info.id });
  };
  const tell = (error: unknown): void => {
    if (!told) onRelease({ id: 0, error });
    told = true;
  };
  const goOn = async (first: Promise<void>): Promise<void> => {
    let trying = first;
    while (!closed) {
      try {
        await trying;
        return;
      } catch (error) {
        tell(error);
      }
      await pause(retryEvery, undefined, { ref: false });
      if (!closed) trying = attempt();
    }
  };

  const first = attempt();
  const failure = await Promise.race([
    first.then(
      () => undefined,
      (error: unknown) => error,
    ),
    pause(patience, new MaplewoodError('WAREHOUSE_UNAVAILABLE'), { ref: false }),
  ]);
  if (
    failure !== undefined &&
    !(failure instanceof MaplewoodError && failure.code === 'WAREHOUSE_UNAVAILABLE')
  )
    throw failure;
  if (failure !== undefined) {
    tell(failure);
    void goOn(first);
  }
  return {
    dialect,
    open() {
      if (!reached) throw new MaplewoodError('WAREHOUSE_UNAVAILABLE');
      return reached.open();
    },
    running: () => reached?.running() ?? 0,
    async close() {
      closed = true;
      await reached?.close();
    },
  };
}
