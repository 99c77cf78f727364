import { type OperationNode, PrimitiveValueListNode, type RootOperationNode, ValueNode } from 'kysely';
import { childrenOf, violation } from './portable-checks.js';
import { type PortableRule, portableRules } from './portable-rules.js';

/** SQL Server takes 2,100 parameters, a dedicated pool 2,098. */
const maxParameters = 2000;

/**
 * Throws for the first construct outside the portable subset; the message names the rule. Both compilers ask
 * before they write text, so that a query which one engine would refuse fails in the tests of the other.
 * Raw fragments pass unread: the text lint of the engine is for them.
 */
export function assertPortable(root: RootOperationNode): void {
  let parameters = 0;
  const visit = (node: OperationNode, parent: OperationNode | undefined): void => {
    const rule = violation(node, parent);
    if (rule) throw refusal(rule);
    if (ValueNode.is(node)) parameters += node.immediate ? 0 : 1;
    else if (PrimitiveValueListNode.is(node)) parameters += node.values.length;
    else for (const child of childrenOf(node)) visit(child, node);
    if (parameters > maxParameters) throw refusal('parameters');
  };
  visit(root, undefined);
}

function refusal(rule: PortableRule): Error {
  return new Error(`not portable (${rule}): ${portableRules[rule]}`);
}
