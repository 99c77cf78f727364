import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { type Expression, type RawBuilder, sql } from 'kysely';
import { timeOfInstant } from '../../src/cds/arden/run/time.js';
import type { Dialect } from '../../src/warehouse/dialect.js';
import { duckdbDialect } from '../../src/warehouse/duckdb/dialect.js';
import { goldBuilder } from '../../src/warehouse/gold-builder.js';
import { tsqlDialect } from '../../src/warehouse/mssql/dialect.js';
import { lintTsql } from '../../src/warehouse/mssql/lint.js';

type Make = (dialect: Dialect) => Expression<unknown>;

const gold = goldBuilder();
const x = sql.ref('x');

/** The text of one expression. */
function textOf(dialect: Dialect, make: Make): string {
  const { sql: text } = dialect.compile(gold.selectNoFrom(sql`${make(dialect)}`.as('v')));
  return text.replace(/^select /, '').replace(/ as .v.$/, '');
}

let connection: DuckDBConnection;

beforeAll(async () => {
  connection = await (await DuckDBInstance.create(':memory:')).connect();
});

afterAll(() => connection.closeSync());

async function computed(make: Make, type = 'varchar'): Promise<unknown> {
  const query = gold.selectNoFrom(sql`cast(${make(duckdbDialect)} as ${sql.raw(type)})`.as('v'));
  const reader = await connection.runAndReadAll(duckdbDialect.compile(query).sql);
  return reader.getRowsJson()[0]?.[0];
}

const at = (text: string): RawBuilder<string> => sql<string>`cast(${sql.lit(text)} as timestamp)`;

describe('times in SQL', () => {
  it.each<[string, Make, string, string]>([
    [
      'shows the wall clock of an instant',
      (dialect) => dialect.localTime(x),
      `timezone('Europe/London', timezone('UTC', "x"))`,
      "cast([x] at time zone 'UTC' at time zone 'GMT Standard Time' as datetime2(3))",
    ],
    ['begins a day', (dialect) => dialect.midnight(x), 'cast("x" as timestamp)', 'cast([x] as datetime2(3))'],
    [
      'begins an hour',
      (dialect) => dialect.startOfHour(x),
      `date_trunc('hour', "x")`,
      "dateadd(hour, datediff(hour, cast('2000-01-01' as datetime2(3)), [x]), cast('2000-01-01' as datetime2(3)))",
    ],
    [
      'adds seconds',
      (dialect) => dialect.addSeconds(x, sql.lit(90)),
      '("x" + to_milliseconds(cast(floor(90 * 1000e0 + 0.5e0) as bigint)))',
      'dateadd(millisecond, cast(floor((90 - floor(90 / 86400e0) * 86400e0) * 1000e0 + 0.5e0) as int), dateadd(day, cast(floor(90 / 86400e0) as int), [x]))',
    ],
    [
      'adds months',
      (dialect) => dialect.addMonths(x, -12),
      '("x" + to_months(-12))',
      'dateadd(month, -12, [x])',
    ],
    [
      'counts seconds',
      (dialect) => dialect.secondsBetween(sql.ref('a'), sql.ref('b')),
      `(date_diff('millisecond', "a", "b") / 1000e0)`,
      '(datediff_big(millisecond, [a], [b]) / 1000e0)',
    ],
    ['measures a sample', (dialect) => dialect.variance(x), 'var_samp("x")', 'var([x])'],
  ])('%s', (_, make, duckdb, tsql) => {
    expect(textOf(duckdbDialect, make)).toBe(duckdb);
    for (const engine of ['sqlserver', 'synapse'] as const) {
      const text = textOf(tsqlDialect(engine), make);
      expect(text).toBe(tsql);
      expect(lintTsql(`select ${text}`)).toEqual([]);
    }
  });

  it('shows the wall clock that Arden shows, through the changes of the clock', async () => {
    for (const change of ['2023-03-26', '2023-10-29', '2024-03-31', '2024-10-27'])
      for (let minute = 0; minute < 180; minute += 15) {
        const instant = Date.parse(`${change}T00:00:00Z`) + minute * 60_000;
        const text = new Date(instant).toISOString().slice(0, 19);
        const wall = new Date(timeOfInstant(instant).wall).toISOString().slice(0, 19).replace('T', ' ');
        expect(await computed((dialect) => dialect.localTime(at(text)))).toBe(wall);
      }
  });

  it.each<[string, number, string]>([
    ['2024-01-31 10:00:00', 1, '2024-02-29 10:00:00'],
    ['2023-01-31 10:00:00', 1, '2023-02-28 10:00:00'],
    ['2024-02-29 00:00:00', -12, '2023-02-28 00:00:00'],
    ['2024-02-29 00:00:00', 12, '2025-02-28 00:00:00'],
    ['2024-05-31 00:00:00', -1, '2024-04-30 00:00:00'],
  ])('ends a month that has no such day: %s and %i months', async (from, months, to) => {
    expect(await computed((dialect) => dialect.addMonths(at(from), months))).toBe(to);
  });

  it.each<[number, string]>([
    [86_400 * 40, '2024-02-10 00:00:00'],
    [-1, '2023-12-31 23:59:59'],
    [0.5, '2024-01-01 00:00:00.5'],
    [0.0004, '2024-01-01 00:00:00'],
  ])('adds %d seconds', async (seconds, to) => {
    expect(await computed((dialect) => dialect.addSeconds(at('2024-01-01 00:00:00'), sql.lit(seconds)))).toBe(
      to,
    );
  });

  it('counts seconds with their fraction', async () => {
    const seconds = (from: string, to: string) =>
      computed((dialect) => dialect.secondsBetween(at(from), at(to)), 'double');
    expect(await seconds('2024-01-01 00:00:00', '2024-01-02 00:00:00.25')).toBe(86_400.25);
    expect(await seconds('2024-01-02 00:00:00', '2024-01-01 00:00:00')).toBe(-86_400);
  });

  it('has no variance of fewer than two', async () => {
    const of = (values: string) =>
      computed(
        (dialect) => sql`(select ${dialect.variance(x)} from (values ${sql.raw(values)}) t(x))`,
        'double',
      );
    expect(await of('(1.0::double), (3.0::double)')).toBe(2);
    expect(await of('(1.0::double), (null)')).toBeNull();
  });
});
