import {
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getArgumentValues,
  getNamedType,
  getNullableType,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import type { Limits } from '../../config/settings.js';
import { MaplewoodError } from '../../errors.js';
import { isAsked } from '../../resolvers/selection.js';
import { descriptionLengths } from './introspection-cost.js';

export interface CostOf {
  readonly schema: GraphQLSchema;
  readonly operation: OperationDefinitionNode;
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
  /** Coerced. */
  readonly variables: Readonly<Record<string, unknown>>;
}

/**
 * Refuses an operation whose answer could have too many values, before any of it is run: the sum over its lists of rows ×
 * fields, lists below lists multiplied, each list taken to be as long as `first` allows, and those of the schema itself to be
 * as long as they are. Errors: `QUERY_TOO_COMPLEX`; `BAD_USER_INPUT` for a `first` that no list may have.
 */
export function assertAffordable(of: CostOf, limits: Limits): void {
  if (costOf(of, limits) > limits.cost)
    throw new MaplewoodError(
      'QUERY_TOO_COMPLEX',
      `The answer could have more than ${limits.cost} values. Ask for fewer rows (first), nested ones included, or fewer columns.`,
    );
}

/** Values that an answer could have. */
export function costOf({ schema, operation, fragments, variables }: CostOf, limits: Limits): number {
  const info = { variableValues: variables };
  // `page`: how long the lists are that a connection holds.
  const cost = (set: SelectionSetNode, type: GraphQLObjectType, rows: number, page: number): number => {
    let sum = 0;
    for (const node of set.selections) {
      if (!isAsked(node, info)) continue;
      if (node.kind !== Kind.FIELD) {
        const inside =
          node.kind === Kind.INLINE_FRAGMENT ? node.selectionSet : fragments[node.name.value]?.selectionSet;
        if (inside) sum += cost(inside, type, rows, page);
        continue;
      }
      const field = type.getFields()[node.name.value];
      const child = field && getNamedType(field.type);
      if (!field || !node.selectionSet || !isObjectType(child)) {
        sum += node.selectionSet ? described(node.selectionSet, rows) : rows;
        continue;
      }
      const first = field.args.some(({ name }) => name === 'first')
        ? firstOf(getArgumentValues(field, node, variables)['first'], limits)
        : 1;
      sum += cost(node.selectionSet, child, isList(field.type) ? rows * page : rows, first);
    }
    return sum;
  };
  // What the schema says of itself: as long as its lists are, whatever lies between them.
  const described = (set: SelectionSetNode, rows: number): number => {
    let sum = 0;
    for (const node of set.selections) {
      if (!isAsked(node, info)) continue;
      const inside =
        node.kind === Kind.FRAGMENT_SPREAD ? fragments[node.name.value]?.selectionSet : node.selectionSet;
      if (!inside) sum += rows;
      else if (node.kind === Kind.FIELD)
        sum += described(inside, rows * (descriptionLengths(schema).get(node.name.value) ?? 1));
      else sum += described(inside, rows);
    }
    return sum;
  };
  const root = schema.getRootType(operation.operation);
  return root ? cost(operation.selectionSet, root, 1, 1) : 0;
}

const isList = (type: GraphQLOutputType): boolean => isListType(getNullableType(type));

function firstOf(value: unknown, { firstDefault, firstMax }: Limits): number {
  const first = Number(value ?? firstDefault);
  if (!(first >= 1 && first <= firstMax))
    throw new MaplewoodError('BAD_USER_INPUT', `first must be from 1 to ${firstMax}.`);
  return first;
}
