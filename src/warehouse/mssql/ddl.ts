import { type ColumnDeclaration, type ColumnType, columnOf, type TableDeclaration } from '../table.js';

export type TsqlEngine = 'sqlserver' | 'synapse';

/** How text is compared and ordered: bytewise, as DuckDB does. */
export const collation = 'Latin1_General_BIN2';

/** Column type as T-SQL DDL, without collation. */
export function columnType(type: ColumnType): string {
  switch (type.kind) {
    case 'text':
      return `NVARCHAR(${type.length})`;
    case 'int32':
      return 'INT';
    case 'int64':
      return 'BIGINT';
    case 'double':
      return 'FLOAT';
    case 'decimal':
      return `DECIMAL(${type.precision}, ${type.scale})`;
    case 'boolean':
      return 'BIT';
    case 'date':
      return 'DATE';
    case 'instant':
      return 'DATETIME2(0)';
    case 'key128':
      return 'BINARY(16)';
  }
}

/** A name as T-SQL reads it. Error: it is not lower snake case of at most 63 characters. */
export function quoted(name: string): string {
  if (!/^[a-z][a-z0-9_]{0,62}$/.test(name))
    throw new Error(`${name} is no name of lower snake case, 63 characters at most`);
  return `[${name}]`;
}

/**
 * The statement that makes a declared table. Synapse takes a distribution and an index with it, and a key that it does not check: a declared key with duplicates makes wrong
 * answers there, so only what a release check proves may be declared.
 */
export function createTable(schema: string, declared: TableDeclaration, engine: TsqlEngine): string {
  checkLimits(declared);
  const columns = Object.entries(declared.columns).map(([name, column]) => columnDefinition(name, column));
  const parts = [...columns, ...keys(declared, engine)].map((part) => `  ${part}`).join(',\n');
  const storage =
    engine === 'synapse' ? `\nWITH (DISTRIBUTION = ${distribution(declared)}, ${index(declared)})` : '';
  return `CREATE TABLE ${quoted(schema)}.${quoted(declared.name)} (\n${parts}\n)${storage}`;
}

function columnDefinition(name: string, column: ColumnDeclaration): string {
  const collate = column.type.kind === 'text' ? ` COLLATE ${collation}` : '';
  return `${quoted(name)} ${columnType(column.type)}${collate} ${column.nullable ? 'NULL' : 'NOT NULL'}`;
}

function keys(declared: TableDeclaration, engine: TsqlEngine): string[] {
  if (declared.primaryKey.length === 0) return [];
  const key = `PRIMARY KEY NONCLUSTERED (${list(declared.primaryKey)})`;
  return [engine === 'synapse' ? `${key} NOT ENFORCED` : key];
}

/** The statement that puts the rows of a table on SQL Server in order; none for Synapse or an unordered table. */
export function createIndex(
  schema: string,
  declared: TableDeclaration,
  engine: TsqlEngine,
): string | undefined {
  if (engine === 'synapse' || declared.sortedBy.length === 0) return undefined;
  const name = quoted(`ix_${declared.name}`.slice(0, 63));
  return `CREATE CLUSTERED INDEX ${name} ON ${quoted(schema)}.${quoted(declared.name)} (${list(declared.sortedBy)})`;
}

const list = (columns: readonly string[]): string => columns.map(quoted).join(', ');

function distribution({ distribution: spread }: TableDeclaration): string {
  switch (spread.kind) {
    case 'hash':
      return `HASH(${quoted(spread.column)})`;
    case 'replicate':
      return 'REPLICATE';
    case 'round_robin':
      return 'ROUND_ROBIN';
  }
}

/** Single rows of a replicated table are looked up by key; the rest is too small for a columnstore (60 million rows). */
function index(declared: TableDeclaration): string {
  const sorted = declared.distribution.kind === 'replicate' && declared.sortedBy.length > 0;
  return sorted ? `CLUSTERED INDEX (${list(declared.sortedBy)})` : 'HEAP';
}

/** Limits of both engines, checked here because the server would answer only when a long row arrives. */
const limits = {
  row: 8060,
  clusteredKey: 900,
  nonclusteredKey: 1700,
  columns: 1024,
  textLength: 4000,
} as const;

function checkLimits(declared: TableDeclaration): void {
  const { columns, primaryKey, sortedBy, name } = declared;
  const fail = (what: string): never => {
    throw new Error(`table ${name}: ${what}`);
  };
  const width = (names: readonly string[]): number =>
    names.reduce((sum, column) => sum + bytes(columnOf(declared, column).type), 0);
  for (const [column, { type }] of Object.entries(columns)) {
    if (type.kind === 'text' && !(type.length >= 1 && type.length <= limits.textLength)) {
      fail(`column ${column} is longer than ${limits.textLength} characters`);
    }
  }
  if (Object.keys(columns).length > limits.columns) fail(`more than ${limits.columns} columns`);
  if (width(Object.keys(columns)) > limits.row) fail(`a row may need more than ${limits.row} bytes`);
  if (width(primaryKey) > limits.nonclusteredKey)
    fail(`the primary key is longer than ${limits.nonclusteredKey} bytes`);
  if (width(sortedBy) > limits.clusteredKey) fail(`the sort key is longer than ${limits.clusteredKey} bytes`);
  for (const key of primaryKey)
    if (columnOf(declared, key).nullable) fail(`column ${key} of the primary key may be null`);
  const spread = declared.distribution;
  if (spread.kind === 'hash' && columnOf(declared, spread.column).nullable)
    fail('the distribution column may be null');
}

/** Largest size of a value. */
function bytes(type: ColumnType): number {
  switch (type.kind) {
    case 'text':
      return type.length * 2;
    case 'int32':
      return 4;
    case 'int64':
    case 'double':
      return 8;
    case 'decimal':
      return type.precision <= 9 ? 5 : type.precision <= 19 ? 9 : type.precision <= 28 ? 13 : 17;
    case 'boolean':
      return 1;
    case 'date':
      return 3;
    case 'instant':
      return 6;
    case 'key128':
      return 16;
  }
}
