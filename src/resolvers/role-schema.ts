import {
  GraphQLEnumType,
  GraphQLInputObjectType,
  GraphQLList,
  type GraphQLNamedType,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLScalarType,
  GraphQLSchema,
  type GraphQLType,
} from 'graphql';
import type { Role } from '../access/role.js';
import { nestedFieldAt } from '../schema/people/nested.js';
import { isDetail } from './details.js';
import { nestedAnswer } from './nested.js';
import { described, type Visibility } from './visibility.js';

/**
 * An executable schema with only what a role may see. What is left out does not exist: no field, argument, enum
 * value, input or type of it, and nothing that could only be reached through it. Only root fields
 * keep a resolver: everything below is read from plain rows, so that an answer costs nothing a value. Nested rows are
 * looked up in their row.
 */
export function roleSchema(full: GraphQLSchema, role: Role, visible: Visibility): GraphQLSchema {
  const copies = new Map<string, GraphQLNamedType>();

  const copyType = (type: GraphQLType): GraphQLType => {
    if (type instanceof GraphQLNonNull) return new GraphQLNonNull(copyType(type.ofType) as never);
    if (type instanceof GraphQLList) return new GraphQLList(copyType(type.ofType));
    return copyNamed(type as GraphQLNamedType);
  };
  const copyNamed = (type: GraphQLNamedType): GraphQLNamedType => {
    const known = copies.get(type.name);
    if (known) return known;
    const copy = make(type);
    copies.set(type.name, copy);
    return copy;
  };
  const kept = <T>(typeName: string, members: Readonly<Record<string, T>>): [string, T][] =>
    Object.entries(members).filter(([name]) => visible(`${typeName}.${name}`, role));

  const make = (type: GraphQLNamedType): GraphQLNamedType => {
    if (type instanceof GraphQLScalarType) return type;
    if (type instanceof GraphQLEnumType) {
      const config = type.toConfig();
      return new GraphQLEnumType({ ...config, values: Object.fromEntries(kept(type.name, config.values)) });
    }
    if (type instanceof GraphQLInputObjectType) {
      const config = type.toConfig();
      return new GraphQLInputObjectType({
        ...config,
        fields: () =>
          Object.fromEntries(
            kept(type.name, config.fields).map(([name, field]) => [
              name,
              { ...field, type: copyType(field.type) as never },
            ]),
          ),
      });
    }
    if (type instanceof GraphQLObjectType) {
      const config = type.toConfig();
      const isRoot = type === full.getQueryType() || type === full.getMutationType();
      return new GraphQLObjectType({
        ...config,
        fields: () =>
          Object.fromEntries(
            kept(type.name, config.fields).map(([name, field]) => {
              const { resolve, ...rest } = field;
              const args = Object.fromEntries(
                Object.entries(field.args ?? {})
                  .filter(([arg]) => visible(`${type.name}.${name}(${arg}:)`, role))
                  .map(([arg, declared]) => [arg, { ...declared, type: copyType(declared.type) as never }]),
              );
              const coordinate = `${type.name}.${name}`;
              const description = described(coordinate, role) ?? field.description;
              const reader = isRoot
                ? resolve
                : (nestedFieldAt(coordinate) ?? isDetail(coordinate)) && nestedAnswer(name);
              return [
                name,
                {
                  ...rest,
                  description,
                  type: copyType(field.type) as never,
                  args,
                  ...(reader ? { resolve: reader } : {}),
                },
              ];
            }),
          ),
      });
    }
    throw new Error(`${type.name} is of a kind that no role schema has`);
  };

  const query = full.getQueryType();
  const mutation = full.getMutationType();
  if (!query) throw new Error('the schema has no root field');
  return new GraphQLSchema({
    query: copyNamed(query) as GraphQLObjectType,
    ...(mutation && kept(mutation.name, mutation.getFields()).length > 0
      ? { mutation: copyNamed(mutation) as GraphQLObjectType }
      : {}),
    directives: full.getDirectives(),
  });
}
