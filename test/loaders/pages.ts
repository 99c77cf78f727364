import fc from 'fast-check';
import type { Filter } from '../../src/loaders/filter.js';

/** Parts of a random question for rows: a page of at most `most` of them, by any of the columns. */
export const pageOf = (names: readonly string[], filter: fc.Arbitrary<Filter>, most: number) => ({
  where: fc.option(filter, { nil: undefined, freq: 3 }),
  orderBy: fc.array(fc.record({ column: fc.constantFrom(...names), descending: fc.boolean() }), {
    maxLength: 3,
  }),
  select: fc.subarray([...names]),
  first: fc.integer({ min: 1, max: most }),
  total: fc.boolean(),
});
