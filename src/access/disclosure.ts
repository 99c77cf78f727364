import { type Expression, type RawBuilder, sql } from 'kysely';
import type { Aggregate } from '../measures/aggregate.js';
import { events, type PartList, personsOf } from '../measures/parts.js';
import type { Dialect } from '../warehouse/dialect.js';

/**
 * What a role may see of a cell (NHS Digital, HES and ECDS disclosure control, 2018): counts of few patients are
 * hidden, the others rounded; shares come from the rounded counts; means and percentiles need enough patients.
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

/** The measure exactly as the cell has it. */
export function exact(dialect: Dialect, parts: PartList, aggregate: Aggregate): Released {
  const value = (): RawBuilder<unknown> => {
    switch (aggregate.kind) {
      case 'count':
        return ref(parts.idOf(aggregate));
      case 'percentage':
        return ratio(dialect, ref(parts.idOf(aggregate.numerator)), ref(parts.idOf(aggregate.denominator)));
      case 'mean':
      case 'percentile':
        return ref(parts.valueId(aggregate));
      case 'perSample':
        return perSample(dialect, ref(parts.idOf(aggregate.of)));
      case 'utilisation':
        return ratio(dialect, perSample(dialect, ref(parts.idOf(aggregate.of))), ref('capacity'));
      case 'capacity':
      case 'peak':
        return ref(aggregate.kind);
      case 'isPartial':
        throw new Error('isPartial is a property of the bucket, not of the cell');
    }
  };
  return { value: value(), hidden: undefined };
}

/** The measure under disclosure control. */
export function controlled(
  dialect: Dialect,
  parts: PartList,
  aggregate: Aggregate,
  rule: DisclosureRule,
): Released {
  const few = (column: string, least = rule.threshold): RawBuilder<boolean> =>
    sql<boolean>`(${ref(column)} < ${sql.lit(least)})`;
  // A count of zero says nothing about anybody; a small count hides, as does a count of few people.
  const countHidden = (id: string): RawBuilder<boolean> =>
    sql<boolean>`(${ref(id)} > 0 and (${few(id)} or ${few(personsOf(id))}))`;
  const countShown = (id: string): RawBuilder<number> =>
    sql<number>`(case when ${countHidden(id)} then null else ${dialect.roundTo(rule.base, ref(id))} end)`;

  switch (aggregate.kind) {
    case 'count': {
      const id = parts.idOf(aggregate);
      return { value: countShown(id), hidden: countHidden(id) };
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
      const hidden = sql<boolean>`(${ref(id)} is not null and ${few(personsOf(events), least)})`;
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
      throw new Error(`${aggregate.kind} is not released under disclosure control`);
  }
}

const perSample = (dialect: Dialect, count: Expression<unknown>): RawBuilder<number> =>
  sql<number>`(${dialect.toDouble(count)} / nullif(${ref('samples')}, 0))`;

/** One decimal where the denominator is at least 4,000, else a whole number. */
const percent = (
  dialect: Dialect,
  value: RawBuilder<number>,
  denominator: RawBuilder<number>,
): RawBuilder<unknown> =>
  sql`(case when ${denominator} >= 4000 then ${dialect.roundDecimals(value, 1)} else ${dialect.roundDecimals(value, 0)} end)`;
