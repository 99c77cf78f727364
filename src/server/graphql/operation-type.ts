import { GraphQLError, type ValidationRule } from 'graphql';

/** The schema has such operations at all: the rules of the specification leave it to whoever runs one to find that it has not. */
export const KnownOperationTypeRule: ValidationRule = (context) => ({
  OperationDefinition(node) {
    if (!context.getSchema().getRootType(node.operation))
      context.reportError(new GraphQLError(`The schema has no ${node.operation}.`, { nodes: node }));
  },
});
