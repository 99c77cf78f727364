import { type Compilable, type RawBuilder, sql } from 'kysely';
import type { GoldBuilder } from '../../measures/source.js';
import type { Dialect, DynamicQuery } from '../../warehouse/dialect.js';
import type { TableDeclaration } from '../../warehouse/table.js';

/** A column of a query by its name; what is not given is null. */
export type Values = Readonly<Record<string, RawBuilder<unknown>>>;

/** A query, and what is inserted for each of its rows. */
export interface Part {
  readonly from: DynamicQuery;
  readonly values: Values;
}

/** INSERT of one row for each of a query into a declared table. Error: a value that is no column of the table. */
export const insertFrom = (
  gold: GoldBuilder,
  dialect: Dialect,
  table: TableDeclaration,
  from: DynamicQuery,
  values: Values,
): Compilable => insertFromAll(gold, dialect, table, [{ from, values }]);

/** The same for the rows of several queries, at least one. */
export function insertFromAll(
  gold: GoldBuilder,
  dialect: Dialect,
  table: TableDeclaration,
  parts: readonly Part[],
): Compilable {
  const names = Object.keys(table.columns);
  const [first, ...others] = parts.map(({ from, values }) => {
    const unknown = Object.keys(values).filter((name) => !names.includes(name));
    if (unknown.length > 0) throw new Error(`${table.name} has no column ${unknown.join(', ')}`);
    return from.select(
      Object.entries(table.columns).map(([name, { type }]) =>
        (values[name] ?? sql`cast(null as ${sql.raw(dialect.columnType(type))})`).as(name),
      ),
    );
  });
  if (!first) throw new Error(`${table.name}: nothing to insert`);
  return (
    gold as unknown as {
      insertInto(name: string): { columns(names: string[]): { expression(query: unknown): Compilable } };
    }
  )
    .insertInto(table.name)
    .columns(names)
    .expression(others.reduce((all, one) => all.unionAll(one), first));
}
