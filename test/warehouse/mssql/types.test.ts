import sql from 'mssql';
import { fromMssql, toMssql } from '../../../src/warehouse/mssql/types.js';
import type { ColumnType } from '../../../src/warehouse/table.js';
import { type Scalar, TypedValue } from '../../../src/warehouse/value.js';

const input = (type: ColumnType, value: Scalar) => toMssql(sql, new TypedValue(type, value));
const name: ColumnType = { kind: 'text', length: 10 };
const money: ColumnType = { kind: 'decimal', precision: 15, scale: 2 };
const key = Uint8Array.from({ length: 16 }, (_, i) => i);

describe('a parameter', () => {
  it.each<[ColumnType, Scalar, unknown, unknown]>([
    [name, 'abc', sql.NVarChar(10), 'abc'],
    [{ kind: 'int32' }, 5, sql.Int, 5],
    [{ kind: 'int64' }, 5, sql.BigInt, 5n],
    [{ kind: 'int64' }, 2n ** 63n - 1n, sql.BigInt, 2n ** 63n - 1n],
    [{ kind: 'double' }, 1.5, sql.Float, 1.5],
    [money, '1234567890123.45', sql.VarChar(40), '1234567890123.45'],
    [{ kind: 'boolean' }, true, sql.Bit, true],
    [{ kind: 'date' }, '2024-02-29', sql.Date, '2024-02-29'],
    [{ kind: 'instant' }, '2024-02-29T12:00:00+01:00', sql.DateTime2(0), '2024-02-29T11:00:00.000Z'],
    [{ kind: 'key128' }, key, (sql.Binary as unknown as typeof sql.VarBinary)(16), Buffer.from(key)],
  ])('of type %j takes the type of its column: %p', (type, value, expectedType, expectedValue) => {
    expect(input(type, value)).toEqual({ type: expectedType, value: expectedValue });
  });

  it.each<ColumnType>([name, { kind: 'int32' }, { kind: 'key128' }, { kind: 'instant' }, money])(
    'keeps the type %j of a null',
    (type) => {
      expect(input(type, null).value).toBeNull();
      expect(input(type, null).type).toBeDefined();
    },
  );

  it('is not cut to the column, where it would then be found', () => {
    expect(input(name, 'abcdefghijk')).toEqual({ type: sql.NVarChar(4000), value: 'abcdefghijk' });
  });

  it('may be a long list where the type says so', () => {
    expect(input({ kind: 'text', length: 1_000_000 }, 'x'.repeat(5000)).type).toEqual(sql.NVarChar(sql.MAX));
  });

  it.each<[string, ColumnType, Scalar]>([
    ['a text no column could hold', name, 'x'.repeat(4001)],
    ['an int32 out of range', { kind: 'int32' }, 2 ** 31],
    ['a fraction for a whole number', { kind: 'int32' }, 1.5],
    ['an int64 out of range', { kind: 'int64' }, 2n ** 63n],
    ['a number that is none', { kind: 'double' }, Number.NaN],
    ['an exponent in a decimal', money, '1e5'],
    ['a day that does not exist', { kind: 'date' }, '2023-02-29'],
    ['a day with a time', { kind: 'date' }, '2023-02-28T00:00:00Z'],
    ['an instant that is none', { kind: 'instant' }, 'yesterday'],
  ])('is refused: %s', (_, type, value) => {
    expect(() => input(type, value)).toThrow(expect.objectContaining({ code: 'BAD_USER_INPUT' }));
  });

  it('is refused for a key that is not 16 bytes', () => {
    expect(() => input({ kind: 'key128' }, new Uint8Array(15))).toThrow('not 16 bytes');
  });
});

describe('a value of an answer', () => {
  it.each<[ColumnType, unknown, unknown]>([
    [name, 'abc', 'abc'],
    [{ kind: 'int32' }, 5, 5],
    [{ kind: 'int64' }, '9007199254740991', 9007199254740991],
    [{ kind: 'int64' }, '9007199254740993', 9007199254740993n],
    [{ kind: 'double' }, 0.1, 0.1],
    [money, 12.3, '12.30'],
    [money, '12.30', '12.30'],
    [{ kind: 'decimal', precision: 18, scale: 4 }, '12345678901234.5678', '12345678901234.5678'],
    [{ kind: 'boolean' }, true, true],
    [{ kind: 'boolean' }, false, false],
    [{ kind: 'date' }, new Date('2024-02-29T00:00:00Z'), '2024-02-29'],
    [{ kind: 'instant' }, new Date('2024-02-29T11:00:00Z'), '2024-02-29T11:00:00Z'],
    [{ kind: 'key128' }, Buffer.from(key), key],
    [name, null, null],
    [money, undefined, null],
  ])('of type %j: %p', (type, value, expected) => {
    expect(fromMssql(type)(value)).toEqual(expected);
  });

  it('gives a key as plain bytes', () => {
    expect(fromMssql({ kind: 'key128' })(Buffer.from(key))).not.toBeInstanceOf(Buffer);
  });
});
