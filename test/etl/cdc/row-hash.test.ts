import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import {
  hashSql,
  keySql,
  type RowValue,
  rowHasher,
  type TableColumn,
} from '../../../src/etl/cdc/row-hash.js';
import { name, quoted } from '../../../src/etl/sql.js';

let instance: DuckDBInstance;
let connection: DuckDBConnection;
beforeAll(async () => {
  instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  connection = await instance.connect();
});
afterAll(() => {
  connection.closeSync();
  instance.closeSync();
});

/** The rows as a typed relation. */
function relation(columns: readonly TableColumn[], rows: readonly (readonly RowValue[])[]): string {
  const selects = rows.map((row, at) => {
    const values = columns.map(({ name: column, type }, i) => {
      const value = row[i] ?? null;
      const text = value === null ? 'null' : quoted(value);
      return `${type === 'BLOB' && value !== null ? `unhex(${text})` : `cast(${text} as ${type})`} as ${name(column)}`;
    });
    return `select ${[...values, `${at} as _at`].join(', ')}`;
  });
  return `(${selects.join(' union all ')}) order by _at`;
}

async function inSql(
  columns: readonly TableColumn[],
  rows: readonly (readonly RowValue[])[],
): Promise<string[]> {
  const reader = await connection.runAndReadAll(
    `select lower(hex(${hashSql(columns)})) from ${relation(columns, rows)}`,
  );
  return reader.getRowsJS().map(([hash]) => String(hash));
}

const column = (type: string, label = 'a'): TableColumn => ({ name: label, type });
const two = [column('VARCHAR', 'a'), column('VARCHAR', 'b')];

describe('the hash of a row', () => {
  it('is known: SHA-256 of names, kinds, lengths and texts', async () => {
    // Of the text `1;1:at2:ab1:bt1:c`, so that no later version can change it unseen.
    const known = '96f3e9e12a326ad98279c933bb51266c3d4fafab8151a855072069c513b2598a';
    expect(rowHasher(two)(['ab', 'c'])).toBe(known);
    expect(await inSql(two, [['ab', 'c']])).toEqual([known]);
  });

  it.each<[string, readonly RowValue[], readonly RowValue[]]>([
    ['null from an empty text', [null, 'c'], ['', 'c']],
    ["('ab', 'c') from ('a', 'bc')", ['ab', 'c'], ['a', 'bc']],
    ['a value in one column from the same in the other', ['a', null], [null, 'a']],
    ['a text that looks like the next column', ['x1:bt1:y', null], ['x', 'y']],
  ])('tells %s', async (_name, one, other) => {
    const hash = rowHasher(two);
    expect(hash(one)).not.toBe(hash(other));
    expect(await inSql(two, [one, other])).toEqual([hash(one), hash(other)]);
  });

  it('tells the number 1 from the text 1', () => {
    expect(rowHasher([column('INTEGER')])(['1'])).not.toBe(rowHasher([column('VARCHAR')])(['1']));
  });

  it('does not depend on the order of columns, the case of their names or a new column without values', async () => {
    const turned = [column('VARCHAR', 'B'), column('DOUBLE', 'new'), column('VARCHAR', 'A')];
    const expected = rowHasher(two)(['ab', 'ä😀']);
    expect(rowHasher(turned)(['ä😀', null, 'ab'])).toBe(expected);
    expect(await inSql(turned, [['ä😀', null, 'ab']])).toEqual([expected]);
  });

  it.each<[string, readonly RowValue[]]>([
    ['VARCHAR', ['', ' ', "o'k", 'ä😀', 'line\nfeed', null]],
    ['TINYINT', ['-128', '0', null]],
    ['BIGINT', ['9223372036854775807', '-1']],
    ['UINTEGER', ['4294967295']],
    ['DECIMAL(15,2)', ['1.5', '0.00', '-0.50', '-0', '1234567890123.45', '007', null]],
    ['DECIMAL(38,10)', ['1234567890123456789.0123456789']],
    ['DECIMAL(4,0)', ['12', '0']],
    ['DOUBLE', ['0.1', '-0', '0', '1e21', '5e-324', '1.7976931348623157e308', 'NaN', '123456789.125', null]],
    ['FLOAT', ['0.5', '-2']],
    ['BOOLEAN', ['true', 'false', null]],
    ['DATE', ['2024-02-29', '0001-01-01', '9999-12-31', null]],
    ['TIMESTAMP', ['2024-02-29 11:00:00', '2024-02-29 11:00:00.12', '9999-12-31 23:59:59.999999', null]],
    ['BLOB', ['', '00FF', null]],
  ])('is the same in SQL and Node for %s', async (type, values) => {
    const columns = [column(type)];
    const rows = values.map((value) => [value]);
    expect(await inSql(columns, rows)).toEqual(rows.map(rowHasher(columns)));
  });

  it('is the same in SQL and Node for any texts and doubles', async () => {
    const columns = [column('VARCHAR', 'a'), column('DOUBLE', 'b'), column('VARCHAR', 'c')];
    const text = fc.option(fc.string({ unit: 'binary' }).map((s) => s.replaceAll('\0', '')));
    const row = fc.tuple(text, fc.option(fc.double().map(String)), text);
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 20 }), async (rows) => {
        expect(await inSql(columns, rows)).toEqual(rows.map(rowHasher(columns)));
      }),
      { numRuns: 50 },
    );
  });
});

describe('the key of a row', () => {
  const keys = async (columns: readonly TableColumn[], rows: readonly (readonly RowValue[])[]) =>
    (await connection.runAndReadAll(`select ${keySql(columns)} from ${relation(columns, rows)}`))
      .getRowsJS()
      .map(([key]) => key);

  it('keeps its parts apart and is null where a part is null', async () => {
    expect(
      await keys(two, [
        ['ab', 'c'],
        ['a', 'bc'],
        ['a', null],
        ['', ''],
      ]),
    ).toEqual(['2:ab,1:c', '1:a,2:bc', null, '0:,0:']);
  });

  it('is the same for a number and its text, so that another file format keeps the rows', async () => {
    expect(await keys([column('INTEGER')], [['17']])).toEqual(await keys([column('VARCHAR')], [['17']]));
  });
});
