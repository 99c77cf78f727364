import { createHash } from 'node:crypto';
import type { Contract } from './contract.js';

/**
 * SHA-256, in lower-case hex, of all that a contract asks of a delivery: columns, types, other names, codes, rules.
 * What only describes is left out. A new digest asks for a new `version`; a test holds the two together.
 */
export function contractDigest(contract: Contract): string {
  const text = JSON.stringify({ ...contract, version: 0, description: '' }, (key, value: unknown) =>
    key === 'description' || key === 'reason' ? undefined : value,
  );
  return createHash('sha256').update(text).digest('hex');
}
