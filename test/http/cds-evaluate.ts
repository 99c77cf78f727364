/** Nodes of a trace, so many levels deep. */
export const levels = (fields: string, deep = 5): string =>
  Array.from({ length: deep - 1 }).reduce<string>((below) => `${fields} children { ${below} }`, fields);

export interface Node {
  readonly text: string;
  readonly line: number;
  readonly value: string | null;
  readonly primaryTime: string | null;
  readonly blockerKind: string | null;
  readonly children?: readonly Node[];
}

export const allNodes = (nodes: readonly Node[]): Node[] =>
  nodes.flatMap((node) => [node, ...allNodes(node.children ?? [])]);

export interface Evaluated {
  readonly ruleName: string;
  readonly asOf: string;
  readonly outcome: string;
  readonly failure: string | null;
  readonly message: string | null;
  readonly urgency: number | null;
  readonly indicator: string | null;
  readonly variables: readonly { readonly name: string; readonly value: string }[] | null;
  readonly trace: readonly Node[] | null;
  readonly isTraceComplete: boolean | null;
  readonly blockers: readonly Node[] | null;
  readonly missing: readonly string[] | null;
}

/** With as many levels as a document may have: the rules that ship need no more. */
const node = 'text line value primaryTime blockerKind';
export const everything = `ruleName asOf outcome failure message urgency indicator variables { name value } trace { ${levels(node, 8)} } isTraceComplete blockers { ${node} children { ${node} } } missing`;
