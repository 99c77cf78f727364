import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { parse } from 'csv-parse/sync';
import { goldSchema } from '../../../migrations/gold.js';
import { goldTables } from '../../../src/warehouse/gold/index.js';
import { lintTsql } from '../../../src/warehouse/mssql/lint.js';
import { omopTables } from '../../../src/warehouse/omop/index.js';
import { unbounded } from '../../../src/warehouse/omop/unbounded.js';
import type { ColumnType, TableDeclaration } from '../../../src/warehouse/table.js';
import { root } from '../../support/landing.js';

const rows = <T>(file: string): T[] =>
  parse(readFileSync(file, 'utf8'), { columns: true, bom: true, relax_column_count: true }) as T[];

interface Field {
  readonly table: string;
  readonly field: string;
  readonly required: 'yes' | 'no';
  readonly datatype: string;
  readonly primary_key: 'yes' | 'no';
  readonly fk_table: string;
  readonly fk_field: string;
  readonly fk_domain: string;
}
const fields = rows<Field>(join(root, 'reference', 'omop_field.csv'));
const tables: readonly TableDeclaration[] = omopTables;

/** A declared type as the field list would write it. */
function datatype({ kind, ...rest }: ColumnType): string {
  switch (kind) {
    case 'text': {
      const { length } = rest as { length: number };
      return `varchar(${length === unbounded ? 'MAX' : length})`;
    }
    case 'int32':
      return 'integer';
    case 'double':
      return 'float';
    case 'instant':
      return 'datetime';
    default:
      return kind;
  }
}

/** DuckDB's types, as the field list would write them without length. */
const ofDuckdb: Readonly<Record<string, string>> = {
  INTEGER: 'integer',
  VARCHAR: 'varchar',
  DATE: 'date',
  TIMESTAMP: 'datetime',
  DOUBLE: 'float',
};

describe('the OMOP tables', () => {
  it('are those of the carried field list, and collide with none of gold', () => {
    expect(new Set(tables.map(({ name }) => name))).toEqual(new Set(fields.map(({ table }) => table)));
    const gold = new Set<string>(goldTables.map(({ name }) => name));
    expect(tables.filter(({ name }) => gold.has(name) || name.startsWith('mart_'))).toEqual([]);
  });

  it.each(tables.map((table) => [table.name, table] as const))(
    '%s has every column in order, with its type and NOT NULL',
    (name, { columns }) => {
      const declared = Object.entries(columns).map(([field, column]) => [
        field,
        datatype(column.type),
        column.nullable ? 'no' : 'yes',
      ]);
      const listed = fields
        .filter(({ table }) => table === name)
        .map(({ field, datatype: type, required }) => [field, type.replace('Integer', 'integer'), required]);
      expect(declared).toEqual(listed);
    },
  );

  it('have the listed key as primary key or, where they are large, as order', () => {
    for (const { table, field } of fields.filter(({ primary_key }) => primary_key === 'yes')) {
      const found = tables.find(({ name }) => name === table);
      expect([table, found?.primaryKey[0] ?? found?.sortedBy[0]]).toEqual([table, field]);
    }
  });

  it('are made by DuckDB with these columns', async () => {
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    for (const statement of goldSchema(tables, undefined, 'duckdb')) await connection.run(statement);
    const made = await connection.runAndReadAll(
      'select table_name, column_name, data_type, is_nullable from duckdb_columns() where not internal order by table_name, column_index',
    );
    const listed = [...fields].sort((a, b) => (a.table < b.table ? -1 : a.table > b.table ? 1 : 0));
    expect(
      made
        .getRows()
        .map(([table, column, type, nullable]) => [table, column, ofDuckdb[String(type)], nullable]),
    ).toEqual(
      listed.map(({ table, field, datatype: type, required }) => [
        table,
        field,
        type.replace(/\(.*/, '').toLowerCase(),
        required === 'no',
      ]),
    );
    connection.closeSync();
    instance.closeSync();
  });

  it.each(['sqlserver', 'synapse'] as const)('keep to the limits and the T-SQL of %s', (engine) => {
    expect(goldSchema(tables, 'gold_r1', engine).flatMap(lintTsql)).toEqual([]);
  });
});

const reference = process.env['MAPLEWOOD_TEST_REFERENCE'];
if (reference === undefined) {
  process.stdout.write(
    'omop conformance: SKIPPED the official list, since MAPLEWOOD_TEST_REFERENCE names no folder\n',
  );
}
(reference === undefined ? describe.skip : describe)('the carried field list', () => {
  it('says of our tables what the official one says', () => {
    const official = rows<Record<string, string>>(
      join(reference ?? '', 'omop', 'OMOP_CDMv5.4_Field_Level.csv'),
    );
    const known = new Set(tables.map(({ name }) => name));
    const applicable = (value = 'NA'): string => (value === 'NA' ? '' : value);
    const key = (table: string, field: string): string => `${table}.${field}`;
    const expected = official
      .filter((row) => known.has(String(row['cdmTableName'])))
      .map((row) => [
        key(String(row['cdmTableName']), String(row['cdmFieldName'])),
        row['isRequired']?.toLowerCase(),
        row['cdmDatatype'],
        row['isPrimaryKey']?.toLowerCase(),
        applicable(row['fkTableName']).toLowerCase(),
        applicable(row['fkFieldName']).toLowerCase(),
        applicable(row['fkDomain']),
      ]);
    const carried = fields.map((row) => [
      key(row.table, row.field),
      row.required,
      row.datatype,
      row.primary_key,
      row.fk_table,
      row.fk_field,
      row.fk_domain,
    ]);
    expect(new Map(carried.map(([name, ...rest]) => [name, rest]))).toEqual(
      new Map(expected.map(([name, ...rest]) => [name, rest])),
    );
    expect(carried).toHaveLength(expected.length);
  });
});
