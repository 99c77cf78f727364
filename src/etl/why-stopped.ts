import { MaplewoodError, systemCode } from '../errors.js';
import type { Lease } from '../lake/lease.js';

/**
 * The error for the reader of a run that holds the lease. One that was overtaken fails in many ways: the other run
 * tidies its files away. `advice` completes "The disk is full.".
 */
export async function whyStopped(error: unknown, lease: Lease, advice: string): Promise<unknown> {
  if (systemCode(error) === 'ENOSPC' || /No space left|ENOSPC|Out of disk/i.test(String(error))) {
    return new MaplewoodError('DISK_FULL', `The disk is full. ${advice}`, { cause: error });
  }
  const overtaken = await lease.check().catch((found: unknown) => found);
  return overtaken instanceof MaplewoodError ? overtaken : error;
}
