import type { Aggregate } from '../measures/aggregate.js';
import type { DisclosureRule } from './disclosure.js';
import { type MoneyRounding, type Role, roleDeclarations } from './role.js';

const rounding: Readonly<Record<MoneyRounding, string>> = {
  twoFigures: 'rounded to two figures, never finer than £10',
  tens: 'rounded to £10',
  pence: 'not rounded',
};

/** What disclosure control makes of a measure for a role, in words: what `controlled` does. */
export function releasedAs(aggregate: Aggregate, role: Role, { threshold, base }: DisclosureRule): string {
  const { profile, money } = roleDeclarations[role];
  if (aggregate.kind === 'capacity' || aggregate.kind === 'isPartial')
    return 'As it is: it is not about people.';
  if (profile === 'exact') return 'Exact.';
  const few = `of 1 to ${threshold - 1} patients`;
  switch (aggregate.kind) {
    case 'count':
      return `Rounded to ${base}; hidden where it is 1 to ${threshold - 1}, or ${few}.`;
    case 'persons':
      return `Rounded to ${base}; hidden where it is 1 to ${threshold - 1}.`;
    case 'sum':
      return aggregate.money
        ? `Pounds ${rounding[money]}; hidden where it comes ${few}, or one patient has more than 85 % of it.`
        : `Rounded to ${base}; hidden where it is 1 to ${threshold - 1}, comes ${few}, or one patient has more than 85 % of it.`;
    case 'ratio':
      return 'From the two figures as they are shown to you; hidden where one of them is.';
    case 'percentage':
    case 'utilisation':
    case 'rate':
    case 'standardised':
    case 'slope':
      return 'From the counts as they are shown to you, in whole numbers, and to one decimal from a denominator of 4,000 on; hidden where one of them is.';
    case 'wilson':
      return 'From the counts as they are shown to you, to one decimal; hidden where one of them is.';
    case 'perSample':
      return 'From the count as it is shown to you, to one decimal; hidden where that is.';
    case 'mean':
      return `To one decimal; hidden ${few}.`;
    case 'percentile': {
      const least = aggregate.p >= 0.95 ? 40 : aggregate.p >= 0.9 ? 20 : threshold;
      return `To one decimal; hidden of 1 to ${least - 1} patients.`;
    }
    case 'peak':
      return 'Not shown under disclosure control.';
  }
}
