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
import { type Length, lengthIn } from '../../schema/declare/lengths.js';
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
 * fields, lists below lists multiplied, each list taken to be as long as `first` or its declaration allows, and those of the schema
 * itself to be as long as they are; of a tree its nodes × the fields of its widest level. Errors: `QUERY_TOO_COMPLEX`; `BAD_USER_INPUT` for a `first` that no list may have.
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
      const length = field && lengthIn(field.extensions);
      if (!field || !node.selectionSet || !isObjectType(child)) {
        const values = length ? rows * length.most : rows;
        sum += node.selectionSet ? described(node.selectionSet, rows) : values;
        continue;
      }
      if (length?.kind === 'tree') {
        sum += rows * length.most * widest(node.selectionSet);
        continue;
      }
      const given = field.args.length > 0 ? getArgumentValues(field, node, variables) : {};
      const first = field.args.some(({ name }) => name === 'first') ? firstOf(given['first'], limits) : 1;
      const many = length ? namedIn(length, given) : page;
      sum += cost(node.selectionSet, child, isList(field.type) ? rows * many : rows, first);
    }
    return sum;
  };
  // Every node of a tree has one level, so that it has no more values than the level of which most are asked for.
  const widest = (set: SelectionSetNode): number => {
    const levels: number[] = [];
    const count = ({ selections }: SelectionSetNode, level: number): void => {
      for (const node of selections) {
        if (!isAsked(node, info)) continue;
        if (node.kind === Kind.FRAGMENT_SPREAD) {
          const inside = fragments[node.name.value]?.selectionSet;
          if (inside) count(inside, level);
        } else if (node.selectionSet) count(node.selectionSet, level + (node.kind === Kind.FIELD ? 1 : 0));
        else levels[level] = (levels[level] ?? 0) + 1;
      }
    };
    count(set, 0);
    return Math.max(0, ...Array.from(levels, (fields = 0) => fields));
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

/** As many values as are named, or as there can be. */
function namedIn({ most, ...length }: Length, given: Readonly<Record<string, unknown>>): number {
  const names = 'named' in length && length.named !== undefined ? given[length.named] : undefined;
  return Array.isArray(names) ? Math.min(most, names.length) : most;
}

function firstOf(value: unknown, { firstDefault, firstMax }: Limits): number {
  const first = Number(value ?? firstDefault);
  if (!(first >= 1 && first <= firstMax))
    throw new MaplewoodError('BAD_USER_INPUT', `first must be from 1 to ${firstMax}.`);
  return first;
}
