import type { Compilable, Expression, RawBuilder, SelectQueryBuilder } from 'kysely';
import type { CalendarGrain } from './grain.js';
import type { ColumnType } from './table.js';
import type { TypedValue } from './value.js';

/** SQL text with typed parameters, as both drivers take it. */
export interface Statement {
  readonly sql: string;
  readonly parameters: readonly TypedValue[];
  /** Tables that it reads, for the record of who read what. */
  readonly tables?: readonly string[];
}

/** A query whose columns are made at run time from declarations: names are checked there, not by Kysely. */
// biome-ignore lint/suspicious/noExplicitAny: Kysely's own type for "any database"; the names come from declarations
export type DynamicQuery = SelectQueryBuilder<any, any, any>;

/** A measured column of a relation whose percentiles are wanted. */
export interface RankedColumn {
  readonly column: string;
  readonly partitionBy: readonly string[];
  /** It holds whole numbers. */
  readonly whole?: boolean;
  /** All percentiles of it that the statement asks for, from 0 to 1: an engine may compute them in one pass. */
  readonly percentiles?: readonly number[];
}

/**
 * What differs between the engines. Queries are built once in Kysely from the portable subset (counts by
 * `countAll`, first rows by Kysely's `.top(n)`, nulls ordered by CASE) and these members.
 */
export interface Dialect {
  readonly engine: 'duckdb' | 'sqlserver' | 'synapse';

  /** Compiles, or throws for every construct outside the portable subset. */
  compile(query: Compilable): Statement;

  /** Number of rows, 64 bit. */
  countAll(): RawBuilder<number>;

  /** Sum of 0 and 1, or of whole numbers, 64 bit. */
  sumInt(expression: Expression<unknown>): RawBuilder<number>;

  /** Floating-point form: means and ratios never divide integers. */
  toDouble(expression: Expression<unknown>): RawBuilder<number>;

  /** First day of the calendar bucket of a DATE, as DATE. */
  bucket(grain: CalendarGrain, day: Expression<unknown>): RawBuilder<string>;

  /** A DATE plus whole days. */
  addDays(day: Expression<unknown>, days: number): RawBuilder<string>;

  /** Whole days from one DATE to another. */
  daysBetween(from: Expression<unknown>, to: Expression<unknown>): RawBuilder<number>;

  /** Wall clock of Europe/London at an instant, as a date-time without zone. */
  localTime(instant: Expression<unknown>): RawBuilder<string>;

  /** 00:00 of a DATE, as a date-time. */
  midnight(day: Expression<unknown>): RawBuilder<string>;

  /** A date-time without its minutes and seconds. */
  startOfHour(time: Expression<unknown>): RawBuilder<string>;

  /** A date-time plus seconds, rounded to milliseconds, halves up. */
  addSeconds(time: Expression<unknown>, seconds: Expression<unknown>): RawBuilder<string>;

  /** A date-time plus whole months: where the month reached has no such day, its last. */
  addMonths(time: Expression<unknown>, months: number): RawBuilder<string>;

  /** Seconds from one date-time to another with their fraction, floating point. */
  secondsBetween(from: Expression<unknown>, to: Expression<unknown>): RawBuilder<number>;

  /**
   * The rows of a JSON list of objects with such members, as a table: keys are hexadecimal, date-times ISO 8601 in UTC without
   * their Z. An absent member is null.
   */
  jsonRows(json: Expression<unknown>, columns: Readonly<Record<string, ColumnType>>): RawBuilder<unknown>;

  /** The first 16 bytes of the SHA-256 of binary values, one after the other. */
  digest(values: readonly Expression<unknown>[]): RawBuilder<Uint8Array>;

  /** Variance of a sample of floating-point numbers; null values are left out, and fewer than two give null. */
  variance(expression: Expression<unknown>): RawBuilder<number | null>;

  /** Whole number rounded to the nearest multiple of `base`, halves up. */
  roundTo(base: number, expression: Expression<unknown>): RawBuilder<number>;

  /**
   * Floating-point number rounded half up to `digits` decimals. What lies less than a ten-millionth of the last digit below
   * a half counts as it: 498.95 as a percentile or a quotient is rarely stored as exactly that, and differs by engine.
   */
  roundDecimals(expression: Expression<unknown>, digits: number): RawBuilder<number>;

  /** Pounds over a whole number, exact, rounded half up to pence: a DECIMAL; null over 0. Neither is negative. */
  poundsPer(pounds: Expression<unknown>, units: Expression<unknown>): RawBuilder<string>;

  /**
   * The relation with whatever `percentile` needs beside its columns. `relation` is a subquery's body; the
   * result has the same columns and possibly more.
   */
  rank(relation: DynamicQuery, columns: readonly RankedColumn[]): DynamicQuery;

  /**
   * Continuous percentile of a ranked column over the group: linear interpolation between the closest ranks,
   * null values left out. `p` from 0 to 1.
   */
  percentile(column: RankedColumn, p: number): RawBuilder<number | null>;

  /** The value in the form in which `read` returns it without conversion in JavaScript. */
  output(expression: Expression<unknown>, type: ColumnType): RawBuilder<unknown>;

  /** Text tests: case-sensitive, by code point, no pattern characters. */
  startsWith(column: Expression<unknown>, value: TypedValue): RawBuilder<boolean>;
  endsWith(column: Expression<unknown>, value: TypedValue): RawBuilder<boolean>;
  contains(column: Expression<unknown>, value: TypedValue): RawBuilder<boolean>;

  /**
   * Whether a comma list, which is not null, holds one of the items or an item that begins with one of the beginnings. Of both
   * together there is at least one, and none holds a comma.
   */
  holdsItem(
    list: Expression<unknown>,
    items: readonly string[],
    beginnings: readonly string[],
  ): RawBuilder<boolean>;

  /** Column type as DDL. */
  columnType(type: ColumnType): string;
}
