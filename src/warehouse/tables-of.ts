import { type OperationNode, ReferenceNode, TableNode } from 'kysely';
import type { DynamicQuery } from './dialect.js';
import { childrenOf } from './portable-checks.js';

/** Names of the tables that a query reads, each once, in the order in which it names them. */
export const tablesOf = (query: Pick<DynamicQuery, 'toOperationNode'>): string[] =>
  tablesIn(query.toOperationNode());

export function tablesIn(query: OperationNode): string[] {
  const found = new Set<string>();
  const visit = (node: OperationNode): void => {
    // A reference names an alias.
    if (ReferenceNode.is(node)) return;
    if (TableNode.is(node)) found.add(node.table.identifier.name);
    else for (const child of childrenOf(node)) visit(child);
  };
  visit(query);
  return [...found];
}
