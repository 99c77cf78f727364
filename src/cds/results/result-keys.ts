import { type RawBuilder, sql } from 'kysely';
import { bind } from '../../warehouse/value.js';

export const hex = (key: unknown): string => Buffer.from(key as Uint8Array).toString('hex');

/** A table has rows of some results. */
export const keysAre = (keys: readonly Uint8Array[]): RawBuilder<boolean> =>
  sql<boolean>`${sql.ref('t.result_key')} in (${sql.join(keys.map((key) => bind({ kind: 'key128' }, key)))})`;
