import { ApolloServer, type BaseContext } from '@apollo/server';
import { ApolloServerPluginCacheControlDisabled } from '@apollo/server/plugin/disabled';
import { type DocumentNode, type GraphQLSchema, parse, specifiedRules, validate } from 'graphql';
import type { SchemaName } from '../../access/role.js';
import type { Limits } from '../../config/settings.js';
import type { RequestContext } from '../../resolvers/context.js';
import { formatError } from './errors.js';
import { jitGateway } from './executor.js';

export type GraphqlContext = BaseContext & RequestContext;

export interface RoleServers {
  server(name: SchemaName): ApolloServer<GraphqlContext>;
  /** The first of the candidates whose schema has everything that the document names; else the first one. */
  choose(candidates: readonly SchemaName[], query: unknown): SchemaName;
  stop(): Promise<void>;
}

/** One Apollo Server a schema, each with its own and nothing else. */
export async function startRoleServers(
  schemas: ReadonlyMap<SchemaName, GraphQLSchema>,
  limits: Limits,
): Promise<RoleServers> {
  const servers = new Map<SchemaName, ApolloServer<GraphqlContext>>();
  for (const [name, schema] of schemas) {
    const server = new ApolloServer<GraphqlContext>({
      gateway: jitGateway(schema),
      plugins: [ApolloServerPluginCacheControlDisabled(), provenance()],
      introspection: true,
      csrfPrevention: true,
      allowBatchedHttpRequests: false,
      hideSchemaDetailsFromClientErrors: true,
      includeStacktraceInErrorResponses: false,
      persistedQueries: false,
      stopOnTerminationSignals: false,
      parseOptions: { maxTokens: limits.tokens },
      formatError: (formatted, error) => formatError(formatted, error, requestIdOf(error)),
      nodeEnv: 'production',
    });
    await server.start();
    servers.set(name, server);
  }
  const chosen = new Map<string, SchemaName>();
  return {
    server(name) {
      const server = servers.get(name);
      if (!server) throw new Error(`no schema for ${name}`);
      return server;
    },
    choose(candidates, query) {
      const [first] = candidates;
      if (first === undefined) throw new Error('no role to choose from');
      if (candidates.length === 1 || typeof query !== 'string') return first;
      const key = `${candidates.join(' ')}\n${query}`;
      const known = chosen.get(key);
      if (known) return known;
      const document = parsed(query, limits.tokens);
      const name =
        (document &&
          candidates.find((candidate) => {
            const schema = schemas.get(candidate);
            return (
              schema !== undefined &&
              validate(schema, document, specifiedRules, { maxErrors: 1 }).length === 0
            );
          })) ??
        first;
      if (chosen.size >= 1_000) chosen.clear();
      chosen.set(key, name);
      return name;
    },
    async stop() {
      await Promise.all([...servers.values()].map((server) => server.stop()));
    },
  };
}

function parsed(query: string, maxTokens: number): DocumentNode | undefined {
  try {
    return parse(query, { maxTokens, noLocation: true });
  } catch {
    return undefined;
  }
}

/** Errors do not know their request; the id is added when the answer is complete. */
const requestIdOf = (_error: unknown): string => '';

/** Says in every answer what it was made from. */
function provenance() {
  return {
    async requestDidStart() {
      return {
        async willSendResponse({
          contextValue,
          response,
        }: {
          contextValue: GraphqlContext;
          response: { body: unknown };
        }) {
          const body = response.body as {
            kind: string;
            singleResult?: {
              extensions?: Record<string, unknown>;
              errors?: readonly { extensions?: Record<string, unknown> }[];
            };
          };
          if (body.kind !== 'single' || !body.singleResult || !contextValue.load) return;
          const { requestId, handle } = contextValue.load;
          body.singleResult.extensions = {
            ...body.singleResult.extensions,
            maplewood: {
              release: handle.info.id,
              dataAsOf: handle.info.dataAsOf,
              role: contextValue.grant.role,
              cached: false,
              suppressedCells: contextValue.provenance.hiddenCells,
              requestId,
            },
          };
          for (const error of body.singleResult.errors ?? [])
            if (error.extensions) error.extensions['requestId'] = requestId;
        },
      };
    },
  };
}
