import type { Expression, Span, Statement } from '../syntax.js';
import type { Time, Value } from '../value.js';

/** What was evaluated or executed, and what came of it, as it happened. */
export interface TraceNode {
  readonly tree: Expression | Statement;
  readonly span: Span;
  /** Null for statements, which have none, but for what was assigned or concluded. */
  value: Value | null;
  readonly children: TraceNode[];
  /** Of an IF or SWITCH: which branch was taken, from 0; the ELSE after the last; undefined until one was. */
  taken?: number;
  /** Of a name: the statement that had assigned to it. */
  definition?: TraceNode;
  /** Of a READ. */
  read?: ReadTrace;
}

export interface ReadTrace {
  readonly braces: string;
  /** Rows that the host gave, and rows kept. */
  readonly found: number;
  readonly kept: number;
  readonly keys: readonly string[];
  /** Bounds of WITHIN in its WHERE, closed at both ends. */
  readonly window?: { readonly from: Time; readonly to: Time };
}

export const isNegation = (tree: TraceNode['tree']): boolean =>
  tree.kind === 'operation' && tree.operator === 'not';

/** Both stand at one place of the text: they are one operator of it. */
export const isOneText = ({ span }: Pick<TraceNode, 'span'>, other: Pick<TraceNode, 'span'>): boolean =>
  span.start === other.span.start && span.end === other.span.end;

/** What a node is made of, as it is written: of an operator that is a negation of another, what that is made of. */
export const partsOf = (node: TraceNode): readonly TraceNode[] =>
  isNegation(node.tree)
    ? node.children.flatMap((child) => (isOneText(node, child) ? child.children : [child]))
    : node.children;

/** More than this nobody reads, and what goes round in a loop is the same again. */
const mostNodes = 20_000;

/** Writes the trace of a run. */
export class Tracer {
  readonly roots: TraceNode[] = [];
  readonly #open: TraceNode[] = [];
  #count = 0;

  begin(tree: Expression | Statement): TraceNode {
    const node: TraceNode = { tree, span: tree.span, value: null, children: [] };
    this.#count += 1;
    if (this.#count <= mostNodes) (this.#open.at(-1)?.children ?? this.roots).push(node);
    this.#open.push(node);
    return node;
  }

  end(node: TraceNode, value: Value | null): void {
    node.value = value;
    this.#open.pop();
  }

  /** What is under way. */
  get current(): TraceNode | undefined {
    return this.#open.at(-1);
  }

  /** The trace has all that happened. */
  get complete(): boolean {
    return this.#count <= mostNodes;
  }
}
