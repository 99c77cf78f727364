import { type RawBuilder, sql } from 'kysely';
import type { LoadContext } from '../../loaders/load.js';
import { queryOf } from '../../measures/source.js';
import type { TableDeclaration } from '../../warehouse/table.js';

export type Row = Readonly<Record<string, unknown>>;

/** Rows of a table of gold, with columns by their names there. */
export async function goldRows(
  table: TableDeclaration,
  names: readonly string[],
  condition: RawBuilder<boolean>,
  { plan: { gold, dialect }, handle, signal, requestId, lane = 'query' }: LoadContext,
): Promise<Row[]> {
  const output = names.flatMap((name) => {
    const column = table.columns[name];
    return column ? [{ name, type: column.type }] : [];
  });
  const query = queryOf(gold, `${table.name} as t`)
    .where(condition)
    .select(output.map(({ name, type }) => dialect.output(sql.ref(`t.${name}`), type).as(name)));
  const { columns, rowCount } = await handle.read(dialect.compile(query), output, {
    signal,
    requestId,
    lane,
  });
  return Array.from({ length: rowCount }, (_none, row) =>
    Object.fromEntries(output.map(({ name }, at) => [name, columns[at]?.[row] ?? null])),
  );
}
