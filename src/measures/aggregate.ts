import type { Scalar } from '../warehouse/value.js';

/** A test on one column of an event. Null satisfies none but `isNull`. */
export type Test =
  | { readonly op: '=' | '<>' | '<' | '<=' | '>' | '>='; readonly value: Exclude<Scalar, null> }
  | { readonly op: 'in'; readonly values: readonly Exclude<Scalar, null>[] }
  | { readonly op: 'isNull' | 'isNotNull' };

/** Tests by column, all of which must hold. */
export type Condition = Readonly<Record<string, Test>>;

export const eq = (value: string | number | boolean): Test => ({ op: '=', value });
export const lte = (value: number | string): Test => ({ op: '<=', value });
export const gt = (value: number | string): Test => ({ op: '>', value });
export const gte = (value: number | string): Test => ({ op: '>=', value });
export const oneOf = (values: readonly (string | number)[]): Test => ({ op: 'in', values });
export const isNull: Test = { op: 'isNull' };
export const isNotNull: Test = { op: 'isNotNull' };

/** Number of events that meet the condition. Adds up over any split of the events. */
export interface Count {
  readonly kind: 'count';
  readonly where: Condition;
}

/**
 * Sum of a column over the events that meet the condition; an event without a value adds nothing, and the sum of no
 * event is 0. Adds up over any split of the events. No value is negative.
 */
export interface Sum {
  readonly kind: 'sum';
  readonly column: string;
  readonly where: Condition;
  /** The column is a decimal of pounds, at most six digits behind the point; else it holds whole numbers. */
  readonly money: boolean;
}

/** Number of distinct patients with an event that meets the condition. */
export interface Persons {
  readonly kind: 'persons';
  readonly of: Count;
}

/** How a measure comes from the events of a cell. The whole vocabulary; a new kind is a new file in `measures`. */
export type Aggregate =
  | Count
  | Sum
  | Persons
  /** One number over another, of money in pounds and pence; null where the other is 0. */
  | { readonly kind: 'ratio'; readonly above: Count | Sum; readonly below: Count | Sum | Persons }
  /** 100 × numerator / denominator, null where the denominator is 0. */
  | { readonly kind: 'percentage'; readonly numerator: Count; readonly denominator: Count }
  /** Wilson 95 % limit of a percentage (Wilson 1927), null where the denominator is 0. */
  | {
      readonly kind: 'wilson';
      readonly numerator: Count;
      readonly denominator: Count;
      readonly limit: 'lower' | 'upper';
    }
  /** Arithmetic mean of a column over the events with a value; `where` leaves events out. */
  | { readonly kind: 'mean'; readonly column: string; readonly where: Condition }
  /** Continuous percentile of a column; `where` leaves events out. `p` from 0 to 1. */
  | { readonly kind: 'percentile'; readonly column: string; readonly p: number; readonly where: Condition }
  /** Events a sample (day, hour) of the cell's bucket: a mean number of people present. */
  | { readonly kind: 'perSample'; readonly of: Count }
  /** Largest number of events at one sample. */
  | { readonly kind: 'peak' }
  /** Beds of the cell's trusts; null where the cell is finer than a trust. Not about people. */
  | { readonly kind: 'capacity' }
  /** 100 × a `perSample` / capacity. */
  | { readonly kind: 'utilisation'; readonly of: Count }
  /** Whether the bucket touches days that the data do not cover. */
  | { readonly kind: 'isPartial' }
  | Rate
  | Standardised
  | Slope;

/** Events and the person-years in which they happened. */
interface OfPopulation {
  readonly events: Sum;
  readonly population: Count;
}

/** 100,000 × events / person-years, null where there are none. */
export interface Rate extends OfPopulation {
  readonly kind: 'rate';
}

/** Directly standardised rate per 100,000 over the members of a dimension, or a 95 % limit of it. */
export interface Standardised extends OfPopulation {
  readonly kind: 'standardised';
  readonly over: string;
  /** People of the standard population, by member 0, 1 … */
  readonly weights: readonly number[];
  readonly value: 'rate' | 'lower' | 'upper';
}

/** Slope index of inequality of the rate per 100,000 over the members of a dimension, in order. */
export interface Slope extends OfPopulation {
  readonly kind: 'slope';
  readonly over: string;
  readonly groups: readonly string[];
}

export const count = (where: Condition = {}): Count => ({ kind: 'count', where });
export const percentage = (numerator: Count, denominator: Count): Aggregate => ({
  kind: 'percentage',
  numerator,
  denominator,
});
/** Sum of whole numbers. */
export const sum = (column: string, where: Condition = {}): Sum => ({
  kind: 'sum',
  column,
  where,
  money: false,
});
/** Sum of pounds: exact, released with two digits. */
export const pounds = (column: string, where: Condition = {}): Sum => ({
  kind: 'sum',
  column,
  where,
  money: true,
});
export const persons = (where: Condition = {}): Persons => ({ kind: 'persons', of: count(where) });
export const ratio = (above: Count | Sum, below: Count | Sum | Persons): Aggregate => ({
  kind: 'ratio',
  above,
  below,
});
export const wilson = (numerator: Count, denominator: Count, limit: 'lower' | 'upper'): Aggregate => ({
  kind: 'wilson',
  numerator,
  denominator,
  limit,
});
export const mean = (column: string, where: Condition = {}): Aggregate => ({ kind: 'mean', column, where });
export const percentile = (column: string, p: number, where: Condition = {}): Aggregate => ({
  kind: 'percentile',
  column,
  p,
  where,
});
export const median = (column: string, where: Condition = {}): Aggregate => percentile(column, 0.5, where);
export const perSample = (of: Count): Aggregate => ({ kind: 'perSample', of });
export const peak: Aggregate = { kind: 'peak' };
export const capacity: Aggregate = { kind: 'capacity' };
export const utilisation = (of: Count): Aggregate => ({ kind: 'utilisation', of });
export const isPartial: Aggregate = { kind: 'isPartial' };

/**
 * The events whose patients are behind a mean, percentile or sum: those with a value. A test of the column itself holds
 * for no event without one.
 */
export const contributors = (aggregate: { readonly column: string; readonly where: Condition }): Count =>
  count({ [aggregate.column]: isNotNull, ...aggregate.where });
