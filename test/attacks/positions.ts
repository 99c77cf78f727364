import {
  GraphQLEnumType,
  type GraphQLField,
  GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { datasets } from '../../src/schema/datasets.js';

/** A place of a schema at which a caller may put a text, and the question that puts it there. */
export interface Position {
  readonly name: string;
  readonly query: string;
  /** Where in the variables. */
  variables(value: unknown): object;
  /** A scalar that takes texts; else the value is of another kind than the place takes, and is refused. */
  readonly takesText: boolean;
  /** The test of a column that the question also shows: whether a row may be among the answers to a value. */
  readonly shown?: { readonly root: string; readonly column: string; readonly op: string };
}

/** A leaf of an input type: how it is reached, and what is there. */
interface Leaf {
  readonly path: readonly string[];
  readonly type: string;
  readonly isEnum: boolean;
  wrap(value: unknown): unknown;
}

function leavesOf(
  type: GraphQLInputType,
  path: readonly string[] = [],
  within: readonly string[] = [],
): Leaf[] {
  const nullable = getNullableType(type);
  if (isListType(nullable))
    return leavesOf(nullable.ofType, path, within).map((leaf) => ({
      ...leaf,
      wrap: (value) => [leaf.wrap(value)],
    }));
  if (!(nullable instanceof GraphQLInputObjectType))
    return [
      { path, type: nullable.name, isEnum: nullable instanceof GraphQLEnumType, wrap: (value) => value },
    ];
  // Conditions within conditions: once.
  if (within.filter((name) => name === nullable.name).length > 1) return [];
  const isLogic = within.includes(nullable.name);
  const fields = Object.values(nullable.getFields());
  const missing = (but: string): object =>
    Object.fromEntries(
      fields
        .filter(
          (field) => field.name !== but && isNonNullType(field.type) && field.defaultValue === undefined,
        )
        .map((field) => [field.name, exampleOf(field.type)]),
    );
  return fields.slice(0, isLogic ? 5 : undefined).flatMap((field) =>
    leavesOf(field.type, [...path, field.name], [...within, nullable.name]).map((leaf) => ({
      ...leaf,
      wrap: (value: unknown) => ({ ...missing(field.name), [field.name]: leaf.wrap(value) }),
    })),
  );
}

/** A day on which a rest of results may end. */
const nextMonth = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);

/** A value that the type takes. */
function exampleOf(type: GraphQLInputType): unknown {
  const nullable = getNullableType(type);
  if (isListType(nullable)) return [];
  if (nullable instanceof GraphQLEnumType) return nullable.getValues()[0]?.name;
  if (isInputObjectType(nullable)) return {};
  const known = { Int: 30, Float: 1, Boolean: true, Date: nextMonth };
  return known[nullable.name as keyof typeof known] ?? 'twenty characters, at least';
}

/** The same as it stands in a document. */
const literalOf = (type: GraphQLInputType): string =>
  getNullableType(type) instanceof GraphQLEnumType
    ? String(exampleOf(type))
    : JSON.stringify(exampleOf(type));

const texts: readonly string[] = ['String', 'ID'];

const valuesOf = (type: GraphQLInputType): readonly string[] => {
  const named = getNamedType(type);
  return named instanceof GraphQLEnumType ? named.getValues().map(({ name }) => name) : [];
};

type Field = GraphQLField<unknown, unknown>;

/** What a field is asked for, its column among it. */
function selectionOf(field: Field, column?: string): string {
  const named = getNamedType(field.type);
  if (!isObjectType(named)) return '';
  const fields = named.getFields();
  if (fields['nodes'] && fields['totalCount']) return `{ totalCount nodes { ${column ?? '__typename'} } }`;
  const leaves = Object.values(fields).filter(({ type }) => isLeafType(getNamedType(type)));
  return `{ ${['__typename', ...leaves.map(({ name }) => name)].join(' ')} }`;
}

/** The dimension of a measure dataset by which a column of its rows is split. */
function dimensionOf(root: string, column: string): string | undefined {
  const dataset = datasets.find(({ key }) => key === root);
  return dataset?.kind === 'measure' ? dataset.dimensions.get(column)?.by : undefined;
}

function positionsOf(field: Field, wrap: (inner: string) => string, isRoot: boolean): Position[] {
  const row = getNamedType(
    (getNamedType(field.type) as GraphQLObjectType).getFields?.()['nodes']?.type ?? field.type,
  );
  const columns = isObjectType(row) ? row.getFields() : {};
  return field.args.flatMap((argument) =>
    leavesOf(argument.type).map((leaf): Position => {
      const [column = '', op = ''] = leaf.path;
      const by = dimensionOf(field.name, column);
      // Some cells are always split by a dimension, which is then no value of `by`.
      const splits = field.args.find(({ name }) => name === 'by');
      const isAsked = splits !== undefined && by !== undefined && valuesOf(splits.type).includes(by);
      const isMeasured = datasets.some(({ key, kind }) => key === field.name && kind === 'measure');
      const isShown =
        isRoot &&
        argument.name === 'where' &&
        leaf.path.length === 2 &&
        leaf.type === 'String' &&
        columns[column] !== undefined &&
        (!isMeasured || by !== undefined);
      const others = field.args
        .filter(
          (other) => other !== argument && isNonNullType(other.type) && other.defaultValue === undefined,
        )
        .map((other) => `${other.name}: ${literalOf(other.type)}`);
      const split = isShown && isAsked ? [`by: [${by}]`] : [];
      const args = [...split, ...others, `${argument.name}: $v`].join(', ');
      const asked = `${field.name}(${args}) ${selectionOf(field, isShown ? column : undefined)}`;
      return {
        name: `${field.name}(${[argument.name, ...leaf.path].join('.')})`,
        query: wrap(`($v: ${String(argument.type)}) ?${asked}`),
        variables: (value) => ({ v: leaf.wrap(value) }),
        takesText: texts.includes(leaf.type),
        ...(isShown ? { shown: { root: field.name, column, op } } : {}),
      };
    }),
  );
}

/** Every place of a schema, those of lists below rows among them. */
export function everyPosition(schema: GraphQLSchema): Position[] {
  const fieldsOf = (type: GraphQLObjectType | null | undefined): Field[] =>
    Object.values(type?.getFields() ?? {});
  const document =
    (kind: string, open = '', close = '') =>
    (inner: string): string => {
      const [variables = '', asked = ''] = inner.split(/ \?(.*)/s);
      return `${kind} ${variables} { ${open}${asked}${close} }`;
    };
  const below = fieldsOf(schema.getQueryType()).flatMap((root) => {
    const connection = getNamedType(root.type);
    const row = isObjectType(connection)
      ? getNamedType(connection.getFields()['nodes']?.type ?? root.type)
      : undefined;
    if (!isObjectType(row) || !isObjectType(connection) || !connection.getFields()['totalCount']) return [];
    return fieldsOf(row)
      .filter(({ args }) => args.length > 0)
      .flatMap((field) =>
        positionsOf(field, document('query', `${root.name}(first: 3) { nodes { `, ' } }'), false),
      );
  });
  return [
    ...fieldsOf(schema.getQueryType()).flatMap((field) => positionsOf(field, document('query'), true)),
    ...fieldsOf(schema.getMutationType()).flatMap((field) => positionsOf(field, document('mutation'), true)),
    ...below,
  ];
}
