import type { Token } from './sql-tokens.js';

/** A column of a table that lineage knows by name. */
export interface TableColumn {
  readonly table: string;
  readonly column: string;
}

/** What the value of a column is made from. */
export interface Origin {
  readonly from: readonly TableColumn[];
  /** The value is that of its only column, unchanged. */
  readonly direct: boolean;
  /** The expression, without constants. */
  readonly expression: string;
}

/** What a table, view or subquery gives. */
export interface Relation {
  /** Origins by column name, in the order of the select list. */
  readonly columns: ReadonlyMap<string, Origin>;
  /** Tables whose rows become its rows. */
  readonly rows: readonly string[];
  /** Columns that decide which rows there are: conditions of joins and of WHERE. */
  readonly filters: readonly TableColumn[];
}

/** A table that is not looked into: each column is its own origin. */
export const baseTable = (table: string, columns: Iterable<string>): Relation => ({
  columns: new Map(
    [...columns].map((column): [string, Origin] => [
      column,
      { from: [{ table, column }], direct: true, expression: column },
    ]),
  ),
  rows: [table],
  filters: [],
});

/** Columns by name, each once. */
export const eachOnce = (columns: readonly TableColumn[]): TableColumn[] => [
  ...new Map(columns.map((one) => [`${one.table}.${one.column}`, one])).values(),
];

/** Finds a relation by its name in FROM, or, of a function that reads a file, by the name of the file. */
export type Catalogue = (name: string) => Relation | undefined;

/** A relation of FROM under the name by which the query calls it. */
export interface FoundRelation {
  readonly alias: string;
  readonly relation: Relation;
  /** The other side of a SEMI or ANTI JOIN gives no rows, it only decides about them. */
  readonly gives: 'rows' | 'nothing';
}

/** Columns whose values a query holds as constants: the first ten characters of the text, a day. */
export type Constants = ReadonlyMap<string, TableColumn>;

/** What names mean inside a query. */
export interface Scope {
  readonly relations: readonly FoundRelation[];
  /** Columns of the select list so far: an expression may name one of them. */
  readonly aliases: Map<string, Origin>;
  /** Of a subquery: the query around it. */
  readonly outer: Scope | undefined;
  /** Days that stand in the text as constants, by their text: each is a column of the release. */
  readonly constants: Constants;
  readonly subquery: (tokens: readonly Token[], outer: Scope | undefined) => Relation;
}
