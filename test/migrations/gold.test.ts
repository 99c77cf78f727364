import { DuckDBInstance } from '@duckdb/node-api';
import { goldSchema } from '../../migrations/gold.js';
import { goldTables } from '../../src/warehouse/gold/index.js';
import { lintTsql } from '../../src/warehouse/mssql/lint.js';
import { int32, table, text } from '../../src/warehouse/table.js';

const a = table({ name: 'a', description: 'A.', columns: { id: int32('id') }, primaryKey: ['id'] });
const b = table({ name: 'b', description: 'B.', columns: { line: text(5)('line') } });

describe('the schema of a release', () => {
  it('on SQL Server: the schema alone, then each table with its index', () => {
    expect(goldSchema([a, b], 'gold_r7', 'sqlserver')).toEqual([
      'CREATE SCHEMA [gold_r7]',
      'CREATE TABLE [gold_r7].[a] (\n  [id] INT NOT NULL,\n  PRIMARY KEY NONCLUSTERED ([id])\n)',
      'CREATE CLUSTERED INDEX [ix_a] ON [gold_r7].[a] ([id])',
      'CREATE TABLE [gold_r7].[b] (\n  [line] NVARCHAR(5) COLLATE Latin1_General_BIN2 NOT NULL\n)',
    ]);
  });

  it('on Synapse: no statement after a table', () => {
    const made = goldSchema([a, b], 'gold_r7', 'synapse');
    expect(made.map((statement) => statement.split('\n')[0])).toEqual([
      'CREATE SCHEMA [gold_r7]',
      'CREATE TABLE [gold_r7].[a] (',
      'CREATE TABLE [gold_r7].[b] (',
    ]);
  });

  it('on DuckDB: tables of the file, or of a schema in it', () => {
    expect(goldSchema([b], undefined, 'duckdb')).toEqual([
      'CREATE TABLE "b" (\n  "line" VARCHAR NOT NULL\n)',
    ]);
    expect(goldSchema([b], 'x"y', 'duckdb')[0]).toBe('CREATE SCHEMA "x""y"');
    expect(goldSchema([b], 'main', 'duckdb')).toHaveLength(1);
  });

  it('needs a name on T-SQL', () => {
    expect(() => goldSchema([b], undefined, 'synapse')).toThrow('needs a schema');
    expect(() => goldSchema([b], 'gold]; drop', 'synapse')).toThrow('lower snake case');
  });
});

describe('the declared tables of gold', () => {
  it.each(['sqlserver', 'synapse'] as const)('keep to the limits and the T-SQL of %s', (engine) => {
    const made = goldSchema(goldTables, 'gold_r1', engine);
    expect(made.filter((statement) => statement.startsWith('CREATE TABLE'))).toHaveLength(goldTables.length);
    expect(made.flatMap(lintTsql)).toEqual([]);
  });

  it('are made by DuckDB', async () => {
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    for (const statement of goldSchema(goldTables, undefined, 'duckdb')) await connection.run(statement);
    const made = await connection.runAndReadAll('select table_name from duckdb_tables() order by 1');
    expect(made.getRows().flat()).toEqual(goldTables.map(({ name }) => name as string).sort());
    connection.closeSync();
    instance.closeSync();
  });
});
