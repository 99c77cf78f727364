import { type Expression, type RawBuilder, sql } from 'kysely';
import { type Aggregate, type Count, contributors, type Persons, type Sum } from '../measures/aggregate.js';
import { withheldOf } from '../measures/figures.js';
import { type PartList, personsOf, topOf } from '../measures/parts.js';
import { wilsonLimit } from '../measures/wilson.js';
import type { Dialect } from '../warehouse/dialect.js';
import { releasedPounds, roundedPounds } from './money.js';
import type { MoneyRounding } from './role.js';

/**
 * What a role may see of a cell (NHS Digital, HES and ECDS disclosure control, 2018): counts of few patients are
 * hidden, the others rounded; shares and limits come from the rounded counts; means, percentiles and sums need enough
 * patients, and a sum no one who has most of it.
 */
export interface DisclosureRule {
  /** Counts below this, and cells of fewer patients, are hidden. Zero is shown. */
  readonly threshold: number;
  /** Counts are rounded to its nearest multiple, halves up. */
  readonly base: number;
}

/** A measure as it may be released. `hidden` is undefined where it never is. */
export interface Released {
  readonly value: RawBuilder<unknown>;
  readonly hidden: RawBuilder<boolean> | undefined;
}

/** A percentile needs so many patients that it does not show a single one. */
const personsForPercentile = (p: number, threshold: number): number =>
  p >= 0.95 ? 40 : p >= 0.9 ? 20 : threshold;

const ref = (column: string): RawBuilder<number> => sql<number>`${sql.ref(`c.${column}`)}`;
const ratio = (
  dialect: Dialect,
  above: Expression<unknown>,
  below: Expression<unknown>,
): RawBuilder<number> =>
  sql<number>`(100 * ${dialect.toDouble(above)} / nullif(${dialect.toDouble(below)}, 0))`;

/** One released number over another. */
const quotient = (
  dialect: Dialect,
  aggregate: Aggregate & { kind: 'ratio' },
  above: Expression<unknown>,
  below: Expression<unknown>,
): RawBuilder<unknown> =>
  aggregate.above.kind === 'sum' && aggregate.above.money
    ? releasedPounds(dialect.poundsPer(above, below))
    : sql`(${dialect.toDouble(above)} / nullif(${dialect.toDouble(below)}, 0))`;

/** The measure exactly as the cell has it. */
export function exact(dialect: Dialect, parts: PartList, aggregate: Aggregate): Released {
  const plain = (operand: Count | Sum | Persons): RawBuilder<unknown> => {
    switch (operand.kind) {
      case 'count':
        return ref(parts.idOf(operand));
      case 'persons':
        return ref(personsOf(parts.idOf(operand.of)));
      case 'sum': {
        const value = ref(parts.valueId(operand));
        return operand.money ? releasedPounds(value) : value;
      }
    }
  };
  const value = (): RawBuilder<unknown> => {
    switch (aggregate.kind) {
      case 'count':
      case 'sum':
      case 'persons':
        return plain(aggregate);
      case 'ratio':
        return quotient(dialect, aggregate, plain(aggregate.above), plain(aggregate.below));
      case 'wilson':
        return wilsonLimit(
          dialect,
          plain(aggregate.numerator),
          plain(aggregate.denominator),
          aggregate.limit,
        );
      case 'percentage':
        return ratio(dialect, ref(parts.idOf(aggregate.numerator)), ref(parts.idOf(aggregate.denominator)));
      case 'mean':
        return ref(parts.valueId(aggregate));
      // Interpolation leaves a remainder that differs by engine: equal percentiles would not be equal in an order.
      case 'percentile':
        return dialect.roundDecimals(ref(parts.valueId(aggregate)), 9);
      case 'perSample':
        return perSample(dialect, ref(parts.idOf(aggregate.of)));
      case 'utilisation':
        return ratio(dialect, perSample(dialect, ref(parts.idOf(aggregate.of))), ref('capacity'));
      case 'capacity':
      case 'peak':
        return ref(aggregate.kind);
      case 'rate':
        return perPopulation(dialect, plain(aggregate.events), plain(aggregate.population));
      case 'isPartial':
      case 'standardised':
      case 'slope':
        throw new Error(`${aggregate.kind} is no property of the cell alone`);
    }
  };
  return { value: value(), hidden: undefined };
}

/** One patient with more than this share of a sum, in percent, would be known by it. */
export const dominant = 85;

