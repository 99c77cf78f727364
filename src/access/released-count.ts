import type { DisclosureRule } from './disclosure.js';

/**
 * A whole number computed from released figures, shown as a count of patients would be: null from 1 up to the threshold,
 * else the nearest multiple of the base, halves up.
 */
export function releasedCount(count: number, { threshold, base }: DisclosureRule): number | null {
  if (count > 0 && count < threshold) return null;
  return Math.floor((count + Math.floor(base / 2)) / base) * base;
}
