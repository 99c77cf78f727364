import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { sql } from 'kysely';
import type { Dialect, Statement } from '../../src/warehouse/dialect.js';
import { duckdbDialect } from '../../src/warehouse/duckdb/dialect.js';
import { goldBuilder } from '../../src/warehouse/gold-builder.js';
import { tsqlDialect } from '../../src/warehouse/mssql/dialect.js';
import { lintTsql } from '../../src/warehouse/mssql/lint.js';

const gold = goldBuilder();

/** Whether the list `l` holds one of the items or beginnings, as 1 and 0. */
const compiled = (
  dialect: Dialect,
  items: readonly string[],
  beginnings: readonly string[],
): Pick<Statement, 'sql' | 'parameters'> =>
  dialect.compile(
    gold.selectNoFrom(
      sql`case when ${dialect.holdsItem(sql.ref('l'), items, beginnings)} then 1 else 0 end`.as('v'),
    ),
  );

const lists = ['I10', 'I10,J44', 'J449,E11', 'E11,J44', 'a.b,c', 'axb', 'Blood test,ECG', '', 'é1,B'];
const sought = [
  'I10',
  'J44',
  'I1',
  'J',
  'E11',
  '.',
  'a.b',
  'Blood test',
  'Blood',
  'ECG',
  'é',
  'é1',
  '(',
  '$',
];

let connection: DuckDBConnection;

beforeAll(async () => {
  connection = await (await DuckDBInstance.create(':memory:')).connect();
  await connection.run(
    `create table lists as select * from (values ${lists.map((list) => `('${list}')`).join(', ')}) t(l)`,
  );
});

afterAll(() => connection.closeSync());

async function holding(items: readonly string[], beginnings: readonly string[]): Promise<unknown[]> {
  const { sql: text } = compiled(duckdbDialect, items, beginnings);
  const reader = await connection.runAndReadAll(`select l from lists where (${text}) = 1 order by rowid`);
  return reader.getRowsJson().map(([list]) => list);
}

describe('a list that is looked into for several codes at once', () => {
  it.each(sought)('holds %s as a whole item, or as the beginning of one', async (code) => {
    const itemsOf = (list: string): string[] => list.split(',');
    expect(await holding([code], [])).toEqual(lists.filter((list) => itemsOf(list).includes(code)));
    expect(await holding([], [code])).toEqual(
      lists.filter((list) => itemsOf(list).some((item) => item.startsWith(code))),
    );
  });

  it('holds any of them', async () => {
    expect(await holding(['ECG', 'I10'], ['J', 'é'])).toEqual([
      'I10',
      'I10,J44',
      'J449,E11',
      'E11,J44',
      'Blood test,ECG',
      'é1,B',
    ]);
  });

  it('is looked at once by the embedded engine, and for each code by text search in T-SQL', () => {
    expect(compiled(duckdbDialect, ['I10'], ['J44', 'J45']).sql).toBe(
      `select case when regexp_matches("l", '(?:^|,)(?:(?:I10)(?:,|$)|J44|J45)') then 1 else 0 end as "v"`,
    );
    const { sql: text, parameters } = compiled(tsqlDialect('synapse'), ['I10'], ['J44']);
    expect(text).toBe(
      "select case when (charindex(@1, concat(',', [l], ',')) > 0 or charindex(@2, concat(',', [l], ',')) > 0) then 1 else 0 end as [v]",
    );
    expect(parameters.map(({ value }) => value)).toEqual([',I10,', ',J44']);
    expect(lintTsql(text)).toEqual([]);
  });
});
