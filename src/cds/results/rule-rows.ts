import type { Time } from '../arden/value.js';
import type { Registry } from '../facts/registry.js';
import { dayText } from '../facts/rows/bounds.js';
import type { Rule } from '../rules/read-rules.js';
import { type Compiled, isCompiled, type NotCompiled } from '../sql/compile.js';
import { audienceOf } from './audience.js';
import { purposeOf, titleOf, versionOf } from './slots.js';
import { subjectFact } from './subject.js';
import { textParts } from './text-parts.js';

/** A rule with what comes of its compilation. */
export interface PreparedRule {
  readonly rule: Rule;
  readonly compiled: Compiled | NotCompiled;
}

/** Marked as expired, or not reviewed in time. */
export const isExpired = ({ mlm, gem }: Pick<Rule, 'mlm' | 'gem'>, now: Time): boolean =>
  mlm.validation === 'expired' || gem.review.next < dayText(now);

/** What the table of rules says of one. */
export function ruleRow({ rule, compiled }: PreparedRule, registry: Registry, now: Time): object {
  const { name, sha256, mlm, gem } = rule;
  const { delivery, review, guideline, recommendation } = gem;
  const { roles, needsCare } = audienceOf(rule, registry);
  const reasons = isCompiled(compiled) ? [] : [...new Set(compiled.reasons.map(({ code }) => code))];
  return {
    rule: name,
    text_sha256: sha256,
    version: versionOf(mlm),
    title: titleOf(mlm),
    purpose: purposeOf(mlm).slice(0, 400),
    priority: mlm.priority,
    validation: mlm.validation,
    is_current: true,
    is_set_based: isCompiled(compiled),
    reasons: reasons.length === 0 ? null : reasons.join(',').slice(0, 400),
    objectives: delivery.objectives.join(','),
    suppress_days: delivery.suppress_days,
    rule_group: delivery.group ?? null,
    subject_fact: subjectFact(rule, registry)?.name ?? null,
    guideline_title: guideline.title.slice(0, 400),
    guideline_identifier: guideline.identifier.slice(0, 80),
    guideline_publisher: guideline.publisher.slice(0, 200),
    guideline_version: guideline.version.slice(0, 80),
    guideline_url: guideline.url.slice(0, 400),
    recommendation_id: recommendation.id.slice(0, 80),
    recommendation: recommendation.text.slice(0, 1000),
    strength: recommendation.strength,
    evidence_system: recommendation.evidence.system,
    evidence_quality: recommendation.evidence.quality,
    review_next: review.next,
    is_expired: isExpired(rule, now),
    seen_by: roles.join(','),
    needs_care: needsCare,
  };
}

/** The text of a rule and its provenance, in parts. */
export function textRows({ name, sha256, text, gem }: Rule): object[] {
  return [
    ...textParts(text).map((content, at) => ({ kind: 'mlm', part_no: at + 1, content })),
    ...textParts(JSON.stringify(gem)).map((content, at) => ({ kind: 'gem', part_no: at + 1, content })),
  ].map((part) => ({ rule: name, text_sha256: sha256, ...part }));
}
