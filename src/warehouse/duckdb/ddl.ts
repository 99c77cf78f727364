import type { ColumnDeclaration, TableDeclaration } from '../table.js';
import { columnType } from './types.js';

/** A name as DuckDB reads it. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/**
 * The statement that makes a declared table. A key costs memory while rows are loaded, so only tables that
 * declare one get it; distribution and sort order are not DuckDB's.
 */
export function createTable(schema: string | undefined, declared: TableDeclaration): string {
  const key =
    declared.primaryKey.length > 0 ? [`PRIMARY KEY (${declared.primaryKey.map(quoted).join(', ')})`] : [];
  const parts = [...Object.entries(declared.columns).map(definition), ...key]
    .map((part) => `  ${part}`)
    .join(',\n');
  const name = schema === undefined ? quoted(declared.name) : `${quoted(schema)}.${quoted(declared.name)}`;
  return `CREATE TABLE ${name} (\n${parts}\n)`;
}

function definition([name, column]: [string, ColumnDeclaration]): string {
  return `${quoted(name)} ${columnType(column.type)}${column.nullable ? '' : ' NOT NULL'}`;
}
