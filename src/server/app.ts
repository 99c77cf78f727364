import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import fastify, { type FastifyInstance, type FastifyRequest, LogController } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import { identifiersFor } from '../access/identifiers.js';
import type { ServiceKeys } from '../access/keys.js';
import { roleOf, type SchemaName, schemaFor } from '../access/role.js';
import type { AuditReader } from '../audit/reader.js';
import type { BreakGlass } from '../break-glass/service.js';
import type { Settings } from '../config/settings.js';
import { MaplewoodError } from '../errors.js';
import { type LoadContext, Plans } from '../loaders/load.js';
import { RowMakers } from '../loaders/rows.js';
import type { RequestContext } from '../resolvers/context.js';
import { goldBuilder } from '../warehouse/gold-builder.js';
import { addDays } from '../warehouse/grain.js';
import type { ReleaseHandle, Warehouse } from '../warehouse/warehouse.js';
import { candidateRoles, purposeOf } from './authentication/active-role.js';
import { grantFor } from './authentication/grant.js';
import type { Principal } from './authentication/principal.js';
import { refusalReason } from './authentication/refusal.js';
import type { Verifier } from './authentication/verify.js';
import { checkBody } from './check-body.js';
import { makeEgress, searchAnswers } from './egress.js';
import { type GraphqlContext, startRoleServers } from './graphql/role-servers.js';
import { asCatalogueError, describe, refuse } from './refuse.js';
import { requestSignal } from './request-signal.js';

export interface AppOptions {
  readonly warehouse: Warehouse;
  readonly schemas: ReadonlyMap<SchemaName, GraphQLSchema>;
  readonly verifier: Verifier;
  readonly keys: ServiceKeys;
  readonly settings: Settings;
  /** Every answer is searched for shapes of identifiers, whatever the settings say. */
  readonly searchAll?: boolean;
  /** Without it nobody can break the glass, whatever rights a token holds. */
  readonly breakGlass?: BreakGlass;
  /** Without it nobody can read who saw what. */
  readonly audit?: AuditReader;
  /** Public keys of the development issuer, where it is trusted. */
  readonly publicKeySet?: unknown;
  /** Where log lines go; nothing is logged without it. */
  readonly log?: { write(line: string): void };
}

export interface AppEffects {
  now(): Date;
  /** From 0 up to but not including 1. */
  random(): number;
}

/** A request that has been let in. Fastify keeps it on the request object. */
interface Admitted {
  readonly principal: Principal;
  readonly requestId: string;
}

export interface App {
  readonly http: FastifyInstance;
  /** Ends running statements and connections, for a stop that does not wait any longer. */
  abort(): void;
}

