import type { FactReference } from '../facts/fact.js';

/** What a rule reads, by the text between the braces. */
export interface Reads {
  readonly references: ReadonlyMap<string, FactReference>;
}

/** Columns of the fact that a reference looks at, those of its conditions among them. */
export const columnsOf = ({ columns, where }: FactReference): ReadonlySet<string> =>
  new Set([...columns, ...where.map(({ column }) => column)]);

/** Something that it reads is as it is now, whatever time is asked for. */
export const knowsOnlyNow = ({ references }: Reads): boolean =>
  [...references.values()].some(({ fact }) => fact.notAsOf === true);
