import { formatWallClock } from '../arden/run/format.js';
import type { Time } from '../arden/value.js';
import { type Indicator, indicatorOf } from '../results/urgency.js';
import type { Fired } from './evaluate.js';
import { asMarkdown } from './markdown.js';
import type { Reason } from './reasons.js';
import { summaryOf } from './summary.js';

/** A card (CDS Hooks 2.0, "Card Attributes"). It suggests no action: what to do is for its reader to decide. */
export interface Card {
  readonly uuid: string;
  readonly summary: string;
  /** GitHub-flavoured Markdown. */
  readonly detail: string;
  readonly indicator: Indicator;
  readonly source: { readonly label: string; readonly url?: string };
  readonly overrideReasons: readonly Reason[];
  readonly links?: readonly { readonly label: string; readonly url: string; readonly type: 'absolute' }[];
}

/** What decision support says of itself wherever a result is shown. */
export const disclaimer = 'Decision support for review; not a medical device, not clinically validated.';

/** The card of a rule that fires; of one that is demoted it is for information alone. */
export function cardOf(
  fired: Fired,
  uuid: string,
  asOf: Time,
  reasons: readonly Reason[],
  isDemoted = false,
): Card {
  const { rule, message, urgency, values } = fired;
  const { guideline } = rule.gem;
  const url = guideline.url.startsWith('https://') ? guideline.url : undefined;
  const label = `${guideline.title} (${guideline.publisher})`;
  return {
    uuid,
    summary: summaryOf(message, values),
    detail: detailOf(fired, asOf),
    indicator: isDemoted ? 'info' : indicatorOf(urgency),
    source: { label, ...(url === undefined ? {} : { url }) },
    overrideReasons: reasons,
    ...(url === undefined ? {} : { links: [{ label: guideline.title, url, type: 'absolute' }] }),
  };
}

function detailOf({ rule, message }: Fired, { wall }: Time): string {
  const { guideline, recommendation } = rule.gem;
  const { evidence, strength } = recommendation;
  const version = rule.mlm.slots.find(({ name }) => name === 'version')?.text ?? '';
  return [
    `**${asMarkdown(message)}**`,
    asMarkdown(recommendation.text),
    [
      `Guideline: ${asMarkdown(`${guideline.title}, ${guideline.publisher}, ${guideline.published}`)}`,
      `Strength: ${asMarkdown(strength)}; evidence: ${asMarkdown(`${evidence.quality} (${evidence.system})`)}`,
      `Rule: ${asMarkdown(`${rule.name} ${version}`)}, as of ${formatWallClock(wall)}`,
    ]
      .map((line) => `- ${line}`)
      .join('\n'),
    `_${disclaimer}_`,
  ].join('\n\n');
}

/**
 * The most urgent first, and of rules of one group the most urgent alone. Equal urgency: by the priority of the rule, then
 * by its name.
 */
export function inOrder<T extends Pick<Fired, 'rule' | 'urgency'>>(fired: readonly T[]): readonly T[] {
  const groups = new Set<string>();
  return [...fired]
    .sort(
      (a, b) =>
        b.urgency - a.urgency ||
        b.rule.mlm.priority - a.rule.mlm.priority ||
        (a.rule.name < b.rule.name ? -1 : 1),
    )
    .filter(({ rule }) => {
      const { group } = rule.gem.delivery;
      if (group === undefined) return true;
      if (groups.has(group)) return false;
      groups.add(group);
      return true;
    });
}
