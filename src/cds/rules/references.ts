import type { Mlm } from '../arden/syntax.js';
import type { FactReference } from '../facts/fact.js';
import { isReference, parseReference } from '../facts/reference/parse.js';
import type { Registry } from '../facts/registry.js';
import { readsOf } from '../provenance/check-gem.js';

/** What the READs of a rule name, by the text between their braces. A text that names no fact is left out. */
export function readReferences(mlm: Mlm, registry: Registry): ReadonlyMap<string, FactReference> {
  const found = new Map<string, FactReference>();
  for (const { braces } of readsOf(mlm)) {
    const reference = parseReference(braces.text, registry);
    if (isReference(reference)) found.set(braces.text, reference);
  }
  return found;
}
