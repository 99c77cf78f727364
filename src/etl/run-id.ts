import { randomBytes } from 'node:crypto';

/** Name of one process that holds the lease: its instant in UTC, and letters that no other has. */
export const newRunId = (at: Date): string =>
  `${at.toISOString().replace(/[-:]/g, '').slice(0, 15)}-${randomBytes(3).toString('hex')}`;
