import { type Compilable, type Expression, type RawBuilder, type RootOperationNode, sql } from 'kysely';
import type { Dialect, Statement } from '../dialect.js';
import type { CalendarGrain } from '../grain.js';
import type { ColumnType } from '../table.js';
import { tablesIn } from '../tables-of.js';
import { bind, TypedValue } from '../value.js';
import { PortableTsqlCompiler } from './compiler.js';
import { columnType } from './ddl.js';
import { interpolate, rankRelation } from './rank.js';

/** T-SQL as the portable subset sees it: one text for SQL Server and for a Synapse dedicated pool. Stateless. */
export function tsqlDialect(engine: 'sqlserver' | 'synapse'): Dialect {
  return {
    engine,
    compile,

    // COUNT is 32 bit.
    countAll: () => sql<number>`count_big(*)`,
    // SUM of INT is INT and overflows.
    sumInt: (expression) => sql<number>`sum(cast(${expression} as bigint))`,
    toDouble: (expression) => sql<number>`cast(${expression} as float)`,

    bucket,
    addDays: (day, days) => sql<string>`dateadd(day, ${sql.lit(whole(days))}, ${day})`,
    daysBetween: (from, to) => sql<number>`datediff(day, ${from}, ${to})`,

    localTime: (instant) =>
      sql<string>`cast(${instant} at time zone 'UTC' at time zone 'GMT Standard Time' as datetime2(3))`,
    midnight: (day) => sql<string>`cast(${day} as datetime2(3))`,
    startOfHour: (time) => sql<string>`dateadd(hour, datediff(hour, ${epoch}, ${time}), ${epoch})`,
    addSeconds,
    addMonths: (time, months) => sql<string>`dateadd(month, ${sql.lit(whole(months))}, ${time})`,
    secondsBetween: (from, to) => sql<number>`(datediff_big(millisecond, ${from}, ${to}) / 1000e0)`,
    jsonRows: (json, columns) => {
      const members = Object.entries(columns).map(([name, type]) =>
        type.kind === 'key128'
          ? sql`${sql.id(name)} nvarchar(32) ${sql.lit(`$.${name}`)}`
          : sql`${sql.id(name)} ${sql.raw(columnType(type).replace(' COLLATE Latin1_General_BIN2', ''))} ${sql.lit(`$.${name}`)}`,
      );
      const values = Object.entries(columns).map(([name, type]) => {
        const member = sql.ref(`j.${name}`);
        const value =
          type.kind === 'key128'
            ? sql`convert(binary(16), ${member}, 2)`
            : type.kind === 'text'
              ? sql`${member} collate Latin1_General_BIN2`
              : member;
        return sql`${value}`.as(name);
      });
      return sql`(select ${sql.join(values)} from openjson(${json}) with (${sql.join(members)}) as j)`;
    },
    digest: (values) =>
      sql<Uint8Array>`cast(hashbytes('SHA2_256', ${sql.join(values, sql` + `)}) as binary(16))`,
    variance: (expression) => sql<number | null>`var(${expression})`,

    // `/` of whole numbers truncates.
    roundTo: (base, expression) =>
      sql<number>`(((cast(${expression} as bigint) + ${sql.lit(Math.floor(whole(base) / 2))}) / ${sql.lit(base)}) * ${sql.lit(base)})`,
    roundDecimals: (expression, digits) =>
      sql<number>`(floor(${expression} * ${sql.lit(10 ** whole(digits))} + 0.5000001e0) / ${sql.lit(10 ** digits)})`,

    poundsPer: (pounds, units) => {
      const [pence, by] = [sql`cast(${pounds} * 100 as bigint)`, sql`cast(${units} as bigint)`];
      return sql<string>`(cast((2 * ${pence} + ${by}) / nullif(2 * ${by}, 0) as decimal(17, 0)) * 0.01)`;
    },

    rank: rankRelation,
    percentile: ({ column }, p) => interpolate(column, p),

    output,

    startsWith(column, value) {
      const text = textOf(value);
      // `=` pads with blanks, so LEFT would also find a shorter text.
      if (text.endsWith(' ')) return sql<boolean>`charindex(${value}, ${column}) = 1`;
      return sql<boolean>`left(${column}, ${sql.lit(text.length)}) = ${value}`;
    },
    endsWith(column, value) {
      const text = textOf(value);
      // No text of gold ends in a blank: false, or unknown for null. `=` would pad the shorter side.
      if (text.endsWith(' ')) return sql<boolean>`left(${column}, 0) <> ${sql.lit('')}`;
      return sql<boolean>`right(${column}, ${sql.lit(text.length)}) = ${value}`;
    },
    contains(column, value) {
      // CHARINDEX of an empty text is 0, though every text holds it.
      if (textOf(value) === '') return sql<boolean>`left(${column}, 0) = ${value}`;
      return sql<boolean>`charindex(${value}, ${column}) > 0`;
    },

    holdsItem(list, items, beginnings) {
      const enclosed = sql`concat(${sql.lit(',')}, ${list}, ${sql.lit(',')})`;
      const sought = [...items.map((item) => `,${item},`), ...beginnings.map((beginning) => `,${beginning}`)];
      const tests = sought.map((text) => sql`charindex(${bind(itemType, text)}, ${enclosed}) > 0`);
      return sql<boolean>`(${sql.join(tests, sql` or `)})`;
    },

    columnType,
  };
}

