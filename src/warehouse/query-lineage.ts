import {
  AliasNode,
  ColumnNode,
  IdentifierNode,
  type OperationNode,
  ReferenceNode,
  SelectAllNode,
  SelectQueryNode,
  TableNode,
} from 'kysely';
import type { DynamicQuery } from './dialect.js';
import { childrenOf } from './portable-checks.js';

/** A column of a table of the release. */
export interface GoldColumn {
  readonly table: string;
  readonly column: string;
}

/** Where the columns and rows of a query come from. */
export interface QueryLineage {
  /** By output name; `direct` where the value is that of one column, unchanged. */
  readonly columns: ReadonlyMap<string, { readonly from: readonly GoldColumn[]; readonly direct: boolean }>;
  /** Tables whose rows it reads. */
  readonly rows: readonly string[];
  /** Columns of its conditions: WHERE and the ON of joins. */
  readonly filters: readonly GoldColumn[];
}

/**
 * Lineage of a query built with Kysely, from its operation nodes. Columns of subqueries are followed to the tables.
 * Error: a reference that belongs to no table of the query, or a form that no query of a dataset has (WITH, UNION).
 */
export const lineageOf = (
  query: Pick<DynamicQuery, 'toOperationNode'>,
  columnsOf: (table: string) => readonly string[],
): QueryLineage => ofNode(query.toOperationNode(), columnsOf);

type ColumnsOf = (table: string) => readonly string[];

function ofNode(node: OperationNode, columnsOf: ColumnsOf): QueryLineage {
  if (!SelectQueryNode.is(node) || node.with || node.setOperations)
    throw new Error('lineage: the query is no plain SELECT');
  const relations = new Map<string, QueryLineage>();
  const add = (relation: OperationNode): void => {
    const [alias, inner] = AliasNode.is(relation)
      ? [nameOf(relation.alias), relation.node]
      : [undefined, relation];
    if (TableNode.is(inner)) {
      const table = inner.table.identifier.name;
      relations.set(alias ?? table, tableLineage(table, columnsOf));
    } else relations.set(alias ?? '', ofNode(inner, columnsOf));
  };
  for (const from of node.from?.froms ?? []) add(from);
  for (const join of node.joins ?? []) add(join.table);

  const columns = new Map<string, { from: readonly GoldColumn[]; direct: boolean }>();
  for (const { selection } of node.selections ?? []) {
    const all = starOf(selection);
    if (all !== undefined) {
      for (const [alias, relation] of relations)
        if (all === '' || all === alias) for (const [name, one] of relation.columns) columns.set(name, one);
      continue;
    }
    const [name, expression] = AliasNode.is(selection)
      ? [nameOf(selection.alias), selection.node]
      : [columnName(selection), selection];
    if (name === undefined) throw new Error('lineage: a selected expression has no name');
    const single = ReferenceNode.is(expression) ? resolve(expression, relations) : undefined;
    columns.set(name, single ?? { from: references(expression, relations), direct: false });
  }
  const conditions = [node.where, ...(node.joins ?? []).map(({ on }) => on)].filter(
    (condition) => condition !== undefined,
  );
  return {
    columns,
    rows: [...new Set([...relations.values()].flatMap(({ rows }) => rows))],
    filters: once([
      ...[...relations.values()].flatMap(({ filters }) => filters),
      ...conditions.flatMap((condition) => references(condition, relations)),
    ]),
  };
}

const tableLineage = (table: string, columnsOf: ColumnsOf): QueryLineage => ({
  columns: new Map(columnsOf(table).map((column) => [column, { from: [{ table, column }], direct: true }])),
  rows: [table],
  filters: [],
});

function references(node: OperationNode, relations: ReadonlyMap<string, QueryLineage>): GoldColumn[] {
  if (ReferenceNode.is(node)) return [...resolve(node, relations).from];
  return once(childrenOf(node).flatMap((child) => references(child, relations)));
}

function resolve(reference: ReferenceNode, relations: ReadonlyMap<string, QueryLineage>) {
  const column = columnName(reference) ?? '';
  const qualifier = reference.table?.table.identifier.name;
  const candidates = [...relations].filter(
    ([alias, relation]) => (qualifier === undefined || alias === qualifier) && relation.columns.has(column),
  );
  const [only] = candidates;
  const found = candidates.length === 1 ? only?.[1].columns.get(column) : undefined;
  if (!found) throw new Error(`lineage: ${column} is no single column of the query`);
  return found;
}

const nameOf = (node: OperationNode): string => (IdentifierNode.is(node) ? node.name : '');

function columnName(node: OperationNode): string | undefined {
  if (!ReferenceNode.is(node) || !ColumnNode.is(node.column)) return undefined;
  return node.column.column.name;
}

/** `''` for `*`, the alias for `alias.*`; undefined for anything else. */
function starOf(node: OperationNode): string | undefined {
  if (SelectAllNode.is(node)) return '';
  return ReferenceNode.is(node) && SelectAllNode.is(node.column)
    ? (node.table?.table.identifier.name ?? '')
    : undefined;
}

const once = (columns: readonly GoldColumn[]): GoldColumn[] => [
  ...new Map(columns.map((one) => [`${one.table}.${one.column}`, one])).values(),
];
