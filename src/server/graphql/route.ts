import { HeaderMap } from '@apollo/server';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Grant } from '../../access/grant.js';
import { type Purpose, type Role, roleOf, type SchemaName, schemaFor } from '../../access/role.js';
import type { RecordAct } from '../../cds/results/act-service.js';
import { charactersInOneTurn, nextTurn } from '../../config/event-loop.js';
import { MaplewoodError } from '../../errors.js';
import type { RequestContext } from '../../resolvers/context.js';
import { addDays } from '../../warehouse/grain.js';
import { candidateRoles, purposeOf } from '../authentication/active-role.js';
import { grantFor } from '../authentication/grant.js';
import type { Principal } from '../authentication/principal.js';
import { checkBody } from '../check-body.js';
import { actRecorder, callerOf, type Exchange, readOf } from '../exchange.js';
import { loadings } from '../loading.js';
import { londonDay } from '../london-day.js';
import type { Observers } from '../observe/observers.js';
import type { AppEffects, AppOptions } from '../options.js';
import { overloaded } from '../overload/fair-gate.js';
import type { RateLimiter } from '../overload/rate-limit.js';
import { turnOf } from '../overload/turns.js';
import type { Governed } from '../statements.js';
import { type AnswerCache, answerKey } from './answer-cache.js';
import { assertVariablesWithinLimits } from './document-limits.js';
import { operations } from './operations.js';
import { provenanceOf } from './provenance.js';
import type { RoleServers } from './role-servers.js';

export interface GraphqlParts {
  readonly options: AppOptions;
  readonly servers: RoleServers;
  readonly gates: Governed['gates'];
  readonly rate: RateLimiter;
  readonly cache: AnswerCache;
  readonly observers: Observers;
  /** Ends what runs, for a stop that does not wait any longer. */
  readonly aborting: AbortSignal;
  readonly exchangeOf: (request: FastifyRequest) => Exchange;
}

interface Body {
  readonly query: string;
  readonly operationName?: unknown;
  readonly variables?: unknown;
}

/**
 * POST /graphql. What costs least comes first: token, rate, size of the body, size of the document and its variables, the
 * kept answer; then Apollo Server validates, and what the answer could cost is known before anything of it is read.
 */
export function graphqlRoute(http: FastifyInstance, parts: GraphqlParts, effects: AppEffects): void {
  const { options, rate, exchangeOf } = parts;
  const { limits } = options.settings;
  const answer = answerer(parts, effects);

  http.route({
    method: 'POST',
    url: '/graphql',
    onRequest: async (request) => {
      const exchange = exchangeOf(request);
      exchange.principal = await options.verifier.verify(request.raw.rawHeaders);
      const caller = callerOf(exchange);
      const wait = rate.take(caller);
      if (wait !== undefined) throw new MaplewoodError('RATE_LIMITED', undefined, { retryAfter: wait });
    },
    preHandler: async (request) => checkBody(request.body, limits),
    handler: async (request, reply) => {
      void reply
        .header('Cache-Control', 'no-store')
        .header('Vary', 'Authorization, X-Maplewood-Role, Accept-Encoding');
      return answer(request, reply, exchangeOf(request));
    },
  });
  http.route({
    method: ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
    url: '/graphql',
    handler: async (_request, reply) => {
      void reply.header('Allow', 'POST');
      throw new MaplewoodError(
        'METHOD_NOT_ALLOWED',
        'Send GraphQL operations by POST with application/json.',
      );
    },
  });
}

type Answer = (request: FastifyRequest, reply: FastifyReply, exchange: Exchange) => Promise<FastifyReply>;

