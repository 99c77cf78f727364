import { availableParallelism } from 'node:os';
import type { InTurn } from '../../cds/patient/one-by-one.js';
import type { Overload } from '../../config/settings.js';
import type { FairGate } from './fair-gate.js';

/** Requests that read the warehouse at once, and heavy statements that its engine runs at once: each holds a thread. */
export const turnsOf = ({ running }: Pick<Overload, 'running'>): number =>
  running ?? Math.max(2, availableParallelism());

/** Work that takes the processor, in a turn of the caller at a gate. */
export const turnOf =
  (gate: FairGate, caller: string, signal: AbortSignal): InTurn =>
  async (work) => {
    const leave = await gate.enter(caller, signal);
    try {
      return await work();
    } finally {
      leave();
    }
  };
