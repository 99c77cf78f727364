import type { Host, Row } from '../arden/host.js';
import { isReference, parseReference } from '../facts/reference/parse.js';
import type { Registry } from '../facts/registry.js';
import { rowsOf } from '../facts/rows/rows-of.js';
import type { FixtureCase } from './fixture.js';

/** What the interpreter may ask for in a case. A text that names no fact is bound to nothing. */
export function fixtureHost({ now, rows }: Pick<FixtureCase, 'now' | 'rows'>, registry: Registry): Host {
  const read = (braces: string): readonly Row[] | undefined => {
    const reference = parseReference(braces, registry);
    if (!isReference(reference)) return undefined;
    return rowsOf(reference, rows.get(reference.fact.name) ?? [], now, registry.valueSets);
  };
  return {
    now,
    currentTime: now,
    triggerTime: now,
    arguments: [],
    rows: read,
    text: () => undefined,
    callInterface: () => undefined,
    language: 'en',
  };
}
