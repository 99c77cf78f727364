import { createHash } from 'node:crypto';
import type { Outcome } from '../arden/run/run.js';
import type { Time } from '../arden/value.js';
import type { Delivery } from '../provenance/gem.js';
import { ruleKey } from '../results/identity.js';
import { subjectKey } from '../results/subject.js';
import { windowBytes } from '../results/window.js';

const digestOf = (...parts: readonly Uint8Array[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest().subarray(0, 16);
};

/**
 * Key of a result, the same as the warehouse reckons for all patients at once: of the rule, the patient, and the row that the
 * result is about, or else the bucket of time. Null where the row that it would be about is not there.
 */
export function resultKey(
  { name, gem: { delivery } }: { readonly name: string; readonly gem: { readonly delivery: Delivery } },
  patient: Uint8Array,
  { evidence }: Pick<Outcome, 'evidence'>,
  now: Time,
): Buffer | null {
  const about =
    delivery.subject === undefined ? windowBytes(delivery, now) : subjectKey(delivery.subject, evidence);
  return about && digestOf(ruleKey(name), patient, about);
}
