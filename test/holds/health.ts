import { setTimeout as pause } from 'node:timers/promises';
import type { Served } from './served.js';

export interface HealthFigures {
  /** Slowest answer of each address, in milliseconds. */
  readonly slowest: Readonly<Record<string, number>>;
  /** Answers other than 200. */
  readonly bad: number;
  readonly asked: number;
  /** Highest resident memory that was seen. */
  readonly megabytes: number;
}

const addresses = ['/livez', '/readyz', '/metrics'] as const;

/** Asks how the server is, some times a second, until told to stop. */
export function watchHealth(served: Served): { ended(): Promise<HealthFigures> } {
  const slowest: Record<string, number> = {};
  let [bad, asked, megabytes, on] = [0, 0, 0, true];
  const ask = async (address: string): Promise<void> => {
    const began = performance.now();
    const status = await served.status(address);
    slowest[address] = Math.max(slowest[address] ?? 0, performance.now() - began);
    asked += 1;
    if (status !== 200) bad += 1;
  };
  const watching = (async () => {
    while (on) {
      for (const address of addresses) await ask(address);
      megabytes = Math.max(megabytes, served.megabytes());
      await pause(100);
    }
  })();
  return {
    async ended() {
      on = false;
      await watching;
      return { slowest, bad, asked, megabytes };
    },
  };
}
