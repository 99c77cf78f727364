import type { ISqlType } from 'mssql';
import { MaplewoodError } from '../../errors.js';
import type { ColumnType } from '../table.js';
import type { TypedValue } from '../value.js';

/** The client's own module; loaded only when a T-SQL warehouse is opened (it costs 110 to 220 ms). */
export type Mssql = typeof import('mssql');

export type SqlType = ISqlType | (() => ISqlType);

/** A parameter as `request.input` takes it. A null keeps its type. */
export interface Input {
  readonly type: SqlType;
  readonly value: string | number | bigint | boolean | Buffer | null;
}

const longestText = 4000;

/**
 * Type and value of a parameter. The type comes from the column, so that one statement has one plan.
 * Error: `BAD_USER_INPUT` for a value that is none of the column's type.
 */
export function toMssql(sql: Mssql, { type, value }: TypedValue): Input {
  const input = (sqlType: SqlType, convert: (given: NonNullable<typeof value>) => Input['value']): Input => ({
    type: sqlType,
    value: value === null ? null : convert(value),
  });
  switch (type.kind) {
    case 'text':
      return input(sql.NVarChar(textLength(sql, type.length, value)), String);
    case 'int32':
      return input(sql.Int, (given) => wholeNumber(given, 2n ** 31n));
    case 'int64':
      return input(sql.BigInt, (given) => BigInt(wholeNumber(given, 2n ** 63n)));
    case 'double':
      return input(sql.Float, (given) => finite(Number(given)));
    case 'decimal':
      // The compiler casts it; the client would pass a Decimal through parseFloat.
      return input(sql.VarChar(40), (given) => decimalText(String(given)));
    case 'boolean':
      return input(sql.Bit, Boolean);
    case 'date':
      return input(sql.Date, (given) => dayText(String(given)));
    case 'instant':
      return input(sql.DateTime2(0), (given) => instantText(String(given)));
    case 'key128':
      return input(binary16(sql), keyBytes);
  }
}

/** The client's types leave out that BINARY has a length. */
const binary16 = (sql: Mssql): SqlType => (sql.Binary as unknown as typeof sql.VarBinary)(16);

/**
 * The column's length, or the longest there is for a value that no row can equal: a parameter cut to the column's
 * length would find rows.
 */
function textLength(sql: Mssql, declared: number, value: unknown): number {
  const needed = typeof value === 'string' ? value.length : 0;
  if (declared > longestText) return sql.MAX;
  if (needed > longestText)
    throw new MaplewoodError('BAD_USER_INPUT', `A text is longer than ${longestText} characters.`);
  return needed > declared ? longestText : declared;
}

function wholeNumber(value: unknown, bound: bigint): number | bigint {
  const number =
    typeof value === 'bigint' ? value : Number.isInteger(value) ? BigInt(value as number) : undefined;
  if (number === undefined || number >= bound || number < -bound) {
    throw new MaplewoodError('BAD_USER_INPUT', 'A whole number is out of range.');
  }
  return bound > 2n ** 31n ? number : Number(number);
}

function finite(value: number): number {
  if (!Number.isFinite(value)) throw new MaplewoodError('BAD_USER_INPUT', 'A number is not finite.');
  return value;
}

function decimalText(value: string): string {
  if (!/^-?\d{1,38}(\.\d{1,38})?$/.test(value))
    throw new MaplewoodError('BAD_USER_INPUT', 'A number is not a decimal number.');
  return value;
}

function dayText(value: string): string {
  const at = new Date(`${value}T00:00:00Z`);
  if (
    !/^\d{4}-\d\d-\d\d$/.test(value) ||
    Number.isNaN(at.getTime()) ||
    at.toISOString().slice(0, 10) !== value
  ) {
    throw new MaplewoodError('BAD_USER_INPUT', 'A date is not a valid day YYYY-MM-DD.');
  }
  return value;
}

function instantText(value: string): string {
  const at = new Date(value);
  if (Number.isNaN(at.getTime()))
    throw new MaplewoodError('BAD_USER_INPUT', 'A date-time is not a valid ISO 8601 instant.');
  return at.toISOString();
}

function keyBytes(value: unknown): Buffer {
  if (!(value instanceof Uint8Array) || value.length !== 16) throw new Error('a key is not 16 bytes');
  return Buffer.from(value);
}

/** Turns a value of an answer into the form that `read` promises for a column of this type. */
export function fromMssql(type: ColumnType): (value: unknown) => unknown {
  const convert = converter(type);
  return (value) => (value === null || value === undefined ? null : convert(value));
}

function converter(type: ColumnType): (value: unknown) => unknown {
  switch (type.kind) {
    case 'text':
      return String;
    case 'int32':
    case 'double':
      return Number;
    case 'int64':
      return safeInteger;
    case 'decimal':
      return (value) => (typeof value === 'number' ? value.toFixed(type.scale) : String(value));
    case 'boolean':
      return (value) => value === true || value === 1;
    case 'date':
      return (value) => isoText(value).slice(0, 10);
    case 'instant':
      return (value) => `${isoText(value).slice(0, 19)}Z`;
    case 'key128':
      return (value) => Uint8Array.from(value as Uint8Array);
  }
}

/** BIGINT arrives as text. */
function safeInteger(value: unknown): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : BigInt(String(value));
}

const isoText = (value: unknown): string => (value instanceof Date ? value.toISOString() : String(value));
