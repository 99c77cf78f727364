import fc from 'fast-check';
import {
  canonical,
  canonicalWith,
  type Json,
  type JsonObject,
  membersOf,
} from '../../src/audit/canonical.js';

describe('the canonical text of a value (RFC 8785)', () => {
  it('has members in the order of their UTF-16 code units, and numbers as ECMAScript writes them', () => {
    const value = {
      '\u20ac': 1,
      '\r': 2,
      '10': 3,
      '2': 4,
      '\ud83d\ude00': 5,
      '\u0080': 6,
      '\ufb33': 7,
      a: undefined,
    };
    expect(canonical(value)).toBe('{"\\r":2,"10":3,"2":4,"\u0080":6,"\u20ac":1,"\ud83d\ude00":5,"\ufb33":7}');
    expect(canonical([1e21, 1e-7, 0.1, -0, 333333333.3333333])).toBe('[1e+21,1e-7,0.1,0,333333333.3333333]');
  });

  it('is that of the value whatever the order of its members was, and reads as the value', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (any) => {
        const value = JSON.parse(JSON.stringify(any)) as Json;
        const text = canonical(value);
        expect(JSON.parse(text)).toEqual(value);
        expect(canonical(backwards(value))).toBe(text);
      }),
    );
  });

  it('is put together of the members of two objects as if they were one, of which the second wins', () => {
    const objects = fc.dictionary(fc.string({ maxLength: 2 }), fc.jsonValue({ noUnicodeString: false }));
    fc.assert(
      fc.property(objects, objects, (one, other) => {
        const [own, more] = [one, other].map((any) => JSON.parse(JSON.stringify(any)) as JsonObject);
        expect(canonicalWith(membersOf(own ?? {}), membersOf(more ?? {}))).toBe(
          canonical({ ...own, ...more }),
        );
      }),
    );
  });

  it('has no half of a surrogate pair, in names neither, and lets what looks like one be', () => {
    for (const value of ['\ud800', 'a\udc00b', { '\ud800': 1 }, ['\\\ud800']])
      expect(() => canonical(value)).toThrow('surrogate');
    expect(canonical('\\ud800')).toBe('"\\\\ud800"');
    expect(() => canonical(Number.NaN)).toThrow('no such number');
    expect(() => canonical({ a: [Number.POSITIVE_INFINITY] })).toThrow('no such number');
  });
});

function backwards(value: Json): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(backwards);
  const entries = Object.entries(value).reverse();
  return Object.fromEntries(entries.map(([name, member]) => [name, backwards(member ?? null)]));
}
