import { type Compilable, type RawBuilder, sql } from 'kysely';
import type { GoldBuilder } from '../../measures/source.js';
import type { Dialect, DynamicQuery } from '../../warehouse/dialect.js';
import type { TableDeclaration } from '../../warehouse/table.js';

/** A column of a query by its name; what is not given is null. */
export type Values = Readonly<Record<string, RawBuilder<unknown>>>;

/** INSERT of one row for each of a query into a declared table. Error: a value that is no column of the table. */
export function insertFrom(
  gold: GoldBuilder,
  dialect: Dialect,
  table: TableDeclaration,
  from: DynamicQuery,
  values: Values,
): Compilable {
  const names = Object.keys(table.columns);
  const unknown = Object.keys(values).filter((name) => !names.includes(name));
  if (unknown.length > 0) throw new Error(`${table.name} has no column ${unknown.join(', ')}`);
  const selected = Object.entries(table.columns).map(([name, { type }]) =>
    (values[name] ?? sql`cast(null as ${sql.raw(dialect.columnType(type))})`).as(name),
  );
  return (
    gold as unknown as {
      insertInto(name: string): { columns(names: string[]): { expression(query: unknown): Compilable } };
    }
  )
    .insertInto(table.name)
    .columns(names)
    .expression(from.select(selected));
}
