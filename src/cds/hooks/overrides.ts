/** What came of the cards of a rule. */
export interface RuleOverrides {
  /** Cards that were shown and of which somebody said what was done, the newest 200 of them. */
  readonly outcomes: number;
  /** Those that were overridden at last. */
  readonly overridden: number;
}

const newest = 200;
const fewest = 50;
const mostPercent = 90;

/** A rule of whose cards more than 90 % are overridden, of at least 50: its cards are shown as `info`. */
export const isDemoted = ({ outcomes, overridden }: RuleOverrides): boolean =>
  outcomes >= fewest && overridden * 100 > outcomes * mostPercent;

/** Counts what comes of cards, by rule. Of a card that is answered twice the last answer counts. */
export class OverrideCounts {
  private readonly byRule = new Map<string, Map<string, boolean>>();

  add(rule: string, card: string, isOverridden: boolean): void {
    const cards = this.byRule.get(rule) ?? new Map<string, boolean>();
    this.byRule.set(rule, cards);
    cards.delete(card);
    cards.set(card, isOverridden);
    const [oldest] = cards.keys();
    if (cards.size > newest && oldest !== undefined) cards.delete(oldest);
  }

  /** The rules that are demoted, by name. */
  demoted(): ReadonlyMap<string, RuleOverrides> {
    return new Map(
      [...this.byRule].flatMap(([rule, cards]): [string, RuleOverrides][] => {
        const overridden = [...cards.values()].filter((one) => one).length;
        const figures = { outcomes: cards.size, overridden };
        return isDemoted(figures) ? [[rule, figures]] : [];
      }),
    );
  }
}
