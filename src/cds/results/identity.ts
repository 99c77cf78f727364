import { createHash } from 'node:crypto';
import type { Expression, RawBuilder } from 'kysely';
import type { Dialect } from '../../warehouse/dialect.js';
import { bucketStart } from '../../warehouse/grain.js';
import { bind } from '../../warehouse/value.js';
import type { Time } from '../arden/value.js';
import type { Delivery, Window } from '../provenance/gem.js';

const key = { kind: 'key128' } as const;

/** Local day of a time. */
export const localDay = ({ wall }: Time): string => new Date(wall).toISOString().slice(0, 10);

/** The instant as gold holds it. */
export const instantText = ({ instant }: Time): string =>
  `${new Date(Math.floor(instant / 1000) * 1000).toISOString().slice(0, 19)}Z`;

/**
 * Key of a result: of the rule, the patient, and the row that it is about, or else the bucket of time. It does not change
 * while the rule has its name and the row its key.
 */
export const resultKey = (
  rule: string,
  patient: Expression<unknown>,
  about: Expression<unknown>,
  dialect: Dialect,
): RawBuilder<Uint8Array> => dialect.digest([bind(key, ruleKey(rule)), patient, about]);

export const ruleKey = (rule: string): Uint8Array =>
  createHash('sha256').update(rule).digest().subarray(0, 16);

/** The bucket of time that a result of a rule without a subject is about, as 16 bytes. */
export function windowKey({ window = 'ever' }: Pick<Delivery, 'window'>, now: Time): RawBuilder<unknown> {
  const bytes = Buffer.alloc(16);
  bytes.write(bucketOf(window, localDay(now)), 'ascii');
  return bind(key, bytes);
}

const grains = { day: 'DAY', week: 'WEEK', month: 'MONTH', quarter: 'QUARTER', year: 'YEAR' } as const;

const bucketOf = (window: Window, day: string): string =>
  window === 'ever' ? window : bucketStart(grains[window], day);