/** The HTTP server, not yet listening. */
export async function createApp(
  options: AppOptions,
  effects: AppEffects = { now: () => new Date(), random: Math.random },
): Promise<App> {
  const { warehouse, settings, keys } = options;
  const { limits } = settings;
  const servers = await startRoleServers(options.schemas, limits);
  const plans = new Plans();
  const rowMakers = new RowMakers();
  const stopping = new AbortController();
  // As many as the requests under way.
  setMaxListeners(0, stopping.signal);
  const admitted = new WeakMap<FastifyRequest, Admitted>();
  const golds = new Map<string, ReturnType<typeof goldBuilder>>();
  const goldOf = (handle: ReleaseHandle) => {
    const key = handle.schema ?? '';
    const known = golds.get(key) ?? goldBuilder(handle.schema);
    golds.set(key, known);
    return known;
  };

  const http = fastify({
    bodyLimit: limits.bodyBytes,
    logger: options.log ? { level: 'info', stream: options.log } : false,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => randomUUID(),
    requestIdHeader: false,
    keepAliveTimeout: 5_000,
    requestTimeout: 20_000,
    forceCloseConnections: 'idle',
    return503OnClosing: true,
    exposeHeadRoutes: false,
    http: { maxHeaderSize: 16 * 1024, headersTimeout: 10_000, connectionsCheckingInterval: 2_000 },
  });

  http.removeContentTypeParser('text/plain');
  http.addHook('onSend', async (_request, reply) => {
    void reply.header('X-Content-Type-Options', 'nosniff');
  });
  const egress = makeEgress(options.searchAll ? 1 : settings.egress.searched, effects.random);
  const contexts = new WeakMap<FastifyRequest, RequestContext>();
  searchAnswers(http, egress, (request) => contexts.get(request)?.provenance.identified ?? false);
  http.setNotFoundHandler((request, reply) =>
    refuse(
      reply,
      new MaplewoodError('NOT_FOUND', 'There is nothing at this address. GraphQL is at POST /graphql.'),
      String(request.id),
    ),
  );
  http.setErrorHandler((error, request, reply) => {
    const known = asCatalogueError(error);
    if (known.code === 'INTERNAL' || known.code === 'POLICY_VIOLATION') {
      request.log.error(
        { requestId: request.id, code: known.code, error: describe(error) },
        'request failed',
      );
    } else if (known.code === 'UNAUTHENTICATED') {
      request.log.info(
        { requestId: request.id, code: known.code, reason: refusalReason(error) },
        'request refused',
      );
    }
    return refuse(reply, known, String(request.id));
  });

  http.get('/livez', async () => ({ status: 'live' }));
  http.get('/readyz', async (_request, reply) => {
    try {
      warehouse.open().close();
      return { status: 'ready' };
    } catch {
      return reply.code(503).send({ status: 'not ready' });
    }
  });
  if (options.publicKeySet) http.get('/.well-known/jwks.json', async () => options.publicKeySet);

  const handlers = new Map(
    [...options.schemas.keys()].map((name) => [
      name,
      fastifyApolloHandler<GraphqlContext>(servers.server(name), {
        context: async (request) => (request as unknown as { maplewood: GraphqlContext }).maplewood,
      }),
    ]),
  );
  http.route({
    method: 'POST',
    url: '/graphql',
    onRequest: async (request) => {
      const principal = await options.verifier.verify(request.raw.rawHeaders);
      admitted.set(request, { principal, requestId: String(request.id) });
    },
    preHandler: async (request) => checkBody(request.body, limits),
    handler: async (request, reply) => {
      const who = admitted.get(request);
      if (!who) throw new MaplewoodError('UNAUTHENTICATED');
      const { query, operationName, variables } = request.body as Record<string, unknown>;
      const rights = options.breakGlass ? who.principal.rights : [];
      const schema = servers.choose(
        candidateRoles(request.raw.rawHeaders, who.principal, settings).map((role) =>
          schemaFor(role, rights),
        ),
        query,
      );
      const role = roleOf(schema);
      const purpose = purposeOf(request.raw.rawHeaders, role, settings.authentication);
      const grant = grantFor(who.principal, role, purpose, settings);
      const handle = warehouse.open();
      const { signal, done } = requestSignal(request, limits.deadlineMs, stopping.signal);
      try {
        const load: LoadContext = {
          plan: {
            dialect: warehouse.dialect,
            gold: goldOf(handle),
            grant,
            release: handle.info,
            rule: settings.disclosure,
            yesterday: addDays(londonDay(effects.now()), -1),
            identifiers: identifiersFor(keys, grant.recipient),
            careDays: settings.rows.careDays,
          },
          handle,
          signal,
          requestId: who.requestId,
          cursorKey: keys.cursor,
          plans,
          rowMakers,
        };
        const context: RequestContext = {
          caller: { subject: who.principal.oid, client: who.principal.azp, roles: who.principal.roles },
          grant,
          load,
          limits,
          ...(options.audit && role === 'auditor' ? { audit: options.audit } : {}),
          ...(options.breakGlass && schema !== role
            ? {
                glass: {
                  service: options.breakGlass,
                  context: {
                    user: who.principal,
                    operation: {
                      query: String(query),
                      operationName: typeof operationName === 'string' ? operationName : undefined,
                      variables,
                    },
                    source: request.ip,
                    load,
                    most: limits.firstMax,
                  },
                },
              }
            : {}),
          provenance: { hiddenCells: 0, identified: false },
        };
        contexts.set(request, context);
        Object.assign(request, { maplewood: context });
        void reply
          .header('Cache-Control', 'no-store')
          .header('Vary', 'Authorization, X-Maplewood-Role, Accept-Encoding');
        const handler = handlers.get(schema);
        if (!handler) throw new MaplewoodError('NO_ROLE');
        return await handler.call(http, request, reply);
      } finally {
        done();
        handle.close();
      }
    },
  });
  http.route({
    method: ['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
    url: '/graphql',
    handler: async (_request, reply) => {
      void reply.header('Allow', 'POST');
      throw new MaplewoodError(
        'METHOD_NOT_ALLOWED',
        'Send GraphQL operations by POST with application/json.',
      );
    },
  });

  http.addHook('onClose', async () => {
    await servers.stop();
  });
  return {
    http,
    abort() {
      stopping.abort();
      http.server.closeAllConnections();
    },
  };
}

/** Local day in London. */
const londonFormat = new Intl.DateTimeFormat('en-CA', { timeZone: 'Europe/London', dateStyle: 'short' });
const londonDay = (time: Date): string => londonFormat.format(time);
