import { availableParallelism } from 'node:os';
import type { Overload } from '../../config/settings.js';

/** Requests that read the warehouse at once, and heavy statements that its engine runs at once: each holds a thread. */
export const turnsOf = ({ running }: Pick<Overload, 'running'>): number =>
  running ?? Math.max(2, availableParallelism());
