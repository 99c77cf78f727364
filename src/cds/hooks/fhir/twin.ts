import type { Json } from './resource.js';

/** What a client has prefetched for one patient, and nothing else. */
export interface Prefetched {
  /** Resources by the name of the fact whose twin they are; a fact is there if its resources are, none of them included. */
  readonly ofFact: ReadonlyMap<string, readonly Json[]>;
  /** All resources by `Type/id`. */
  readonly byReference: ReadonlyMap<string, Json>;
  /** Conditions that name their encounter, by its id. */
  readonly conditionsOf: ReadonlyMap<string, readonly Json[]>;
  /** Day of birth, where it is known as a day. */
  readonly born: string | null;
}

/** Columns of a row by their names. */
export type TwinRow = Readonly<Record<string, string | number | boolean | null>>;

/** Rows of a fact, and the columns that they have: a column that is not named says nothing. */
export interface TwinRows {
  readonly columns: ReadonlySet<string>;
  readonly rows: readonly TwinRow[];
}

/** The resources that stand for the rows of a fact. */
export interface Twin {
  readonly fact: string;
  /** Columns that there can be, whatever a client sends. */
  readonly columns: readonly string[];
  rows(resources: readonly Json[], prefetched: Prefetched): TwinRows;
}

/** Completed years on a day. */
export function ageOn(born: string | null, day: string | null): number | null {
  if (born === null || day === null || day < born) return null;
  const years = Number(day.slice(0, 4)) - Number(born.slice(0, 4));
  return day.slice(5) < born.slice(5) ? years - 1 : years;
}

/** The columns of a twin without those that this prefetch does not tell. */
export const toldBy = (
  { columns }: Pick<Twin, 'columns'>,
  untold: readonly (readonly [isTold: boolean, names: readonly string[]])[],
): ReadonlySet<string> => {
  const left = new Set(untold.flatMap(([isTold, names]) => (isTold ? [] : names)));
  return new Set(columns.filter((name) => !left.has(name)));
};
