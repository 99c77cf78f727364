import fc from 'fast-check';
import type { RowValue } from '../../../src/etl/cdc/row-hash.js';
import { bedColumns, CaptureFixture, type Row, tableOf } from './fixture.js';

const long = process.env['MAPLEWOOD_TEST_FULL'] === '1';

/** A small world of keys and values, so that rows come back as they were (A→B→A) and keys repeat. */
const value = fc.constantFrom<RowValue>(null, '', 'a', 'b', 'ab', '"', 'ä');
const row: fc.Arbitrary<Row> = fc.tuple(
  fc.constantFrom<RowValue>('a', 'ab', 'a', 'ab', null),
  fc.constantFrom<RowValue>('', 'b', 'c', 'bc', 'd'),
  value,
  fc.constantFrom<RowValue>('1', '2', null),
  value,
);
/** States of a table one after the other: at random, in another order, or as one before. */
const history = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: fc.array(row, { maxLength: 12 }).map((rows) => ({ rows })) },
      { weight: 1, arbitrary: fc.nat(20).map((back) => ({ back })) },
    ),
    { minLength: 1, maxLength: 6 },
  )
  .map((steps) => {
    const states: (readonly Row[])[] = [];
    for (const step of steps) {
      if ('rows' in step) states.push(step.rows);
      else states.push([...(states[step.back % Math.max(1, states.length)] ?? [])].reverse());
    }
    return states;
  });

const keyOf = (record: Record<string, RowValue>): string => JSON.stringify([record['ward'], record['bed']]);
const named = (values: Row): Record<string, RowValue> =>
  Object.fromEntries(bedColumns.map(({ name }, at) => [name, values[at] ?? null]));

/** What a table holds by the definition: of each key the first row, nothing without a key. */
function modelOf(rows: readonly Row[]) {
  const table = new Map<string, Record<string, RowValue>>();
  let duplicates = 0;
  let nullKeys = 0;
  for (const values of rows) {
    const record = named(values);
    if (record['ward'] === null || record['bed'] === null) nullKeys += 1;
    else if (table.has(keyOf(record))) duplicates += 1;
    else table.set(keyOf(record), record);
  }
  return { table, duplicates, nullKeys };
}

const limits = { allowEmpty: true, allowMassDelete: true };

describe('captures of a changing table', () => {
  it('replayed over an empty table give every state of it, each change once', async () => {
    await fc.assert(
      fc.asyncProperty(history, async (states) => {
        const fixture = new CaptureFixture();
        try {
          let before = modelOf([]).table;
          for (const rows of states) {
            const report = await fixture.table(fixture.database(tableOf(rows)), { limits });
            const { table, duplicates, nullKeys } = modelOf(rows);
            const same = (key: string) => JSON.stringify(before.get(key)) === JSON.stringify(table.get(key));
            const kept = [...table.keys()].filter((key) => before.has(key));
            expect(report).toMatchObject({
              rows: rows.length,
              duplicates,
              nullKeys,
              inserts: table.size - kept.length,
              updates: kept.filter((key) => !same(key)).length,
              unchanged: kept.filter(same).length,
              deletes: before.size - kept.length,
            });
            expect(await fixture.replay(keyOf)).toEqual(table);
            before = table;
          }
          const sequences = (await fixture.changeFiles()).map(({ sequence }) => sequence);
          expect(sequences).toEqual(sequences.map((_, at) => at + 1));
        } finally {
          await fixture.close();
        }
      }),
      { numRuns: long ? 300 : 25 },
    );
  }, 600_000);
});
