import type { ApolloServerOptionsWithGateway, BaseContext } from '@apollo/server';
import {
  type DocumentNode,
  type ExecutionResult,
  execute,
  GraphQLError,
  GraphQLScalarType,
  GraphQLSchema,
  getOperationAST,
  getVariableValues,
  Kind,
  type OperationDefinitionNode,
} from 'graphql';
import { type CompiledQuery, compileQuery, isCompiledQuery } from 'graphql-jit';
import { nextTurn, rowsInOneTurn } from '../../config/event-loop.js';
import type { Limits } from '../../config/settings.js';
import { MaplewoodError } from '../../errors.js';
import type { GraphqlContext } from './context.js';
import { assertAffordable } from './cost.js';
import { toGraphqlError } from './errors.js';

type Gateway = ApolloServerOptionsWithGateway<BaseContext>['gateway'];
type Executor = NonNullable<Awaited<ReturnType<Gateway['load']>>['executor']>;

/** Compiled plans of one role by document and operation, least recently used out first. */
class PlanCache {
  private readonly plans = new Map<string, CompiledQuery | 'seen' | 'not compilable'>();

  constructor(private readonly limit: number) {}

  /** The plan, compiled when the document is used for the second time: most ad-hoc documents are used once. */
  get(key: string, compile: () => CompiledQuery | undefined): CompiledQuery | undefined {
    const known = this.plans.get(key);
    this.plans.delete(key);
    const next = known === undefined ? 'seen' : known === 'seen' ? (compile() ?? 'not compilable') : known;
    this.plans.set(key, next);
    const oldest = this.plans.keys().next();
    if (this.plans.size > this.limit && !oldest.done) this.plans.delete(oldest.value);
    return typeof next === 'string' ? undefined : next;
  }

  get size(): number {
    return this.plans.size;
  }
}

/** A value that has been coerced to its type already. In the schema that plans are compiled from, and in no other. */
const Coerced = new GraphQLScalarType({ name: 'CoercedVariable', parseValue: (value) => value });

/**
 * The document with variables of no type but `Coerced`. graphql-jit would write out a parser for each variable, and for a
 * filter, which nests in itself, one of so many megabytes that compiling it stops the server for seconds.
 */
const withCoercedVariables = (document: DocumentNode): DocumentNode => ({
  ...document,
  definitions: document.definitions.map((definition) =>
    definition.kind === Kind.OPERATION_DEFINITION
      ? {
          ...definition,
          variableDefinitions: (definition.variableDefinitions ?? []).map(({ variable }) => ({
            kind: Kind.VARIABLE_DEFINITION,
            variable,
            type: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: Coerced.name } },
          })),
        }
      : definition,
  ),
});

/**
 * Runs operations of one schema by graphql-jit, once it is known what their answers could cost; parsing, validation and formatting stay with Apollo Server. Leaf
 * values are not serialised again: SQL has given them their types.
 */
export function jitGateway(schema: GraphQLSchema, limits: Limits, remembered = 500): Gateway {
  const cache = new PlanCache(remembered);
  const config = schema.toConfig();
  const planned = new GraphQLSchema({ ...config, types: [...config.types, Coerced] });
  const refusalOf = (
    { definitions }: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Readonly<Record<string, unknown>>,
  ): MaplewoodError | undefined => {
    const fragments = Object.fromEntries(
      definitions.flatMap((one) => (one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one]] : [])),
    );
    try {
      assertAffordable({ schema, operation, fragments, variables }, limits);
      return undefined;
    } catch (error) {
      if (error instanceof MaplewoodError) return error;
      throw error;
    }
  };
  const executor: Executor = async (request) => {
    const { document, context, queryHash } = request;
    const name = request.request.operationName;
    const given = request.request.variables ?? {};
    const operation = getOperationAST(document, name);
    if (!operation) return { errors: [toGraphqlError(new MaplewoodError('OPERATION_RESOLUTION_FAILURE'))] };
    const variables = getVariableValues(schema, operation.variableDefinitions ?? [], given, { maxErrors: 5 });
    if (variables.errors) return { errors: variables.errors.map(asBadInput) };
    const refusal = refusalOf(document, operation, variables.coerced);
    if (refusal) return { errors: [toGraphqlError(refusal)] };

    const plan = cache.get(`${queryHash}\n${name ?? ''}`, () => {
      const compiled = compileQuery(planned, withCoercedVariables(document), name ?? undefined, {
        disableLeafSerialization: true,
      });
      return isCompiledQuery(compiled) ? compiled : undefined;
    });
    const result = plan
      ? await plan.query({}, context, variables.coerced)
      : await execute({
          schema,
          document,
          operationName: name,
          variableValues: given,
          contextValue: context,
        });
    // What comes next is the text of the answer, in one piece.
    if ((context as GraphqlContext).load.account.rows > rowsInOneTurn) await nextTurn();
    return result.errors
      ? withErrors(result as ExecutionResult, result.errors.map(asError))
      : (result as ExecutionResult);
  };
  return {
    onSchemaLoadOrUpdate(use) {
      use({ apiSchema: schema, coreSupergraphSdl: '' });
      return () => undefined;
    },
    load: () => Promise.resolve({ executor }),
    stop: () => Promise.resolve(),
  };
}

/** The answer with its errors. Of one whose record could not be kept nothing is left but that. */
function withErrors(result: ExecutionResult, errors: readonly GraphQLError[]): ExecutionResult {
  const unrecorded = errors.filter(({ extensions }) => extensions['code'] === 'AUDIT_UNAVAILABLE');
  return unrecorded.length > 0 ? { errors: unrecorded } : { ...result, errors };
}

/** graphql-jit's errors only look like GraphQL errors: they are made anew, ours with their status. */
function asError(error: GraphQLError): GraphQLError {
  const original = error.originalError ?? undefined;
  if (original instanceof MaplewoodError) return toGraphqlError(original, { path: error.path });
  return new GraphQLError(error.message, {
    path: error.path ?? null,
    originalError: original ?? null,
    extensions: { ...error.extensions },
  });
}

const asBadInput = (error: GraphQLError): GraphQLError =>
  new GraphQLError(error.message, {
    nodes: error.nodes ?? null,
    extensions: { code: 'BAD_USER_INPUT', http: { status: 400 } },
  });
