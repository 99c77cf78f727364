import type { Mlm } from '../arden/syntax.js';
import type { FactReference } from '../facts/fact.js';
import { isReference, parseReference } from '../facts/reference/parse.js';
import type { Registry } from '../facts/registry.js';
import { readsOf } from '../provenance/check-gem.js';

/** What a rule reads, by the text between the braces. */
export interface Reads {
  readonly references: ReadonlyMap<string, FactReference>;
}

export function readsIn(mlm: Mlm, registry: Registry): Reads {
  const references = new Map<string, FactReference>();
  for (const { braces } of readsOf(mlm)) {
    const reference = parseReference(braces.text, registry);
    if (isReference(reference)) references.set(braces.text, reference);
  }
  return { references };
}

/** Columns of the fact that a reference looks at, those of its conditions among them. */
export const columnsOf = ({ columns, where }: FactReference): ReadonlySet<string> =>
  new Set([...columns, ...where.map(({ column }) => column)]);

/** Something that it reads is as it is now, whatever time is asked for. */
export const knowsOnlyNow = ({ references }: Reads): boolean =>
  [...references.values()].some(({ fact }) => fact.notAsOf === true);
