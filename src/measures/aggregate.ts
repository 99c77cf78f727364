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
export const isNotNull: Test = { op: 'isNotNull' };

/** Number of events that meet the condition. Adds up over any split of the events. */
export interface Count {
  readonly kind: 'count';
  readonly where: Condition;
}

/** How a measure comes from the events of a cell. The whole vocabulary; a new kind is a new file in `measures`. */
export type Aggregate =
  | Count
  /** 100 × numerator / denominator, null where the denominator is 0. */
  | { readonly kind: 'percentage'; readonly numerator: Count; readonly denominator: Count }
  /** Arithmetic mean of a column over the events with a value. */
  | { readonly kind: 'mean'; readonly column: string }
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
  | { readonly kind: 'isPartial' };

export const count = (where: Condition = {}): Count => ({ kind: 'count', where });
export const percentage = (numerator: Count, denominator: Count): Aggregate => ({
  kind: 'percentage',
  numerator,
  denominator,
});
export const mean = (column: string): Aggregate => ({ kind: 'mean', column });
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
