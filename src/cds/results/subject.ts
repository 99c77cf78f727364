import type { Outcome } from '../arden/run/run.js';
import type { Fact } from '../facts/fact.js';
import { isReference, parseReference } from '../facts/reference/parse.js';
import type { Registry } from '../facts/registry.js';
import { readsOf } from '../provenance/check-gem.js';
import type { Rule } from '../rules/read-rules.js';

const isNamed = (subject: string, name: string): boolean => name.toLowerCase() === subject.toLowerCase();

/** The fact whose row the results of a rule are about; undefined where they are about the patient. */
export function subjectFact({ mlm, gem }: Pick<Rule, 'mlm' | 'gem'>, registry: Registry): Fact | undefined {
  const { subject } = gem.delivery;
  if (subject === undefined) return undefined;
  const read = readsOf(mlm).find(({ targets }) => targets.some(({ name }) => isNamed(subject, name)));
  const reference = read && parseReference(read.braces.text, registry);
  return reference && isReference(reference) ? reference.fact : undefined;
}

/** Key of the row that the READ of a variable has chosen; null where there is none. */
export function subjectKey(subject: string, evidence: Outcome['evidence']): Buffer | null {
  const read = evidence.findLast(({ targets }) => targets.some((name) => isNamed(subject, name)));
  const key = read?.keys.at(-1);
  return key === undefined || !/^[0-9a-f]{32}$/.test(key) ? null : Buffer.from(key, 'hex');
}