/** The measure under disclosure control. */
export function controlled(
  dialect: Dialect,
  parts: PartList,
  aggregate: Aggregate,
  rule: DisclosureRule,
  { money, published }: { readonly money: MoneyRounding; readonly published: boolean },
): Released {
  const few = (column: string, least = rule.threshold): RawBuilder<boolean> =>
    sql<boolean>`(${ref(column)} < ${sql.lit(least)})`;
  // What is published may be withheld for the sake of others, even where it is zero.
  const hides = (small: readonly RawBuilder<boolean>[], any: string, figure: string): RawBuilder<boolean> => {
    const isSmall = sql<boolean>`(${ref(any)} > 0 and (${sql.join(small, sql` or `)}))`;
    return published ? sql<boolean>`(${isSmall} or ${ref(withheldOf(figure))} = 1)` : isSmall;
  };
  // A count of zero says nothing about anybody; a small count hides, as does a count of few people.
  const countHidden = (id: string): RawBuilder<boolean> => hides([few(id), few(personsOf(id))], id, id);
  const countShown = (id: string): RawBuilder<number> =>
    sql<number>`(case when ${countHidden(id)} then null else ${dialect.roundTo(rule.base, ref(id))} end)`;

  const personsReleased = ({ of }: Persons): Released & { hidden: RawBuilder<boolean> } => {
    const id = personsOf(parts.idOf(of));
    const hidden = hides([few(id)], id, id);
    return {
      value: sql`(case when ${hidden} then null else ${dialect.roundTo(rule.base, ref(id))} end)`,
      hidden,
    };
  };
  // A sum of things is a count of them; of none it is zero, which says nothing about anybody.
  const sumReleased = (sum: Sum): Released & { hidden: RawBuilder<boolean> } => {
    const [id, who] = [parts.valueId(sum), personsOf(parts.idOf(contributors(sum)))];
    const small = sum.money ? [] : [sql<boolean>`(${ref(id)} > 0 and ${few(id)})`];
    const most = sql<boolean>`${ref(topOf(id))} * 100 > ${ref(id)} * ${sql.lit(dominant)}`;
    const hidden = hides([few(who), ...small, most], who, sum.money ? parts.idOf(contributors(sum)) : id);
    const rounded = sum.money ? roundedPounds(dialect, money, ref(id)) : dialect.roundTo(rule.base, ref(id));
    return { value: sql`(case when ${hidden} then null else ${rounded} end)`, hidden };
  };
  const countReleased = (count: Count): Released & { hidden: RawBuilder<boolean> } => {
    const id = parts.idOf(count);
    return { value: countShown(id), hidden: countHidden(id) };
  };
  const released = (operand: Count | Sum | Persons): Released & { hidden: RawBuilder<boolean> } => {
    switch (operand.kind) {
      case 'count':
        return countReleased(operand);
      case 'sum':
        return sumReleased(operand);
      case 'persons':
        return personsReleased(operand);
    }
  };

  switch (aggregate.kind) {
    case 'count':
    case 'sum':
    case 'persons':
      return released(aggregate);
    case 'ratio': {
      const [above, below] = [released(aggregate.above), released(aggregate.below)];
      return {
        value: quotient(dialect, aggregate, above.value, below.value),
        hidden: sql<boolean>`(${above.hidden} or ${below.hidden})`,
      };
    }
    case 'rate': {
      const [above, below] = [released(aggregate.events), released(aggregate.population)];
      const rate = perPopulation(dialect, above.value, below.value);
      return {
        value: percent(dialect, rate, below.value),
        hidden: sql<boolean>`(${above.hidden} or ${below.hidden})`,
      };
    }
    case 'wilson': {
      const [above, below] = [countReleased(aggregate.numerator), countReleased(aggregate.denominator)];
      const limit = wilsonLimit(dialect, above.value, below.value, aggregate.limit);
      return {
        value: dialect.roundDecimals(limit, 1),
        hidden: sql<boolean>`(${above.hidden} or ${below.hidden})`,
      };
    }
    case 'percentage': {
      const [above, below] = [parts.idOf(aggregate.numerator), parts.idOf(aggregate.denominator)];
      return {
        value: percent(dialect, ratio(dialect, countShown(above), countShown(below)), countShown(below)),
        hidden: sql<boolean>`(${countHidden(above)} or ${countHidden(below)})`,
      };
    }
    case 'mean':
    case 'percentile': {
      const id = parts.valueId(aggregate);
      const least =
        aggregate.kind === 'mean' ? rule.threshold : personsForPercentile(aggregate.p, rule.threshold);
      const behind = parts.idOf(contributors(aggregate));
      const hidden = hides([few(personsOf(behind), least)], behind, behind);
      return {
        value: sql`(case when ${hidden} then null else ${dialect.roundDecimals(ref(id), 1)} end)`,
        hidden,
      };
    }
    // The number of samples is public, so an exact mean would give the count away: it comes from the released one.
    case 'perSample': {
      const id = parts.idOf(aggregate.of);
      return {
        value: dialect.roundDecimals(perSample(dialect, countShown(id)), 1),
        hidden: sql<boolean>`(${ref('samples')} is not null and ${countHidden(id)})`,
      };
    }
    case 'utilisation': {
      const id = parts.idOf(aggregate.of);
      return {
        value: percent(
          dialect,
          ratio(dialect, perSample(dialect, countShown(id)), ref('capacity')),
          ref('capacity'),
        ),
        hidden: sql<boolean>`(${ref('samples')} is not null and ${ref('capacity')} is not null and ${countHidden(id)})`,
      };
    }
    // Not about people.
    case 'capacity':
      return exact(dialect, parts, aggregate);
    case 'peak':
    case 'isPartial':
    case 'standardised':
    case 'slope':
      throw new Error(`${aggregate.kind} is not released from the cell alone under disclosure control`);
  }
}

const perPopulation = (
  dialect: Dialect,
  events: Expression<unknown>,
  people: Expression<unknown>,
): RawBuilder<unknown> =>
  sql`(100000 * ${dialect.toDouble(events)} / nullif(${dialect.toDouble(people)}, 0))`;

const perSample = (dialect: Dialect, count: Expression<unknown>): RawBuilder<number> =>
  sql<number>`(${dialect.toDouble(count)} / nullif(${ref('samples')}, 0))`;

/** One decimal where the denominator is at least 4,000, else a whole number. */
export const percent = (
  dialect: Dialect,
  value: RawBuilder<unknown>,
  denominator: RawBuilder<unknown>,
): RawBuilder<unknown> =>
  sql`(case when ${denominator} >= 4000 then ${dialect.roundDecimals(value, 1)} else ${dialect.roundDecimals(value, 0)} end)`;
