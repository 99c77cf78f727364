import {
  type DefinitionNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type SelectionSetNode,
  visit,
} from 'graphql';
import type { Limits } from '../../config/settings.js';
import { MaplewoodError } from '../../errors.js';

/**
 * Refuses a document that is larger than documents may be, before any rule of the specification looks at it: some of
 * those take the square of its size. It is itself linear in the size of the document as it was sent, whatever its fragments
 * would grow to. Error: `QUERY_TOO_COMPLEX`, naming the limit.
 */
export function assertWithinLimits(document: DocumentNode, limits: Limits): void {
  const { definitions } = document;
  const atMost = (most: number, found: number, what: string): void => {
    if (found > most)
      throw new MaplewoodError('QUERY_TOO_COMPLEX', `A document may have at most ${most} ${what}.`);
  };
  const fragments = new Map(definitions.filter(isFragment).map((one) => [one.name.value, one]));
  const operations = definitions.filter((one) => one.kind === Kind.OPERATION_DEFINITION);
  atMost(1, operations.length, 'operation');
  atMost(limits.fragments, definitions.filter(isFragment).length, 'fragments');

  const found = { aliases: 0, directives: 0, variables: 0 };
  visit(document, {
    Field: ({ alias }) => {
      if (alias) found.aliases += 1;
    },
    Directive: () => {
      found.directives += 1;
    },
    VariableDefinition: () => {
      found.variables += 1;
    },
    ListValue: ({ values }) => atMost(limits.listItems, values.length, 'values in a list'),
    StringValue: ({ value }) => atMost(limits.textCharacters, value.length, 'characters in a text'),
  });
  atMost(limits.aliases, found.aliases, 'aliases');
  atMost(limits.directives, found.directives, 'directives');
  atMost(limits.variables, found.variables, 'variables');

  const size = sizes(fragments);
  for (const { selectionSet } of operations) {
    const { fields, nodes, depth } = size(selectionSet);
    atMost(limits.rootFields, fields, 'fields at its root');
    atMost(limits.nodes, nodes, 'fields and fragments, with its fragments put in place');
    atMost(limits.depth, depth, 'fields below each other');
  }
  // Those that nothing uses are validated like the others.
  for (const { selectionSet } of fragments.values())
    atMost(limits.nodes, size(selectionSet).nodes, 'fields and fragments, with its fragments put in place');
}

/** Error: `QUERY_TOO_COMPLEX` for variables that are too many, or hold a list or a text that is too long. */
export function assertVariablesWithinLimits(variables: unknown, limits: Limits): void {
  if (typeof variables !== 'object' || variables === null) return;
  const refuse = (most: number, what: string): never => {
    throw new MaplewoodError('QUERY_TOO_COMPLEX', `The variables may have at most ${most} ${what}.`);
  };
  if (Object.keys(variables).length > limits.variables) refuse(limits.variables, 'members');
  const look = (value: unknown): void => {
    if (typeof value === 'string') {
      if (value.length > limits.textCharacters) refuse(limits.textCharacters, 'characters in a text');
    } else if (typeof value === 'object' && value !== null) {
      const members = Object.values(value);
      if (members.length > limits.listItems) refuse(limits.listItems, 'values in a list');
      for (const member of members) look(member);
    }
  };
  look(variables);
}

const isFragment = (definition: DefinitionNode): definition is FragmentDefinitionNode =>
  definition.kind === Kind.FRAGMENT_DEFINITION;

interface Size {
  /** Fields of the set itself, those of its fragments among them. */
  readonly fields: number;
  readonly nodes: number;
  /** Of the schema's own fields: documents that ask for the schema are deep, and small. */
  readonly depth: number;
}

/** Sizes of selection sets with their fragments put in place; each fragment is measured once. */
function sizes(fragments: ReadonlyMap<string, FragmentDefinitionNode>): (set: SelectionSetNode) => Size {
  const none: Size = { fields: 0, nodes: 0, depth: 0 };
  const known = new Map<string, Size>();
  const ofFragment = (name: string): Size => {
    const measured = known.get(name);
    if (measured) return measured;
    // A fragment within itself is a fault of its own, which validation tells.
    known.set(name, none);
    const fragment = fragments.get(name);
    const size = fragment ? of(fragment.selectionSet) : none;
    known.set(name, size);
    return size;
  };
  const of = ({ selections }: SelectionSetNode): Size => {
    let [fields, nodes, depth] = [0, 0, 0];
    for (const selection of selections) {
      nodes += 1;
      if (selection.kind === Kind.FIELD) {
        fields += 1;
        const below = selection.selectionSet ? of(selection.selectionSet) : none;
        nodes += below.nodes;
        if (!selection.name.value.startsWith('__')) depth = Math.max(depth, 1 + below.depth);
      } else {
        const inside =
          selection.kind === Kind.FRAGMENT_SPREAD
            ? ofFragment(selection.name.value)
            : of(selection.selectionSet);
        fields += inside.fields;
        nodes += inside.nodes;
        depth = Math.max(depth, inside.depth);
      }
    }
    return { fields, nodes, depth };
  };
  return of;
}
