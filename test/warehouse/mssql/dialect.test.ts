import { DuckDBInstance } from '@duckdb/node-api';
import {
  DummyDriver,
  type Expression,
  expressionBuilder,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  sql,
} from 'kysely';
import type { DynamicQuery } from '../../../src/warehouse/dialect.js';
import type { CalendarGrain } from '../../../src/warehouse/grain.js';
import { tsqlDialect } from '../../../src/warehouse/mssql/dialect.js';
import { lintTsql } from '../../../src/warehouse/mssql/lint.js';
import type { ColumnType } from '../../../src/warehouse/table.js';
import { bind, TypedValue } from '../../../src/warehouse/value.js';

const dialect = tsqlDialect('sqlserver');
const db = new Kysely<Record<string, Record<string, unknown>>>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (database) => new PostgresIntrospector(database),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
});
const from = (table: string) => db.selectFrom(table) as unknown as DynamicQuery;
const x = sql.ref('x');

/** The T-SQL of one expression. */
function textOf(expression: Expression<unknown>): string {
  const { sql: text } = dialect.compile(db.selectNoFrom(sql`${expression}`.as('v')));
  expect(lintTsql(text)).toEqual([]);
  return text.replace(/^select /, '').replace(/ as \[v\]$/, '');
}
const text = (value: string | null) => new TypedValue({ kind: 'text', length: 20 }, value);

describe('T-SQL expressions', () => {
  it.each<[string, Expression<unknown>, string]>([
    ['counts in 64 bits', dialect.countAll(), 'count_big(*)'],
    ['sums in 64 bits', dialect.sumInt(x), 'sum(cast([x] as bigint))'],
    ['computes ratios in FLOAT', dialect.toDouble(x), 'cast([x] as float)'],
    ['adds days', dialect.addDays(x, -7), 'dateadd(day, -7, [x])'],
    ['counts days', dialect.daysBetween(sql.ref('a'), sql.ref('b')), 'datediff(day, [a], [b])'],
    ['rounds to 5 in whole numbers', dialect.roundTo(5, x), '(((cast([x] as bigint) + 2) / 5) * 5)'],
    ['rounds half up', dialect.roundDecimals(x, 2), '(floor([x] * 100 + 0.5000001e0) / 100)'],
  ])('%s', (_, expression, expected) => {
    expect(textOf(expression)).toBe(expected);
  });

  it.each<[CalendarGrain, string]>([
    ['DAY', '[x]'],
    ['WEEK', "cast(dateadd(day, -(datediff(day, cast('1900-01-01' as date), [x]) % 7), [x]) as date)"],
    ['MONTH', 'datefromparts(year([x]), month([x]), 1)'],
    ['QUARTER', 'datefromparts(year([x]), 3 * ((month([x]) - 1) / 3) + 1, 1)'],
    ['YEAR', 'datefromparts(year([x]), 1, 1)'],
  ])('begins a %s', (grain, expected) => {
    expect(textOf(dialect.bucket(grain, x))).toBe(expected);
  });

  it.each<[ColumnType, string]>([
    [{ kind: 'text', length: 5 }, '[x]'],
    [{ kind: 'key128' }, '[x]'],
    [{ kind: 'int32' }, 'cast([x] as INT)'],
    [{ kind: 'int64' }, 'cast([x] as BIGINT)'],
    [{ kind: 'double' }, 'cast([x] as FLOAT)'],
    [{ kind: 'boolean' }, 'cast([x] as BIT)'],
    [{ kind: 'date' }, 'cast([x] as DATE)'],
    [{ kind: 'instant' }, 'cast([x] as DATETIME2(0))'],
    [{ kind: 'decimal', precision: 15, scale: 2 }, 'cast([x] as decimal(15, 2))'],
    [{ kind: 'decimal', precision: 18, scale: 4 }, 'cast(cast([x] as decimal(18, 4)) as varchar(40))'],
  ])('returns %j', (type, expected) => {
    expect(textOf(dialect.output(x, type))).toBe(expected);
  });

  it('takes no number that would change the text of a literal', () => {
    expect(() => dialect.addDays(x, 1.5)).toThrow('not a whole number');
    expect(() => dialect.roundTo(Number.NaN, x)).toThrow('not a whole number');
    expect(() => dialect.percentile({ column: 'x', partitionBy: [] }, 1.01)).toThrow('between 0 and 1');
  });
});

describe('text tests', () => {
  it('count lengths in UTF-16 units, as LEFT and RIGHT do', () => {
    expect(textOf(dialect.startsWith(x, text('a😀')))).toBe('left([x], 3) = @1');
    expect(textOf(dialect.endsWith(x, text('ab')))).toBe('right([x], 2) = @1');
    expect(textOf(dialect.contains(x, text('%_[')))).toBe('charindex(@1, [x]) > 0');
  });

  it('do not let = pad a value that ends in a blank', () => {
    expect(textOf(dialect.startsWith(x, text('a ')))).toBe('charindex(@1, [x]) = 1');
    expect(textOf(dialect.endsWith(x, text('a ')))).toBe("left([x], 0) <> ''");
    expect(textOf(dialect.contains(x, text('a ')))).toBe('charindex(@1, [x]) > 0');
  });

  it('find the empty text in every text, and nothing in null', () => {
    expect(textOf(dialect.contains(x, text('')))).toBe('left([x], 0) = @1');
    expect(textOf(dialect.startsWith(x, text(null)))).toBe('left([x], 0) = @1');
  });
});

