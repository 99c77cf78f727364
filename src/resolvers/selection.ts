import {
  type FieldNode,
  GraphQLIncludeDirective,
  type GraphQLResolveInfo,
  GraphQLSkipDirective,
  getDirectiveValues,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

/** Fields asked for below a field, through fragments, `@include` and `@skip`. `__typename` is left out. */
export interface Selection {
  has(name: string): boolean;
  names(): string[];
  below(name: string): Selection;
  /** The fields of the name as they stand in the document. */
  nodes(name: string): readonly FieldNode[];
  /** What is asked below some of them. */
  of(nodes: readonly FieldNode[]): Selection;
}

/** What is asked of the rows of a connection, as nodes and through its edges. */
export function rowSelection(connection: Selection): Selection {
  return connection.of([...connection.nodes('nodes'), ...connection.below('edges').nodes('node')]);
}

type Info = Pick<GraphQLResolveInfo, 'fieldNodes' | 'fragments' | 'variableValues'>;

export const selectionOf = (info: Info): Selection =>
  selection(
    info,
    info.fieldNodes.flatMap((node) => node.selectionSet ?? []),
  );

function selection(info: Info, sets: readonly SelectionSetNode[]): Selection {
  const fields = new Map<string, FieldNode[]>();
  for (const set of sets) collect(info, set, fields);
  const of = (nodes: readonly FieldNode[]): Selection =>
    selection(
      info,
      nodes.flatMap((node) => node.selectionSet ?? []),
    );
  return {
    has: (name) => fields.has(name),
    names: () => [...fields.keys()],
    below: (name) => of(fields.get(name) ?? []),
    nodes: (name) => fields.get(name) ?? [],
    of,
  };
}

function collect(info: Info, set: SelectionSetNode, fields: Map<string, FieldNode[]>): void {
  for (const node of set.selections) {
    if (!isAsked(node, info)) continue;
    if (node.kind === Kind.FIELD) {
      if (node.name.value === '__typename') continue;
      const known = fields.get(node.name.value);
      if (known) known.push(node);
      else fields.set(node.name.value, [node]);
    } else if (node.kind === Kind.INLINE_FRAGMENT) collect(info, node.selectionSet, fields);
    else {
      const fragment = info.fragments[node.name.value];
      if (fragment) collect(info, fragment.selectionSet, fields);
    }
  }
}

/** Whether `@skip` and `@include` leave a part of a selection in. */
export const isAsked = (node: SelectionNode, { variableValues }: Pick<Info, 'variableValues'>): boolean =>
  getDirectiveValues(GraphQLSkipDirective, node, variableValues)?.['if'] !== true &&
  getDirectiveValues(GraphQLIncludeDirective, node, variableValues)?.['if'] !== false;