function answerer(
  { options, observers, servers, gates, cache, aborting }: GraphqlParts,
  effects: AppEffects,
): Answer {
  const { warehouse, settings, audit, breakGlass, results } = options;
  const { limits } = settings;
  const documents = operations(limits);
  const loadingOf = loadings({ options, gates, observers, aborting });
  // A principal is one object for as long as its token is remembered.
  const grants = new WeakMap<Principal, Map<string, Grant>>();
  const grantOf = (principal: Principal, role: Role, purpose: Purpose): Grant => {
    const known = grants.get(principal) ?? new Map<string, Grant>();
    grants.set(principal, known);
    const key = `${role} ${purpose}`;
    const grant = known.get(key) ?? grantFor(principal, role, purpose, settings);
    known.set(key, grant);
    return grant;
  };

  return async (request, reply, exchange) => {
    const { principal, requestId, span, account } = exchange;
    if (!principal) throw new MaplewoodError('UNAUTHENTICATED');
    const { query, operationName, variables } = request.body as Body;
    const planned = span.plan();
    exchange.variables = variables;
    const operation = documents.get(query);
    exchange.operation = operation.record;
    assertVariablesWithinLimits(variables, limits);

    const rights = breakGlass ? principal.rights : [];
    const { rawHeaders } = request.raw;
    const schema = servers.choose(
      candidateRoles(rawHeaders, principal, settings).map((role) => schemaFor(role, rights)),
      query,
      operation.document,
    );
    const role = roleOf(schema);
    const grant = grantOf(principal, role, purposeOf(rawHeaders, role, settings.authentication));
    exchange.grant = grant;
    // Before anything is read: what cannot be recorded does not happen.
    audit.log.assertReady();

    const opened = warehouse.open();
    try {
      const { info } = opened;
      exchange.release = info.id;
      const yesterday = addDays(londonDay(effects.now()), -1);
      const key = operation.mayBeKept
        ? answerKey({
            schema,
            grant: grant.digest,
            yesterday,
            query,
            operationName: typeof operationName === 'string' ? operationName : null,
            variables,
          })
        : undefined;
      const known = key === undefined ? undefined : cache.get(info.id, key);
      if (known) {
        planned.end('done');
        observers.metrics.answered('cache');
        exchange.kept = known.read;
        const extensions = provenanceOf({
          release: info,
          role,
          requestId,
          cached: true,
          hiddenCells: known.hiddenCells,
        });
        return reply
          .type(`${mediaTypeFor(request)}; charset=utf-8`)
          .send(`{"data":${known.data},"extensions":${JSON.stringify(extensions)}}\n`);
      }

      // What would be refused in the middle of its work is not begun.
      const caller = callerOf(exchange);
      if (operation.takesTurns && gates.query.isFull(caller)) throw overloaded;

      const { load, done } = loadingOf(request, exchange, {
        opened,
        grant,
        yesterday,
        onTurn: () => {
          operation.takesTurns = true;
        },
      });
      try {
        const context: RequestContext = {
          caller: { subject: principal.oid, client: principal.azp, roles: principal.roles },
          grant,
          load,
          limits,
          inTurn: turnOf(gates.point, caller, load.signal),
          ...(results ? resultsFor(role, results, () => actRecorder(exchange, audit, effects.now)) : {}),
          ...(role === 'auditor' ? { audit: audit.trail } : {}),
          ...(breakGlass && schema !== role
            ? {
                glass: {
                  service: breakGlass,
                  context: {
                    user: principal,
                    operation: { query, variables },
                    source: exchange.source,
                    load,
                    most: limits.firstMax,
                  },
                },
              }
            : {}),
          provenance: { hiddenCells: 0, identified: false },
        };
        exchange.identified = () => context.provenance.identified;
        planned.end('done');
        const { status = 200, headers, text } = await execute(schema, request, exchange, context);
        observers.metrics.answered('live');
        const data = status === 200 && exchange.errors.length === 0 ? dataOf(text) : undefined;
        if (key !== undefined && data !== undefined && !account.hangsOnState)
          cache.put(info.id, key, {
            data,
            hiddenCells: context.provenance.hiddenCells,
            read: readOf(account),
          });
        for (const [name, value] of headers) void reply.header(name, value);
        if (text.length > charactersInOneTurn) await nextTurn();
        return await reply.code(status).send(text);
      } finally {
        done();
      }
    } finally {
      opened.close();
    }
  };

  async function execute(
    schema: SchemaName,
    request: FastifyRequest,
    exchange: Exchange,
    context: RequestContext,
  ): Promise<{ readonly status: number | undefined; readonly headers: HeaderMap; readonly text: string }> {
    const headers = new HeaderMap();
    headers.set('content-type', 'application/json');
    headers.set('accept', mediaTypeFor(request));
    const answered = await servers.server(schema).executeHTTPGraphQLRequest({
      httpGraphQLRequest: { method: 'POST', headers, search: '', body: request.body },
      context: async () => ({ ...context, exchange }),
    });
    if (answered.body.kind !== 'complete') throw new Error('an answer in parts');
    return { status: answered.status, headers: answered.headers, text: answered.body.string };
  }
}

/** What stands beside results for whoever has any; their values, rules and acts for clinicians. */
function resultsFor(
  role: Role,
  { acts, evaluate, readers, figures }: NonNullable<AppOptions['results']>,
  recorder: () => RecordAct,
): Pick<RequestContext, 'acts' | 'evaluate' | 'results' | 'figures'> {
  if (role === 'clinician')
    return { acts: { service: acts, record: recorder() }, evaluate, results: readers };
  const { values: _values, ...others } = readers;
  return { results: others, ...(role === 'data-steward' ? { figures } : {}) };
}

/** The type of answers after the specification "GraphQL over HTTP". */
const graphqlJson = 'application/graphql-response+json';

/** Whoever takes neither gets JSON: an answer that it may refuse tells it more than none (RFC 9110, 12.5.1). */
const mediaTypeFor = ({ headers: { accept } }: FastifyRequest): string =>
  accept?.includes(graphqlJson) ? graphqlJson : 'application/json';

/** The `data` of an answer without errors: our extensions stand behind it, and hold nothing of the caller. */
function dataOf(text: string): string | undefined {
  const start = '{"data":';
  const end = text.lastIndexOf(',"extensions":{"maplewood":');
  return text.startsWith(start) && end > 0 ? text.slice(start.length, end) : undefined;
}
