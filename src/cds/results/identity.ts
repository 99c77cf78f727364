import { createHash } from 'node:crypto';
import type { Expression, RawBuilder } from 'kysely';
import type { Dialect } from '../../warehouse/dialect.js';
import { bind } from '../../warehouse/value.js';

const key = { kind: 'key128' } as const;

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

/** What stands for a rule in the key of a result. */
export const ruleKey = (rule: string): Uint8Array =>
  createHash('sha256').update(rule).digest().subarray(0, 16);
