import { type Host, hostOfRows, type Row } from '../arden/host.js';
import { isReference, parseReference } from '../facts/reference/parse.js';
import type { Registry } from '../facts/registry.js';
import { rowsOf } from '../facts/rows/rows-of.js';
import type { FixtureCase } from './fixture.js';

type Known = Pick<FixtureCase, 'now' | 'rows'>;

/**
 * What the interpreter may ask for in a case. A text that names no fact is bound to nothing. Each text is read once for all
 * cases.
 */
export function fixtureHosts(registry: Registry): (known: Known) => Host {
  const references = new Map<string, ReturnType<typeof parseReference>>();
  const referenceOf = (braces: string): ReturnType<typeof parseReference> => {
    const found = references.get(braces) ?? parseReference(braces, registry);
    references.set(braces, found);
    return found;
  };
  return ({ now, rows }) =>
    hostOfRows(now, (braces): readonly Row[] | undefined => {
      const reference = referenceOf(braces);
      if (!isReference(reference)) return undefined;
      return rowsOf(reference, rows.get(reference.fact.name) ?? [], now, registry.valueSets);
    });
}
