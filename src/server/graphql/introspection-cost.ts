import {
  type GraphQLField,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
} from 'graphql';

/** How long the lists are by which a schema describes itself, by the field that holds them. */
export type DescriptionLengths = ReadonlyMap<string, number>;

const known = new WeakMap<GraphQLSchema, DescriptionLengths>();

/** Lengths of the lists of a schema: of all its types, and what those types have on the average that have any. */
export function descriptionLengths(schema: GraphQLSchema): DescriptionLengths {
  const measured = known.get(schema) ?? measure(schema);
  known.set(schema, measured);
  return measured;
}

function measure(schema: GraphQLSchema): DescriptionLengths {
  const types = Object.values(schema.getTypeMap());
  const fields = types.filter((type) => isObjectType(type) || isInterfaceType(type)).map(membersOf);
  const args = fields.flat().map((field) => (field as GraphQLField<unknown, unknown>).args.length);
  return new Map([
    ['types', types.length],
    ['directives', schema.getDirectives().length],
    ['fields', mean(fields.map(({ length }) => length))],
    ['inputFields', mean(types.filter(isInputObjectType).map((type) => membersOf(type).length))],
    ['enumValues', mean(types.filter(isEnumType).map((type) => type.getValues().length))],
    ['args', mean(args)],
    // Clients ask for types within types to a depth that few have.
    ['ofType', 1 / 2],
  ]);
}

const membersOf = (type: { getFields(): object }): unknown[] => Object.values(type.getFields());

const mean = (lengths: readonly number[]): number =>
  Math.max(1, lengths.reduce((sum, length) => sum + length, 0) / Math.max(1, lengths.length));
