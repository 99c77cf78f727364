import { type RawBuilder, sql } from 'kysely';
import { queryOf } from '../../measures/source.js';
import type { Dialect, DynamicQuery } from '../../warehouse/dialect.js';
import { unknownMember } from '../../warehouse/gold/dimensions.js';
import { columnOf, type TableDeclaration } from '../../warehouse/table.js';
import type { Fact, FactColumn } from './fact.js';

/** The row of gold that a row of a fact is made of. */
export interface FactRow {
  readonly dialect: Dialect;
  /** A column of the table itself. */
  own(column: string): RawBuilder<unknown>;
  /** A column of a joined table, null where that has no row. */
  joined(join: string, column: string): RawBuilder<unknown>;
}

/** A column of a fact, and what it is in gold. */
export interface DeclaredColumn extends FactColumn {
  readonly value: (row: FactRow) => RawBuilder<unknown>;
}

/** A fact with one row for each row of a table of gold, or for some of them. */
export interface DeclaredFact extends Omit<Fact, 'relation' | 'columns' | 'trust' | 'time'> {
  readonly table: TableDeclaration;
  /** Column of the table that is the row key. */
  readonly key: string;
  /** Tables with at most one row for a row, by alias. */
  readonly joins?: Readonly<
    Record<string, { readonly table: TableDeclaration; readonly key: string; readonly from: string }>
  >;
  readonly columns: Readonly<Record<string, DeclaredColumn>>;
  /** One of the columns. */
  readonly time?: string;
  /** One of the columns. */
  readonly trust?: string;
  /** Rows that are of the fact; none: all. */
  readonly where?: (row: FactRow) => RawBuilder<boolean>;
}

const alias = 'f';

/** Makes a fact of its declaration. Error: the declaration names a column that gold does not have. */
export function declareFact({ table, key, joins = {}, where, time, ...declared }: DeclaredFact): Fact {
  const { columns, trust } = declared;
  const used = new Set<string>();
  const rowOf = (dialect: Dialect): FactRow => ({
    dialect,
    own(column) {
      columnOf(table, column);
      return sql.ref(`${alias}.${column}`);
    },
    joined(join, column) {
      const found = joins[join];
      if (!found) throw new Error(`fact ${declared.name} joins no ${join}`);
      columnOf(found.table, column);
      used.add(join);
      return sql.ref(`${join}.${column}`);
    },
  });
  const columnNamed = (name: string): DeclaredColumn => {
    const found = Object.hasOwn(columns, name) ? columns[name] : undefined;
    if (!found) throw new Error(`fact ${declared.name} has no column ${name}`);
    return found;
  };
  const primary = time === undefined ? undefined : columnNamed(time);
  if (primary && primary.stored === undefined)
    throw new Error(`fact ${declared.name}: ${time} is not stored as a time`);
  return {
    ...declared,
    ...(time !== undefined && primary?.stored !== undefined
      ? { time: { column: time, stored: primary.stored } }
      : {}),
    relation(gold, dialect, wanted, patients) {
      const names = new Set(wanted);
      for (const name of wanted) {
        const { knownAt } = columnNamed(name);
        if (knownAt !== undefined) names.add(knownAt);
      }
      for (const name of [time, trust]) if (name !== undefined) names.add(name);
      used.clear();
      const row = rowOf(dialect);
      const selected = [...names].map((name) => columnNamed(name).value(row).as(name));
      const condition = where?.(row);
      let query = queryOf(gold, `${table.name} as ${alias}`);
      for (const join of used) {
        const joined = joins[join];
        if (joined)
          query = query.leftJoin(`${joined.table.name} as ${join}`, (on) =>
            keysOf(joined).reduce(
              (so, [key, from]) => so.onRef(`${join}.${key}` as never, '=', `${alias}.${from}` as never),
              on,
            ),
          ) as unknown as DynamicQuery;
      }
      if (condition) query = query.where(condition);
      if (patients) query = query.where(`${alias}.patient_no`, 'in', patients);
      return query
        .select(sql.ref(`${alias}.patient_no`).as('patient_no'))
        .select(sql.ref(`${alias}.${key}`).as('row_key'))
        .select(selected);
    },
  };
}

type Join = NonNullable<DeclaredFact['joins']>[string];

/**
 * What rows are joined by: their key, and where the joined table has it the patient too. The rows of one patient are then
 * sought in both tables, and both lie on one node of a pool.
 */
const keysOf = ({ table, key, from }: Join): readonly (readonly [key: string, from: string])[] => [
  [key, from],
  ...(Object.hasOwn(table.columns, 'patient_no') ? [['patient_no', 'patient_no'] as const] : []),
];

type More = Partial<Omit<DeclaredColumn, 'type' | 'description' | 'value'>>;

/** A column of the table as it is. */
export const own =
  (column: string) =>
  (row: FactRow): RawBuilder<unknown> =>
    row.own(column);

/** The same, null for the member that stands for no usable code. */
export const known =
  (column: string) =>
  (row: FactRow): RawBuilder<unknown> =>
    sql`nullif(${row.own(column)}, ${sql.lit(unknownMember)})`;

/** A number, floating point whatever it is in gold. */
export const amount =
  (column: string) =>
  (row: FactRow): RawBuilder<unknown> =>
    row.dialect.toDouble(row.own(column));

export const joined =
  (join: string, column: string) =>
  (row: FactRow): RawBuilder<unknown> =>
    row.joined(join, column);

/** Whole days from a column of the table to one that a join brings. */
export const daysTo =
  (from: string, join: string, column: string) =>
  (row: FactRow): RawBuilder<unknown> =>
    row.dialect.daysBetween(row.own(from), row.joined(join, column));

const make =
  (type: FactColumn['type'], stored?: 'date' | 'instant') =>
  (description: string, value: DeclaredColumn['value'], more: More = {}): DeclaredColumn => ({
    type,
    description,
    value,
    ...(stored === undefined ? {} : { stored }),
    ...more,
  });

export const string = make('string');
export const number = make('number');
export const truth = make('boolean');
export const codes = make('codes');
export const day = make('time', 'date');
export const moment = make('time', 'instant');

/** The column, which may be told as it is. */
export const told = (column: DeclaredColumn): DeclaredColumn => ({ ...column, told: true });

/** Age in completed years at the event; in no role's schema. */
export const age = number('Completed years on the day of the event.', own('age_at_event'));
