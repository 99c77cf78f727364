import { DuckDBInstance } from '@duckdb/node-api';
import { createTable as createInDuckdb } from '../../../src/warehouse/duckdb/ddl.js';
import { columnType, createIndex, createTable, quoted } from '../../../src/warehouse/mssql/ddl.js';
import {
  boolean,
  date,
  decimal,
  double,
  instant,
  int32,
  int64,
  key128,
  nullable,
  table,
  text,
} from '../../../src/warehouse/table.js';

const spell = table({
  name: 'spell',
  description: 'One stay.',
  columns: {
    spell_sk: key128('key'),
    patient_sk: key128('patient'),
    trust_code: text(5)('trust'),
    admitted_at: instant('admission'),
    discharge_day: nullable(date('day of discharge')),
    los: nullable(int32('days')),
    rows: int64('rows'),
    risk: nullable(double('risk')),
    cost: decimal(15, 2)('pounds'),
    emergency: boolean('emergency admission'),
  },
  primaryKey: ['spell_sk'],
  sortedBy: ['trust_code', 'admitted_at'],
  distribution: { kind: 'hash', column: 'patient_sk' },
});
const log = table({
  name: 'log',
  description: 'Lines.',
  columns: { line: text(10)('line') },
  distribution: { kind: 'round_robin' },
});
const dim = table({
  name: 'dim',
  description: 'Codes.',
  columns: { code: text(5)('code') },
  primaryKey: ['code'],
});

const columns = [
  '  [spell_sk] BINARY(16) NOT NULL,',
  '  [patient_sk] BINARY(16) NOT NULL,',
  '  [trust_code] NVARCHAR(5) COLLATE Latin1_General_BIN2 NOT NULL,',
  '  [admitted_at] DATETIME2(0) NOT NULL,',
  '  [discharge_day] DATE NULL,',
  '  [los] INT NULL,',
  '  [rows] BIGINT NOT NULL,',
  '  [risk] FLOAT NULL,',
  '  [cost] DECIMAL(15, 2) NOT NULL,',
  '  [emergency] BIT NOT NULL,',
];

describe('a table on SQL Server', () => {
  it('has an enforced key, and its order as the clustered index', () => {
    expect(createTable('gold_r7', spell, 'sqlserver').split('\n')).toEqual([
      'CREATE TABLE [gold_r7].[spell] (',
      ...columns,
      '  PRIMARY KEY NONCLUSTERED ([spell_sk])',
      ')',
    ]);
    expect(createIndex('gold_r7', spell, 'sqlserver')).toBe(
      'CREATE CLUSTERED INDEX [ix_spell] ON [gold_r7].[spell] ([trust_code], [admitted_at])',
    );
  });

  it('has neither where none is declared', () => {
    expect(createTable('gold_r7', log, 'sqlserver')).toBe(
      'CREATE TABLE [gold_r7].[log] (\n  [line] NVARCHAR(10) COLLATE Latin1_General_BIN2 NOT NULL\n)',
    );
    expect(createIndex('gold_r7', log, 'sqlserver')).toBeUndefined();
  });
});

describe('a table on Synapse', () => {
  it('of facts lies by its patient, with a key that is believed', () => {
    expect(createTable('gold_r7', spell, 'synapse').split('\n')).toEqual([
      'CREATE TABLE [gold_r7].[spell] (',
      ...columns,
      '  PRIMARY KEY NONCLUSTERED ([spell_sk]) NOT ENFORCED',
      ')',
      'WITH (DISTRIBUTION = HASH([patient_sk]), HEAP)',
    ]);
    expect(createIndex('gold_r7', spell, 'synapse')).toBeUndefined();
  });

  it('of codes is replicated, and read by its key', () => {
    expect(createTable('gold_r7', dim, 'synapse')).toContain(
      'WITH (DISTRIBUTION = REPLICATE, CLUSTERED INDEX ([code]))',
    );
  });

  it('without a declared key has none', () => {
    const made = createTable('gold_r7', log, 'synapse');
    expect(made).not.toContain('PRIMARY KEY');
    expect(made).toContain('WITH (DISTRIBUTION = ROUND_ROBIN, HEAP)');
  });
});

describe('the limits of T-SQL', () => {
  const make = (declaration: Parameters<typeof table>[0]) => () =>
    createTable('gold_r7', table(declaration), 'sqlserver');
  const base = { name: 't', description: 'T.' };

  it.each<[string, Parameters<typeof table>[0], string]>([
    ['a text that needs MAX', { ...base, columns: { a: text(4001)('a') } }, 'longer than 4000'],
    ['a text without length', { ...base, columns: { a: text(0)('a') } }, 'longer than 4000'],
    ['a row over 8,060 bytes', { ...base, columns: { a: text(4000)('a'), b: text(31)('b') } }, '8060 bytes'],
    [
      'a long primary key',
      { ...base, columns: { a: text(851)('a') }, primaryKey: ['a'], sortedBy: [] },
      '1700 bytes',
    ],
    ['a long sort key', { ...base, columns: { a: text(451)('a') }, sortedBy: ['a'] }, '900 bytes'],
    [
      'a key that may be null',
      { ...base, columns: { a: nullable(int32('a')) }, primaryKey: ['a'] },
      'may be null',
    ],
    [
      'a distribution that may be null',
      { ...base, columns: { a: nullable(int32('a')) }, distribution: { kind: 'hash', column: 'a' } },
      'may be null',
    ],
    ['a key without its column', { ...base, columns: { a: int32('a') }, primaryKey: ['b'] }, 'no column b'],
    [
      '1,025 columns',
      {
        ...base,
        columns: Object.fromEntries(Array.from({ length: 1025 }, (_, i) => [`c${i}`, boolean('c')])),
      },
      '1024 columns',
    ],
  ])('refuse %s', (_, declaration, reason) => {
    expect(make(declaration)).toThrow(reason);
  });

  it('take a row of exactly 8,060 bytes', () => {
    expect(make({ ...base, columns: { a: text(4000)('a'), b: text(30)('b') } })).not.toThrow();
  });

  it.each(['', 'A', 'a b', 'a]', '1a', 'ä', `a${'b'.repeat(63)}`])('refuse the name %j', (name) => {
    expect(() => quoted(name)).toThrow('lower snake case');
  });

  it('give a type to each kind', () => {
    expect(columnType({ kind: 'text', length: 20 })).toBe('NVARCHAR(20)');
  });
});

describe('a table on DuckDB', () => {
  it('has a key only where one is declared', () => {
    expect(createInDuckdb('gold', dim)).toBe(
      'CREATE TABLE "gold"."dim" (\n  "code" VARCHAR NOT NULL,\n  PRIMARY KEY ("code")\n)',
    );
    expect(createInDuckdb(undefined, log)).toBe('CREATE TABLE "log" (\n  "line" VARCHAR NOT NULL\n)');
  });

  it('is what DuckDB makes of it', async () => {
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    await connection.run(createInDuckdb(undefined, spell));
    const made = await connection.runAndReadAll(
      "select column_name || ' ' || data_type || case when is_nullable then ' null' else '' end from duckdb_columns() where table_name = 'spell'",
    );
    expect(made.getRows().flat()).toEqual([
      'spell_sk BLOB',
      'patient_sk BLOB',
      'trust_code VARCHAR',
      'admitted_at TIMESTAMP',
      'discharge_day DATE null',
      'los INTEGER null',
      'rows BIGINT',
      'risk DOUBLE null',
      'cost DECIMAL(15,2)',
      'emergency BOOLEAN',
    ]);
    connection.closeSync();
    instance.closeSync();
  });
});
