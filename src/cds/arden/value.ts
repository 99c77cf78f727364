/** Values of the language. None of them is ever changed, but for objects, which have reference semantics. */

/**
 * A time: the wall clock of Europe/London that it shows, and the instant that it stands for, both in milliseconds, the wall
 * clock as if it were UTC. A wall clock of a literal or of arithmetic stands for the first instant at which that
 * clock is reached or passed: of an hour that comes twice the first, of an hour that is left out the moment of the change.
 * Times are compared and ordered by their instants.
 */
export interface Time {
  readonly wall: number;
  readonly instant: number;
}

/** Either months or seconds; years are months, weeks to hours are seconds. */
export interface Duration {
  readonly unit: 'months' | 'seconds';
  readonly amount: number;
}

/** An object: attributes in the order of its type, by lower-case name. */
export interface ArdenObject {
  readonly type: string;
  readonly attributes: Map<string, Value>;
}

export type Datum =
  | { readonly type: 'null' }
  | { readonly type: 'boolean'; readonly value: boolean }
  | { readonly type: 'number'; readonly value: number }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'time'; readonly value: Time }
  | { readonly type: 'time of day'; readonly value: number }
  | { readonly type: 'day of week'; readonly value: number }
  | { readonly type: 'duration'; readonly value: Duration }
  | { readonly type: 'term'; readonly value: string }
  | { readonly type: 'object'; readonly value: ArdenObject };

/** A single value with its primary time; null where it has none. */
export type Item = Datum & { readonly primaryTime: Time | null };

/** Lists are flat. */
export interface List {
  readonly type: 'list';
  readonly items: readonly Item[];
}

export type Value = Item | List;