function compile(query: Compilable): Statement {
  // Kysely's interface leaves out what all of its builders have.
  const node = (query as unknown as { toOperationNode(): RootOperationNode }).toOperationNode();
  const compiled = new PortableTsqlCompiler().compileQuery(node, { queryId: 'maplewood' });
  return { sql: compiled.sql, parameters: compiled.parameters.map(typed), tables: tablesIn(node) };
}

function typed(value: unknown): TypedValue {
  if (value instanceof TypedValue) return value;
  throw new Error('a parameter without a type reached the T-SQL compiler; use bind()');
}

const itemType = { kind: 'text', length: 400 } as const;

const epoch = sql`cast('2000-01-01' as datetime2(3))`;

/** DATEADD takes 32 bits, which 25 days in milliseconds exceed: days first, then what is left. */
function addSeconds(time: Expression<unknown>, seconds: Expression<unknown>): RawBuilder<string> {
  const days = sql`floor(${seconds} / 86400e0)`;
  const rest = sql`floor((${seconds} - ${days} * 86400e0) * 1000e0 + 0.5e0)`;
  return sql<string>`dateadd(millisecond, cast(${rest} as int), dateadd(day, cast(${days} as int), ${time}))`;
}

/** DATETRUNC is not in a dedicated pool, and DATEDIFF(WEEK) depends on settings of the server. */
function bucket(grain: CalendarGrain, day: Expression<unknown>): RawBuilder<string> {
  switch (grain) {
    case 'DAY':
      return sql<string>`${day}`;
    case 'WEEK':
      // 1 January 1900 was a Monday.
      return sql<string>`cast(dateadd(day, -(datediff(day, cast('1900-01-01' as date), ${day}) % 7), ${day}) as date)`;
    case 'MONTH':
      return sql<string>`datefromparts(year(${day}), month(${day}), 1)`;
    case 'QUARTER':
      return sql<string>`datefromparts(year(${day}), 3 * ((month(${day}) - 1) / 3) + 1, 1)`;
    case 'YEAR':
      return sql<string>`datefromparts(year(${day}), 1, 1)`;
  }
}

/** Casts to the declared type: an expression's own type (SUM of a decimal has p = 38) would lose digits on the way. */
function output(expression: Expression<unknown>, type: ColumnType): RawBuilder<unknown> {
  switch (type.kind) {
    case 'text':
    case 'key128':
      return sql`${expression}`;
    case 'int32':
    case 'int64':
    case 'double':
    case 'boolean':
    case 'date':
    case 'instant':
      return sql`cast(${expression} as ${sql.raw(columnType(type))})`;
    case 'decimal': {
      const exact = sql`cast(${expression} as decimal(${sql.lit(type.precision)}, ${sql.lit(type.scale)}))`;
      // The client reads DECIMAL as a double, which holds 15 digits.
      return type.precision > 15 ? sql`cast(${exact} as varchar(40))` : exact;
    }
  }
}

/** Lengths are counted in UTF-16 units, as LEFT and RIGHT count under a BIN2 collation. */
const textOf = (value: TypedValue): string => (value.value === null ? '' : String(value.value));

function whole(value: number): number {
  if (!Number.isSafeInteger(value)) throw new Error(`${value} is not a whole number`);
  return value;
}
