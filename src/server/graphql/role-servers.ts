import { ApolloServer } from '@apollo/server';
import { ApolloServerPluginCacheControlDisabled } from '@apollo/server/plugin/disabled';
import { type DocumentNode, type GraphQLSchema, specifiedRules, validate } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { SchemaName } from '../../access/role.js';
import type { Limits } from '../../config/settings.js';
import type { GraphqlContext } from './context.js';
import { formatError } from './errors.js';
import { jitGateway } from './executor.js';
import { KnownOperationTypeRule } from './operation-type.js';
import { provenance } from './provenance.js';

export interface RoleServers {
  server(name: SchemaName): ApolloServer<GraphqlContext>;
  /** The first of the candidates whose schema has everything that the document names; else the first one. */
  choose(candidates: readonly SchemaName[], query: string, document: DocumentNode | undefined): SchemaName;
  stop(): Promise<void>;
}

/** What Apollo Server validates by, too. */
const rules = [...specifiedRules, KnownOperationTypeRule];

/** One Apollo Server a schema, each with its own and nothing else. */
export async function startRoleServers(
  schemas: ReadonlyMap<SchemaName, GraphQLSchema>,
  limits: Limits,
): Promise<RoleServers> {
  const servers = new Map<SchemaName, ApolloServer<GraphqlContext>>();
  for (const [name, schema] of schemas) {
    const server = new ApolloServer<GraphqlContext>({
      gateway: jitGateway(schema, limits),
      plugins: [ApolloServerPluginCacheControlDisabled(), provenance(limits.errors)],
      introspection: true,
      csrfPrevention: true,
      allowBatchedHttpRequests: false,
      hideSchemaDetailsFromClientErrors: true,
      includeStacktraceInErrorResponses: false,
      persistedQueries: false,
      stopOnTerminationSignals: false,
      validationRules: [KnownOperationTypeRule],
      parseOptions: { maxTokens: limits.tokens },
      formatError: (formatted, error) => formatError(formatted, error, requestIdOf(error)),
      nodeEnv: 'production',
    });
    await server.start();
    servers.set(name, server);
  }
  const chosen = new LRUCache<string, SchemaName>({
    maxSize: 4_000_000,
    sizeCalculation: (_name, key) => key.length + 100,
  });
  return {
    server(name) {
      const server = servers.get(name);
      if (!server) throw new Error(`no schema for ${name}`);
      return server;
    },
    choose(candidates, query, document) {
      const [first] = candidates;
      if (first === undefined) throw new Error('no role to choose from');
      if (candidates.length === 1 || !document) return first;
      const key = `${candidates.join(' ')}\n${query}`;
      const known = chosen.get(key);
      if (known) return known;
      const serves = (candidate: SchemaName): boolean => {
        const schema = schemas.get(candidate);
        return schema !== undefined && validate(schema, document, rules, { maxErrors: 1 }).length === 0;
      };
      const name = candidates.find(serves) ?? first;
      chosen.set(key, name);
      return name;
    },
    async stop() {
      await Promise.all([...servers.values()].map((server) => server.stop()));
    },
  };
}

/** Errors do not know their request; the id is added when the answer is complete. */
const requestIdOf = (_error: unknown): string => '';
