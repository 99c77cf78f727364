import { bucketStart } from '../../warehouse/grain.js';
import type { Time } from '../arden/value.js';
import { dayText } from '../facts/rows/bounds.js';
import type { Delivery } from '../provenance/gem.js';

const grains = { day: 'DAY', week: 'WEEK', month: 'MONTH', quarter: 'QUARTER', year: 'YEAR' } as const;

/**
 * The window of time that a result of a rule without a subject is about: its first day, or `ever` where there is one result
 * for all time.
 */
export const windowOf = ({ window = 'ever' }: Pick<Delivery, 'window'>, now: Time): string =>
  window === 'ever' ? window : bucketStart(grains[window], dayText(now));

/** The same as the 16 bytes that stand for it in the key of a result. */
export function windowBytes(delivery: Pick<Delivery, 'window'>, now: Time): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.write(windowOf(delivery, now), 'ascii');
  return bytes;
}
