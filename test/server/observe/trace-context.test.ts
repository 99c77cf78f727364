import fc from 'fast-check';
import { readTraceparent } from '../../../src/server/observe/trace-context.js';

const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
const span = '00f067aa0ba902b7';

describe('traceparent', () => {
  it.each([
    [`00-${trace}-${span}-01`, true],
    [`00-${trace}-${span}-00`, false],
    // Flags beside the first are not defined, and let through.
    [`00-${trace}-${span}-ff`, true],
    [`00-${trace}-${span}-fe`, false],
    // A later version is read as this one, and may have more.
    [`01-${trace}-${span}-01`, true],
    [`cc-${trace}-${span}-01-what-is-to-come`, true],
  ])('is taken: %s', (header, sampled) => {
    expect(readTraceparent(header)).toEqual({ traceId: trace, spanId: span, sampled });
  });

  it.each([
    undefined,
    '',
    'none',
    `ff-${trace}-${span}-01`,
    `00-${trace}-${span}`,
    `00-${trace}-${span}-1`,
    `00-${trace}-${span}-01-`,
    `00-${trace}-${span}-01-more`,
    `cc-${trace}-${span}-01.more`,
    `0-${trace}-${span}-01`,
    `00-${'0'.repeat(32)}-${span}-01`,
    `00-${trace}-${'0'.repeat(16)}-01`,
    `00-${trace.slice(1)}-${span}-01`,
    `00-${trace}0-${span}-01`,
    `00-${trace}-${span}0-01`,
    `00-${trace.toUpperCase()}-${span}-01`,
    `00-${trace}-${span.replace('f', 'F')}-01`,
    `00-${trace}-${span}-0g`,
    ` 00-${trace}-${span}-01`,
    `00-${trace}-${span}-01\n`,
    `00-${trace}-${span}-01, 00-${trace}-${span}-01`,
    `cc-${trace}-${span}-01-${'x'.repeat(500)}`,
  ])('is not taken: %s', (header) => {
    expect(readTraceparent(header)).toBeUndefined();
  });

  it('gives ids of the right form or nothing, whatever is sent', () => {
    const digits = fc.string({ unit: fc.constantFrom(...'0123456789abcdefF'), minLength: 1, maxLength: 33 });
    const header = fc.oneof(
      fc.string(),
      fc.tuple(digits, digits, digits, digits).map((parts) => parts.join('-')),
    );
    fc.assert(
      fc.property(header, (text) => {
        const read = readTraceparent(text);
        if (read === undefined) return;
        expect(read.traceId).toMatch(/^(?!0+$)[0-9a-f]{32}$/);
        expect(read.spanId).toMatch(/^(?!0+$)[0-9a-f]{16}$/);
      }),
    );
  });
});
