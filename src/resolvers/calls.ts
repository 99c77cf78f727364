import { type FieldNode, type GraphQLResolveInfo, getArgumentValues, isObjectType } from 'graphql';
import type { Selection } from './selection.js';

export type Args = Readonly<Record<string, unknown>>;

/** A field with one set of arguments, and everywhere that it stands with them. */
export interface FieldCall {
  readonly args: Args;
  readonly nodes: readonly FieldNode[];
}

/** The calls of a field of a type in a selection, each set of arguments once; none of a field that the role does not have. */
export function callsOf(
  typeName: string,
  name: string,
  selection: Selection,
  { schema, variableValues }: Pick<GraphQLResolveInfo, 'schema' | 'variableValues'>,
): readonly FieldCall[] {
  const type = schema.getType(typeName);
  const field = isObjectType(type) ? type.getFields()[name] : undefined;
  if (!field) return [];
  const calls = new Map<string, { readonly args: Args; readonly nodes: FieldNode[] }>();
  for (const node of selection.nodes(name)) {
    const args = getArgumentValues(field, node, variableValues);
    const known = calls.get(argumentsText(args));
    if (known) known.nodes.push(node);
    else calls.set(argumentsText(args), { args, nodes: [node] });
  }
  return [...calls.values()];
}

/** The same text for the same arguments, in whatever order they were written. */
export const argumentsText = (args: Args): string => JSON.stringify(args, sorted);

const sorted = (_key: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value;
