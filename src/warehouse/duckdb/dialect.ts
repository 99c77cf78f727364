import { type Compilable, type Expression, type RawBuilder, type RootOperationNode, sql } from 'kysely';
import type { Dialect, DynamicQuery, RankedColumn, Statement } from '../dialect.js';
import type { CalendarGrain } from '../grain.js';
import { assertPortable } from '../portable.js';
import type { ColumnType } from '../table.js';
import { tablesIn } from '../tables-of.js';
import { TypedValue } from '../value.js';
import { DuckdbCompiler } from './compiler.js';
import { columnType } from './types.js';

/** DuckDB as the portable subset sees it. Stateless. */
export const duckdbDialect: Dialect = {
  engine: 'duckdb',

  compile(query: Compilable): Statement {
    // Kysely's interface leaves out what all of its builders have.
    const node = (query as unknown as { toOperationNode(): RootOperationNode }).toOperationNode();
    assertPortable(node);
    const compiled = new DuckdbCompiler().compileQuery(node, { queryId: 'maplewood' });
    return { sql: compiled.sql, parameters: compiled.parameters.map(typed), tables: tablesIn(node) };
  },

  countAll: () => sql<number>`count(*)`,
  sumInt: (expression) => sql<number>`sum(${expression})`,
  toDouble: (expression) => sql<number>`cast(${expression} as double)`,

  // date_trunc of a DATE gives a TIMESTAMP, hence the cast.
  bucket: (grain: CalendarGrain, day: Expression<unknown>): RawBuilder<string> =>
    grain === 'DAY'
      ? sql<string>`${day}`
      : sql<string>`cast(date_trunc(${sql.lit(grain.toLowerCase())}, ${day}) as date)`,
  addDays: (day, days) => sql<string>`(${day} + ${sql.lit(days)})`,

  daysBetween: (from, to) => sql<number>`(${to} - ${from})`,

  localTime: (instant) => sql<string>`timezone('Europe/London', timezone('UTC', ${instant}))`,
  midnight: (day) => sql<string>`cast(${day} as timestamp)`,
  startOfHour: (time) => sql<string>`date_trunc('hour', ${time})`,
  addSeconds: (time, seconds) =>
    sql<string>`(${time} + to_milliseconds(cast(floor(${seconds} * 1000e0 + 0.5e0) as bigint)))`,
  addMonths: (time, months) => sql<string>`(${time} + to_months(${sql.lit(months)}))`,
  secondsBetween: (from, to) => sql<number>`(date_diff('millisecond', ${from}, ${to}) / 1000e0)`,
  jsonRows: (json, columns) => {
    const names = Object.keys(columns);
    const structure = JSON.stringify([Object.fromEntries(names.map((name) => [name, 'VARCHAR']))]);
    const values = Object.entries(columns).map(([name, type]) => {
      const member = sql`struct_extract(${sql.ref('o')}, ${sql.lit(name)})`;
      const value =
        type.kind === 'key128' ? sql`unhex(${member})` : sql`cast(${member} as ${sql.raw(columnType(type))})`;
      return value.as(name);
    });
    return sql`(select ${sql.join(values)} from (select unnest(from_json(${json}, ${sql.lit(structure)})) as o))`;
  },
  digest: (values) => sql<Uint8Array>`unhex(left(sha256(${sql.join(values, sql` || `)}), 32))`,
  variance: (expression) => sql<number | null>`var_samp(${expression})`,

  // `//` is DuckDB's whole-number division.
  roundTo: (base, expression) =>
    sql<number>`((cast(${expression} as bigint) + ${sql.lit(Math.floor(base / 2))}) // ${sql.lit(base)}) * ${sql.lit(base)}`,
  roundDecimals: (expression, digits) =>
    sql<number>`(floor(${expression} * ${sql.lit(10 ** digits)} + 0.5000001) / ${sql.lit(10 ** digits)})`,

  poundsPer: (pounds, units) => {
    const [pence, by] = [sql`cast(${pounds} * 100 as hugeint)`, sql`cast(${units} as hugeint)`];
    return sql<string>`(cast((2 * ${pence} + ${by}) // nullif(2 * ${by}, 0) as decimal(17, 0)) * 0.01)`;
  },

  rank: (relation: DynamicQuery): DynamicQuery => relation,
  // quantile_cont of a DECIMAL rounds to the input's scale, hence the cast; of whole numbers it is a DOUBLE.
  percentile: (ranked: RankedColumn, p: number) => {
    const column = sql.ref(ranked.column);
    const value = ranked.whole ? column : sql`cast(${column} as double)`;
    const all = [...new Set(ranked.percentiles ?? [])].sort((a, b) => a - b);
    if (all.length < 2 || !all.includes(p)) return sql<number | null>`quantile_cont(${value}, ${sql.lit(p)})`;
    // Equal calls are computed once; the list is sorted, so all of a column's percentiles are one call.
    const list = sql.join(all.map((each) => sql.lit(each)));
    return sql<number | null>`quantile_cont(${value}, [${list}])[${sql.lit(all.indexOf(p) + 1)}]`;
  },

  output: (expression: Expression<unknown>, type: ColumnType) => {
    switch (type.kind) {
      case 'text':
      case 'boolean':
        return sql`${expression}`;
      // A number of 128 bits lies in the vector, where a BLOB of as many costs a buffer of its own.
      case 'key128':
        return sql`cast(cast(${expression} as bit) as uhugeint)`;
      case 'int32':
        return sql`cast(${expression} as integer)`;
      // Counts stay below 2^53; BIGINT would arrive as a bigint, which JSON does not know.
      case 'int64':
      case 'double':
        return sql`cast(${expression} as double)`;
      case 'decimal':
        return sql`cast(cast(${expression} as decimal(${sql.lit(type.precision)}, ${sql.lit(type.scale)})) as varchar)`;
      case 'date':
        return sql`cast(${expression} as varchar)`;
      case 'instant':
        return sql`strftime(${expression}, '%Y-%m-%dT%H:%M:%SZ')`;
    }
  },

  startsWith: (column, value) => sql<boolean>`starts_with(${column}, ${value})`,
  endsWith: (column, value) => sql<boolean>`ends_with(${column}, ${value})`,
  contains: (column, value) => sql<boolean>`contains(${column}, ${value})`,

  // The list is often put together of columns: it is looked at once, whatever the number of codes.
  holdsItem: (list, items, beginnings) => {
    const whole = items.length > 0 ? [`(?:${items.map(literally).join('|')})(?:,|$)`] : [];
    const pattern = `(?:^|,)(?:${[...whole, ...beginnings.map(literally)].join('|')})`;
    return sql<boolean>`regexp_matches(${list}, ${sql.lit(pattern)})`;
  },

  columnType,
};

/** A text as a regular expression for itself, of letters, digits and the signs of an escape. */
const literally = (text: string): string =>
  text.replaceAll(/[^0-9A-Za-z]/gu, (sign) => `\\x{${sign.codePointAt(0)?.toString(16)}}`);

function typed(value: unknown): TypedValue {
  if (value instanceof TypedValue) return value;
  throw new Error('a parameter without a type reached the DuckDB compiler; use bind()');
}
