import type { KeyObject } from 'node:crypto';

/** Public keys of one issuer, by key id. */
export interface KeySource {
  /** The key, or undefined where the issuer has none of this id, or none can be had at the moment. */
  find(kid: string): Promise<KeyObject | undefined>;
}

/** A source that holds one key, such as that of the development issuer. */
export const singleKey = (kid: string, key: KeyObject): KeySource => ({
  find: async (wanted) => (wanted === kid ? key : undefined),
});
