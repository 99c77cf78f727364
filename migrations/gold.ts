import type { Dialect } from '../src/warehouse/dialect.js';
import { createTable as createDuckdbTable, quoted as quotedInDuckdb } from '../src/warehouse/duckdb/ddl.js';
import { createIndex, createTable, quoted } from '../src/warehouse/mssql/ddl.js';
import type { TableDeclaration } from '../src/warehouse/table.js';

/**
 * The statements that make the empty tables of a release, in order. Each is a batch of its own. A release is
 * always made anew, so these never migrate. T-SQL keeps releases apart by schema, DuckDB by file: there `schema`
 * is left out, or names one inside the file.
 */
export function goldSchema(
  tables: readonly TableDeclaration[],
  schema: string | undefined,
  engine: Dialect['engine'],
): string[] {
  if (engine === 'duckdb') {
    const made = schema === undefined || schema === 'main' ? [] : [`CREATE SCHEMA ${quotedInDuckdb(schema)}`];
    return [...made, ...tables.map((declared) => createDuckdbTable(schema, declared))];
  }
  if (schema === undefined) throw new Error('a release on T-SQL needs a schema');
  const statements = tables.flatMap((declared) => [
    createTable(schema, declared, engine),
    createIndex(schema, declared, engine),
  ]);
  return [`CREATE SCHEMA ${quoted(schema)}`, ...statements.filter((statement) => statement !== undefined)];
}
