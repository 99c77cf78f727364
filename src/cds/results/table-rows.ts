import { type RawBuilder, sql } from 'kysely';
import type { LoadContext } from '../../loaders/load.js';
import { queryOf } from '../../measures/source.js';
import type { TableDeclaration } from '../../warehouse/table.js';
import { bind } from '../../warehouse/value.js';

export type TableRow = Readonly<Record<string, unknown>>;

export const hex = (key: unknown): string => Buffer.from(key as Uint8Array).toString('hex');

/** Condition of the rows of some results. */
export const keysAre = (keys: readonly Uint8Array[]): RawBuilder<boolean> =>
  sql<boolean>`${sql.ref('t.result_key')} in (${sql.join(keys.map((key) => bind({ kind: 'key128' }, key)))})`;

/** Condition of the rows of some texts of rules. */
export const textsAre = (texts: readonly string[]): RawBuilder<boolean> =>
  sql<boolean>`${sql.ref('t.text_sha256')} in (${sql.join(texts.map((text) => bind({ kind: 'text', length: 64 }, text)))})`;

/** Rows of a table of gold, with columns by their names there. */
export async function tableRows(
  table: TableDeclaration,
  names: readonly string[],
  condition: RawBuilder<boolean>,
  { plan: { gold, dialect }, handle, signal, requestId, lane = 'query' }: LoadContext,
): Promise<TableRow[]> {
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
