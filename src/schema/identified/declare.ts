import 'reflect-metadata';
import { ObjectType } from 'type-graphql';
import type { IdentifiedColumn } from '../../warehouse/identified.js';
import { type ColumnType, columnOf, type TableDeclaration } from '../../warehouse/table.js';
import { Classed } from '../declare/classed.js';
import type { DatasetClass } from '../declare/dataset.js';
import { graphqlType } from '../declare/decorators.js';
import type { Sensitivity } from '../declare/metadata.js';

/** A column of what a broken glass shows: exact, of one patient. */
export interface ExactColumn {
  readonly description: string;
  readonly sensitivity: Sensitivity;
  readonly unit?: string;
  /** The table holds it in tenths. */
  readonly inTenths?: true;
}

export interface Declared extends ExactColumn {
  /** API name. */
  readonly name: string;
  readonly table: string;
  readonly column: string;
  readonly type: ColumnType;
  /** The column holds the pseudonym of a member of staff, whose code the identified store knows. */
  readonly ofStaff?: true;
}

/** Exact rows of a table of gold, reached by the patient alone. */
export interface ExactRows {
  readonly type: DatasetClass;
  readonly table: TableDeclaration;
  /** Another table with at most one row for each of its rows, and the key that both have. */
  readonly beside?: { readonly table: TableDeclaration; readonly key: string };
  /** By API name. */
  readonly columns: ReadonlyMap<string, Declared>;
}

const columnsKey = Symbol('maplewood:exact-columns');
const declaredOn = (prototype: object): Declared[] =>
  (Reflect.getOwnMetadata(columnsKey, prototype) as Declared[] | undefined) ?? [];

/** A column of the table; its type and whether it may be null are those of the table. */
export const Exact =
  (table: TableDeclaration, column: string, exact: ExactColumn): PropertyDecorator =>
  (prototype, name) => {
    const declaredType = columnOf(table, column);
    const { nullable } = declaredType;
    const type: ColumnType = exact.inTenths ? { kind: 'double' } : declaredType.type;
    const graphql = graphqlType(type);
    Classed(exact.sensitivity, () => graphql, { nullable, description: exact.description })(prototype, name);
    declare(prototype, { ...exact, name: String(name), table: table.name, column, type });
  };

/** The code of a member of staff, by a column with their pseudonym. */
export const ExactStaff =
  (table: TableDeclaration, column: string, what: string): PropertyDecorator =>
  (prototype, name) => {
    const { type } = columnOf(table, column);
    const description = `${what}; null where none was supplied.`;
    Classed('W', () => String, { nullable: true, description })(prototype, name);
    declare(prototype, {
      sensitivity: 'W',
      description,
      name: String(name),
      table: table.name,
      column,
      type,
      ofStaff: true,
    });
  };

const declare = (prototype: object, column: Declared): void =>
  Reflect.defineMetadata(columnsKey, [...declaredOn(prototype), column], prototype);

/** Names the type of a class with exact columns. */
export const ExactType =
  (description: string) =>
  (target: DatasetClass): void => {
    ObjectType(target.name, { description })(target as unknown as () => void);
  };

/** The exact columns of a class, by API name. */
export const exactColumnsOf = (target: DatasetClass): ReadonlyMap<string, Declared> =>
  new Map(declaredOn(target.prototype as object).map((column) => [column.name, column]));

export const exactRowsOf = (
  type: DatasetClass,
  table: TableDeclaration,
  beside?: ExactRows['beside'],
): ExactRows => ({
  type,
  table,
  ...(beside ? { beside } : {}),
  columns: exactColumnsOf(type),
});

/** The column of the identified store behind a column of the patient. */
export const identifiedColumn = ({ column }: Declared): IdentifiedColumn => column as IdentifiedColumn;
