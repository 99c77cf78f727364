import type { Time } from '../arden/value.js';
import type { Rule } from '../rules/read-rules.js';
import { type Compiled, isCompiled, type NotCompiled } from '../sql/compile.js';
import { subjectFact } from './rule-steps.js';
import { titleOf, versionOf } from './slots.js';

/** A rule with what comes of its compilation. */
export interface PreparedRule {
  readonly rule: Rule;
  readonly compiled: Compiled | NotCompiled;
}

/** What the table of rules says of one. */
export function ruleRow({ rule: { name, sha256, mlm, gem }, compiled }: PreparedRule, now: Time): object {
  const { delivery, review } = gem;
  const reasons = isCompiled(compiled) ? [] : [...new Set(compiled.reasons.map(({ code }) => code))];
  return {
    rule: name,
    text_sha256: sha256,
    version: versionOf(mlm),
    title: titleOf(mlm),
    validation: mlm.validation,
    is_current: true,
    is_set_based: isCompiled(compiled),
    reasons: reasons.length === 0 ? null : reasons.join(',').slice(0, 400),
    objectives: delivery.objectives.join(','),
    suppress_days: delivery.suppress_days,
    rule_group: delivery.group ?? null,
    subject_fact: isCompiled(compiled) ? (subjectFact(compiled.planAt(now))?.name ?? null) : null,
    review_next: review.next,
  };
}

/** A part is this long at most, in characters that may take two units each. */
const partLength = 1_000;

/** The text of a rule and its provenance, in parts. */
export function textRows({ name, sha256, text, gem }: Rule): object[] {
  return [
    ...parts(text).map((content, at) => ({ kind: 'mlm', part_no: at + 1, content })),
    ...parts(JSON.stringify(gem)).map((content, at) => ({ kind: 'gem', part_no: at + 1, content })),
  ].map((part) => ({ rule: name, text_sha256: sha256, ...part }));
}

function parts(text: string): string[] {
  const characters = [...text];
  return Array.from({ length: Math.ceil(characters.length / partLength) }, (_none, at) =>
    characters.slice(at * partLength, (at + 1) * partLength).join(''),
  );
}
