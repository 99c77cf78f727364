import type { ColumnDeclaration, TableDeclaration } from '../../src/warehouse/table.js';

/** A key is 32 hexadecimal digits or a number, an instant a text or the seconds since 1970. */
export type Cell = string | number | boolean | null;

function literal(declared: ColumnDeclaration, value: Cell | undefined): string {
  if (value === null || (value === undefined && declared.nullable)) return 'null';
  switch (declared.type.kind) {
    case 'key128':
      return `unhex('${(typeof value === 'string' ? value : Number(value ?? 0).toString(16)).padStart(32, '0')}')`;
    case 'text':
      return `'${String(value ?? '-').replaceAll("'", "''")}'`;
    case 'date':
      return `date '${String(value ?? '2000-01-01')}'`;
    case 'instant':
      return `timestamp '${(typeof value === 'string' ? value : new Date(Number(value ?? 0) * 1000).toISOString()).slice(0, 19)}'`;
    default:
      return String(value ?? 0);
  }
}

/** INSERTs of rows that name only the columns that matter; the others are null or a neutral value. */
export function insertSql(
  table: TableDeclaration,
  rows: readonly Readonly<Record<string, Cell>>[],
): string[] {
  const columns = Object.entries(table.columns);
  const tuples = rows.map(
    (row) => `(${columns.map(([name, declared]) => literal(declared, row[name])).join(', ')})`,
  );
  return Array.from(
    { length: Math.ceil(tuples.length / 1_000) },
    (_none, at) =>
      `insert into ${table.name} values ${tuples.slice(at * 1_000, at * 1_000 + 1_000).join(', ')}`,
  );
}
