import { parse } from 'graphql';
import { defaultSettings } from '../../../src/config/settings.js';
import { MaplewoodError } from '../../../src/errors.js';
import {
  assertVariablesWithinLimits,
  assertWithinLimits,
} from '../../../src/server/graphql/document-limits.js';

const { limits } = defaultSettings;

/** What is said of a document; `fine` where nothing is. */
function said(query: string): string {
  try {
    assertWithinLimits(parse(query, { noLocation: true }), limits);
    return 'fine';
  } catch (error) {
    if (error instanceof MaplewoodError && error.code === 'QUERY_TOO_COMPLEX') return error.message;
    throw error;
  }
}
const times = (n: number, of: (at: number) => string): string =>
  Array.from({ length: n }, (_none, at) => of(at)).join(' ');
const nested = (depth: number): string => `${'{ a '.repeat(depth)}${'}'.repeat(depth)}`;
const unused = (n: number): string => `{ a } fragment f on Query { ${times(n, () => 'b')} }`;

describe('a document', () => {
  it.each([
    ['operations', 1, 'operation', (n: number) => times(n, (at) => `query q${at} { a }`)],
    ['root fields', 20, 'fields at its root', (n: number) => `{ ${times(n, () => 'a')} }`],
    ['levels', 10, 'fields below each other', nested],
    ['aliases', 30, 'aliases', (n: number) => `{ a { ${times(n, (at) => `x${at}: b`)} } }`],
    [
      'aliases of __typename',
      30,
      'aliases',
      (n: number) => `{ a { ${times(n, (at) => `x${at}: __typename`)} } }`,
    ],
    ['directives', 20, 'directives', (n: number) => `{ a ${times(n, () => '@include(if: true)')} }`],
    ['variables', 50, 'variables', (n: number) => `query (${times(n, (at) => `$v${at}: Int`)}) { a }`],
    [
      'fragments',
      50,
      'fragments',
      (n: number) => `{ a } ${times(n, (at) => `fragment f${at} on Query { a }`)}`,
    ],
    ['nodes', 2_000, 'fields and fragments', (n: number) => `{ a { ${times(n - 1, () => 'b')} } }`],
    ['nodes of a fragment that nothing uses', 2_000, 'fields and fragments', unused],
    ['values in a list', 200, 'values in a list', (n: number) => `{ a(in: [${times(n, () => '1')}]) }`],
    ['characters in a text', 4_000, 'characters in a text', (n: number) => `{ a(eq: "${'x'.repeat(n)}") }`],
  ])('may have so many %s: %p, and not one more', (_name, most, words, made) => {
    expect(said(made(most))).toBe('fine');
    expect(said(made(most + 1))).toMatch(new RegExp(`^A document may have at most ${most} ${words}`));
  });

  it('counts what stands in fragments as often as it is used', () => {
    const uses = (n: number) =>
      `{ a { ${times(n, () => '...f')} } } fragment f on A { ${times(99, () => 'b')} }`;
    // Of each use the spread itself, and 99 fields.
    expect(said(uses(19))).toBe('fine');
    expect(said(uses(20))).toMatch(/2000 fields and fragments/);
    expect(said(`{ ...f ...f } fragment f on Query { ${times(11, () => 'a')} }`)).toMatch(
      /20 fields at its root/,
    );
    const deep = (n: number) => `{ a { ...f } } fragment f on A ${nested(n)}`;
    expect(said(deep(9))).toBe('fine');
    expect(said(deep(10))).toMatch(/10 fields below/);
    expect(said(`{ a { ... on A ${nested(9)} } }`)).toBe('fine');
    expect(said(`{ a { ... on A ${nested(10)} } }`)).toMatch(/10 fields below/);
  });

  it('is measured in no time, whatever its fragments would grow to', () => {
    const fragments = times(49, (at) => `fragment f${at} on A { ...f${at + 1} ...f${at + 1} }`);
    const began = performance.now();
    expect(said(`{ a { ...f0 } } ${fragments} fragment f49 on A { b }`)).toMatch(/2000 fields and fragments/);
    expect(performance.now() - began).toBeLessThan(100);
  });

  it('may go in circles: validation tells it', () => {
    expect(said('{ ...f } fragment f on Query { a ...g } fragment g on Query { b ...f }')).toBe('fine');
    expect(said('{ ...nothing }')).toBe('fine');
  });

  it('may ask for the schema as deep as tools do', () => {
    expect(said(`{ __schema ${nested(14)} __type(name: "A") ${nested(14)} }`)).toBe('fine');
  });
});

describe('variables', () => {
  const told = (variables: unknown): string => {
    try {
      assertVariablesWithinLimits(variables, limits);
      return 'fine';
    } catch (error) {
      return (error as MaplewoodError).message;
    }
  };
  const members = (n: number): object =>
    Object.fromEntries(Array.from({ length: n }, (_none, at) => [`v${at}`, 1]));
  it.each([
    ['members', 50, 'members', members],
    [
      'values in a list',
      200,
      'values in a list',
      (n: number) => ({ where: { code: { in: Array(n).fill('x') } } }),
    ],
    [
      'characters in a text',
      4_000,
      'characters in a text',
      (n: number) => ({ where: { and: [{ eq: 'x'.repeat(n) }] } }),
    ],
  ])('may have so many %s: %p, and not one more', (_name, most, words, made) => {
    expect(told(made(most))).toBe('fine');
    expect(told(made(most + 1))).toBe(`The variables may have at most ${most} ${words}.`);
  });

  it('may be absent', () => {
    expect([undefined, null, {}, 5].map(told)).toEqual(['fine', 'fine', 'fine', 'fine']);
  });
});
