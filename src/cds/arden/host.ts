import type { Datum, Time, Value } from './value.js';

/** One row of what a READ names, with a value for each of its columns. */
export interface Row {
  /** Primary time; null where the fact has none. */
  readonly time: Time | null;
  readonly values: readonly Datum[];
  /** Names the row as evidence; undefined in a fixture. */
  readonly key?: string;
}

/** Where a run of one MLM for one patient gets what lies outside of it. All of it is known before the run begins. */
export interface Host {
  readonly now: Time;
  /** Wall clock: forbidden in rules that must be repeatable. */
  readonly currentTime: Time;
  /** The event that evoked the run, by the text between the braces of its declaration, and when it happened. */
  readonly event?: { readonly name: string; readonly time: Time };
  /** When the MLM was triggered, after any delay. */
  readonly triggerTime: Time;
  /** Values of ARGUMENT, in order. */
  readonly arguments: readonly Value[];
  /**
   * The rows of a READ for the patient, by the text between its braces: ordered by primary time, then by row key, no row later
   * than `now`. Undefined: nothing is bound to the text.
   */
  readonly rows: (braces: string) => readonly Row[] | undefined;
  /** What a MESSAGE or DESTINATION stands for, by the text between its braces; undefined where nothing is bound. */
  readonly text: (what: 'message' | 'destination', braces: string) => string | undefined;
  /** Values that an INTERFACE returns for the arguments; undefined where nothing is bound. */
  readonly callInterface: (braces: string, given: readonly Value[]) => readonly Value[] | undefined;
  /** Language of LOCALIZED. */
  readonly language: string;
}

/** A host that has rows and nothing else: no event, no arguments, and the same answer every time. */
export const hostOfRows = (now: Time, rows: Host['rows']): Host => ({
  now,
  currentTime: now,
  triggerTime: now,
  arguments: [],
  rows,
  text: () => undefined,
  callInterface: () => undefined,
  language: 'en',
});
