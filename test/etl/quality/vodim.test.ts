import fc from 'fast-check';
import { contract, integer, text } from '../../../src/etl/contracts/contract.js';
import type { Engine } from '../../../src/etl/engine.js';
import { vodimSql } from '../../../src/etl/silver/items.js';
import { stageRules } from '../../../src/etl/silver/rules.js';
import { freshRows, judged } from '../../../src/etl/silver/stage.js';
import { temporaryFolder } from '../../support/landing.js';
import { testEngine } from './engine.js';

const folder = temporaryFolder();
let engine: Engine;
beforeAll(async () => {
  engine = await testEngine(folder);
});
afterAll(() => engine?.close());

const items = contract({
  dataset: 'items',
  version: 1,
  description: 'Coded items, for tests.',
  key: ['id'],
  duplicateRule: 'ITEM_DUPLICATE',
  requiredForRelease: false,
  columns: {
    id: text(10)('O', 'Key; no coded item.', { required: true }),
    colour: text(10)('O', 'A code.', { codes: ['R', 'G', 'Z', '99'], notStated: ['Z'], defaults: ['99'] }),
    size: text(10)('O', 'A form.', {
      pattern: '[0-9]{2}',
      sentinels: { values: ['INVALID'], rule: 'SIZE_INVALID' },
    }),
    number: integer(0, 9)('O', 'No coded item.'),
  },
  rules: [],
  references: [],
});

interface Counted {
  readonly column_name: string;
  readonly counts: string;
}

async function counted(rows: readonly (readonly [colour: string, size: string])[]): Promise<Counted[]> {
  const file = `${folder}/items.parquet`;
  const values = rows.map(
    ([colour, size], index) =>
      `('${index}', '${colour}', '${size}', 1, 1, ${index + 1}::bigint, timestamp '2024-01-01')`,
  );
  await engine.run(
    `copy (select * from (values ${values.join(', ')}) t(id, colour, size, number, _batch, _row, _loaded_at)) to '${file}' (format parquet)`,
  );
  const columns = ['id', 'colour', 'size'].map((name) => ({ name, type: 'VARCHAR' }));
  const rules = stageRules(items, (column) => (typeof column.codes === 'string' ? undefined : column.codes));
  const delivered = {
    path: file,
    changes: false,
    columns: [...columns, { name: 'number', type: 'INTEGER' }],
  };
  await engine.run(
    `create or replace table staged as ${judged(rules, freshRows(items, rules, [delivered]), 1)}`,
  );
  return engine.rows<Counted>(
    `select column_name, concat_ws(' ', valid, other, defaulted, invalid, missing, '=', denominator) as counts from (${vodimSql(items, rules.flags, 'staged')}) order by 1`,
  );
}

describe('VODIM', () => {
  it('counts each value of a coded item in one class', async () => {
    expect(
      await counted([
        ['R', '10'],
        ['G', 'INVALID'],
        ['Z', '7'],
        ['99', ''],
        ['blue', ' '],
        ['', '22'],
      ]),
    ).toEqual([
      { column_name: 'colour', counts: '2 1 1 1 1 = 6' },
      { column_name: 'size', counts: '2 0 0 2 2 = 6' },
    ]);
  });

  it('takes a sentinel for invalid also where silver has made it null', async () => {
    await counted([['R', 'INVALID']]);
    const flags = stageRules(items, () => undefined).flags;
    const [size] = await engine.rows<Counted>(
      `select invalid || ' ' || missing as counts from (${vodimSql(items, flags, "(select * replace (null as size) from (values ('1', 'R', null, 1, 1::bigint)) t(id, colour, size, number, _flags))")}) where column_name = 'size'`,
    );
    expect(size).toEqual({ counts: '1 0' });
  });

  it('sums to the rows, whatever they hold', async () => {
    const value = fc.constantFrom('R', 'G', 'Z', '99', 'INVALID', '', ' ', '10', 'x', 'é');
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 30 }), async (rows) => {
        for (const { counts } of await counted(rows)) {
          const [classes = '', total] = counts.split(' = ');
          const numbers = classes.split(' ').map(Number);
          expect(numbers.every((n) => n >= 0)).toBe(true);
          expect(numbers.reduce((sum, n) => sum + n, 0)).toBe(Number(total));
          expect(Number(total)).toBe(rows.length);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('is nothing for a dataset without coded items', () => {
    const plain = { ...items, columns: { id: items.columns['id']! } };
    expect(vodimSql(plain, [], 'x')).toBeUndefined();
  });
});
