import { type GraphQLSchema, lexicographicSortSchema, printSchema } from 'graphql';

/** A schema as text, in the order of the names: the order of declarations makes no difference. */
export const schemaText = (schema: GraphQLSchema): string =>
  `${printSchema(lexicographicSortSchema(schema))}\n`;