describe('compile', () => {
  const query = (column: string, value: TypedValue) =>
    from('t')
      .select('id')
      .where(column, '=', value)
      .where('id', 'in', [new TypedValue({ kind: 'int32' }, 7)]);

  it('names parameters by position and keeps their types', () => {
    const name = text('x');
    const statement = dialect.compile(query('name', name).top(26).orderBy('id'));
    expect(statement.sql).toBe(
      'select top(26) [id] from [t] where [name] = @1 and [id] in (@2) order by [id]',
    );
    expect(statement.parameters).toEqual([name, new TypedValue({ kind: 'int32' }, 7)]);
    expect(lintTsql(statement.sql)).toEqual([]);
  });

  it('reads a decimal on the server', () => {
    const price = new TypedValue({ kind: 'decimal', precision: 15, scale: 2 }, '12.30');
    expect(dialect.compile(query('price', price)).sql).toBe(
      'select [id] from [t] where [price] = cast(@1 as decimal(15, 2)) and [id] in (@2)',
    );
  });

  it('qualifies tables by the schema of a release', () => {
    const released = db.withSchema('gold_r7').selectFrom('t').select('id');
    expect(dialect.compile(released).sql).toBe('select [id] from [gold_r7].[t]');
  });

  it('closes a name at its own bracket only', () => {
    expect(dialect.compile(from('t').select('a]b[c')).sql).toBe('select [a]]b[c] from [t]');
  });

  it('refuses what is not portable, and values without a type', () => {
    expect(() => dialect.compile(from('t').select('id').limit(1))).toThrow('not portable (limit)');
    expect(() => dialect.compile(from('t').select('id').where('id', '=', 1))).toThrow(
      'not portable (bare-value)',
    );
  });
});

describe('percentile', () => {
  const waits = { column: 'x', partitionBy: ['g'] };

  it('ranks each value in its group, nulls behind', () => {
    const ranked = dialect.rank(from('t').select(['g', 'x']), [waits, waits]);
    expect(dialect.compile(ranked).sql).toBe(
      'select *, row_number() over (partition by [g] order by case when [x] is null then 1 else 0 end, [x]) as [rn_x], ' +
        'count_big([x]) over (partition by [g]) as [n_x] from (select [g], [x] from [t]) as [ranked]',
    );
  });

  it('leaves a relation without ranked columns as it is', () => {
    const relation = from('t').select('g');
    expect(dialect.rank(relation, [])).toBe(relation);
  });

  it('ranks a column over one group only', () => {
    const ranking = () =>
      dialect.rank(from('t').select(['g', 'x']), [waits, { column: 'x', partitionBy: [] }]);
    expect(ranking).toThrow('ranked over two different groups');
  });

  /** The same text with DuckDB's names of types and functions. */
  const inDuckdb = (tsql: string) =>
    tsql
      .replaceAll('count_big(', 'count(')
      .replaceAll(' as float)', ' as double)')
      .replace(/\[(\w+)\]/g, '"$1"');

  async function run(p: number, partitionBy: readonly string[], rows: string): Promise<unknown[][]> {
    const ranked = { column: 'x', partitionBy };
    const relation = dialect.rank(from('t').select(['g', 'x']), [ranked]);
    const outer = expressionBuilder<Record<string, Record<string, unknown>>, never>()
      .selectFrom((relation as unknown as { as(name: string): never }).as('r'))
      .select(['g' as never, dialect.percentile(ranked, p).as('v') as never])
      .groupBy('g' as never);
    const statement = dialect.compile(outer as never);
    expect(lintTsql(statement.sql)).toEqual([]);
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    try {
      await connection.run(`create table t as select * from (values ${rows}) v(g, x)`);
      const mine = await connection.runAndReadAll(`${inDuckdb(statement.sql)} order by 1`);
      const theirs = await connection.runAndReadAll(
        `select g, quantile_cont(cast(x as double), ${p}) from t group by g order by 1`,
      );
      const [expected, actual] = [theirs.getRows(), mine.getRows()];
      expect(actual.map(([g]) => g)).toEqual(expected.map(([g]) => g));
      actual.forEach(([, v], i) => {
        const other = expected[i]![1];
        if (other === null) expect(v).toBeNull();
        else expect(v).toBeCloseTo(other as number, 9);
      });
      return actual;
    } finally {
      connection.closeSync();
      instance.closeSync();
    }
  }

  it('of 1, 2, 3, 4, 10 at 0.95 is 8.8', async () => {
    const rows = await run(0.95, ['g'], "('a',1),('a',2),('a',3),('a',4),('a',10)");
    expect(rows).toHaveLength(1);
    expect(rows[0]![1]).toBeCloseTo(8.8, 12);
  });

  it.each([0, 0.25, 0.5, 0.9, 1])(
    'agrees with quantile_cont at %f, with nulls, ties and one value',
    async (p) => {
      const values =
        "('a',5),('a',null),('a',5),('a',1),('a',9),('b',7),('b',null),('c',null),('d',-2),('d',3.5)";
      const rows = await run(p, ['g'], values);
      expect(rows.map(([g]) => g)).toEqual(['a', 'b', 'c', 'd']);
      expect(rows[2]![1]).toBeNull();
    },
  );

  it('ranks over everything where there is no group', async () => {
    const rows = await run(0.5, [], "('a',1),('a',null),('a',2),('a',4)");
    expect(rows).toEqual([['a', 2]]);
  });
});

describe('the two engines', () => {
  it('have one text', () => {
    const query = from('t')
      .select([dialect.countAll().as('n')])
      .where(sql<boolean>`${dialect.startsWith(x, text('a'))}`)
      .where('y', '=', bind({ kind: 'date' }, '2024-01-01'));
    expect(tsqlDialect('synapse').compile(query)).toEqual(dialect.compile(query));
    expect(tsqlDialect('synapse').engine).toBe('synapse');
  });
});
