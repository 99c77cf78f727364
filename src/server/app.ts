import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import type { RequestListener } from 'node:http';
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { MaplewoodError } from '../errors.js';
import { cdsHooksRoutes } from './cds-hooks/plugin.js';
import { makeEgress } from './egress.js';
import { ending } from './ending.js';
import { type Exchange, newExchange } from './exchange.js';
import { answerCache } from './graphql/answer-cache.js';
import { startRoleServers } from './graphql/role-servers.js';
import { graphqlRoute } from './graphql/route.js';
import { healthRoutes } from './health.js';
import { closeWithin, openServer } from './http-server.js';
import type { Log } from './observe/log.js';
import { makeObservers } from './observe/observers.js';
import type { AppEffects, AppOptions } from './options.js';
import { door } from './overload/door.js';
import { fairGate, type GateEffects } from './overload/fair-gate.js';
import { eventLoopLag, isLate } from './overload/lag.js';
import { rateLimiter } from './overload/rate-limit.js';
import { turnedAway } from './overload/turned-away.js';
import { turnsOf } from './overload/turns.js';
import { asCatalogueError, refuse } from './refuse.js';
import { guardTransport, refuseMalformed } from './transport.js';
import type { WaitingServer } from './waiting.js';

export interface App {
  readonly http: FastifyInstance;
  readonly log: Log;
  /**
   * Stops: says so at once where readiness is asked for, takes requests for a moment longer, finishes what is under way, and
   * ends it once its time is over.
   */
  stop(): Promise<void>;
  /** Ends running statements and connections, for a stop that does not wait any longer. */
  abort(): void;
}

/** The HTTP server, not yet listening; in place of one that waits it answers at once what comes in on its port. */
export async function createApp(
  options: AppOptions,
  effects: AppEffects = { now: () => new Date(), random: Math.random },
  waiting?: WaitingServer,
): Promise<App> {
  const { settings, warehouse, audit } = options;
  const { limits, overload } = settings;
  const slots = turnsOf(overload);
  const lag = eventLoopLag();
  // One turn is left for others.
  const gateOf = (turns: number, effects: GateEffects) =>
    fairGate({ ...overload, slots: turns, perCaller: Math.max(1, turns - 1) }, effects);
  const gates = {
    query: gateOf(slots, { isLate: () => isLate(lag) }),
    // Look-ups take no more of the processor than that, and there are always some.
    point: gateOf(slots + 2, {}),
  };
  const rate = rateLimiter({ perSecond: overload.requestsPerSecond, burst: overload.burst });
  const cache = answerCache(settings.cache.bytes);
  const servers = await startRoleServers(options.schemas, limits);
  const aborting = new AbortController();
  // As many as the requests under way.
  setMaxListeners(0, aborting.signal);
  let isStopping = false;

  let connections = 0;
  const observers = await makeObservers(options.observe ?? {}, {
    statementsRunning: () => warehouse.running(),
    requestsWaiting: () => gates.query.waiting() + gates.point.waiting(),
    cache: cache.size,
    auditWaiting: () => audit.log.status().waiting,
    release: () => {
      const handle = warehouse.open();
      handle.close();
      return handle.info;
    },
    connections: () => connections,
    demotedRules: () => options.cdsHooks?.feedback.demoted().size,
  });
  const away = turnedAway((record) => audit.log.keep(record), observers.log.turnedAway);
  const turnsAway = door({
    verifier: options.verifier,
    audit,
    gate: gates.query,
    lag,
    away,
    observers,
    now: effects.now,
  });

  const guarded =
    (handler: RequestListener): RequestListener =>
    (request, response) => {
      if (isStopping || !turnsAway(request, response)) handler(request, response);
    };
  const http = fastify({
    bodyLimit: limits.bodyBytes,
    logger: false,
    serverFactory: (handler) =>
      waiting ? waiting.lend(guarded(handler)) : openServer(settings, guarded(handler)),
    genReqId: () => randomUUID(),
    requestIdHeader: false,
    forceCloseConnections: 'idle',
    // What a closing server still takes in is answered; that it closes is said by the header.
    return503OnClosing: false,
    exposeHeadRoutes: false,
    // Who waited on the same server goes on answering these.
    clientErrorHandler: waiting ? () => undefined : refuseMalformed,
    frameworkErrors(_error, request, reply) {
      void refuse(
        reply,
        new MaplewoodError('BAD_USER_INPUT', 'The address is not well formed.'),
        String(request.id),
      );
    },
  });
  http.decorate('challenge', options.challenge);
  http.server.on('connection', (socket) => {
    connections += 1;
    socket.once('close', () => {
      connections -= 1;
    });
  });

  const exchanges = new WeakMap<FastifyRequest, Exchange>();
  const exchangeOf = (request: FastifyRequest): Exchange => {
    const known = exchanges.get(request);
    if (known) return known;
    const made = newExchange(request, observers.tracing);
    exchanges.set(request, made);
    return made;
  };

  http.addHook('onRequest', async (_request, reply) => {
    if (isStopping) void reply.header('Connection', 'close');
  });
  guardTransport(http, settings.corsOrigins);
  ending(http, {
    exchangeOf,
    egress: makeEgress(options.searchAll ? 1 : settings.egress.searched, effects.random),
    audit,
    observers,
    rate,
    away,
    unsentBytes: overload.unsentBytes,
    now: effects.now,
  });
  http.setNotFoundHandler((request, reply) =>
    refuse(
      reply,
      new MaplewoodError('NOT_FOUND', 'There is nothing at this address. GraphQL is at POST /graphql.'),
      String(request.id),
    ),
  );
  http.setErrorHandler((error, request, reply) => {
    const known = asCatalogueError(error);
    const exchange = exchangeOf(request);
    exchange.errors = [known.code];
    exchange.cause = error;
    return refuse(reply, known, String(request.id));
  });

  healthRoutes(http, {
    isReady() {
      if (isStopping) return false;
      try {
        audit.log.assertReady();
        warehouse.open().close();
        return true;
      } catch {
        return false;
      }
    },
    metrics: observers.metrics,
    verifier: options.verifier,
    publicKeySet: options.publicKeySet,
  });
  const parts = {
    options,
    observers,
    servers,
    gates,
    rate,
    cache,
    aborting: aborting.signal,
    exchangeOf,
  };
  graphqlRoute(http, parts, effects);
  if (options.cdsHooks) cdsHooksRoutes(http, { ...parts, lag }, options.cdsHooks, effects);

  http.addHook('onClose', async () => {
    await servers.stop();
    lag.close();
    away.close();
    await observers.close();
  });
  const abort = (): void => {
    aborting.abort();
    http.server.closeAllConnections();
  };
  if (waiting) {
    await http.ready();
    waiting.handOver();
  }
  return {
    http,
    log: observers.log,
    abort,
    async stop() {
      isStopping = true;
      await new Promise((resolve) => setTimeout(resolve, settings.stop.noticeMs));
      const close = async (): Promise<void> => {
        await waiting?.http.close();
        await http.close();
      };
      await closeWithin(settings.stop.patienceMs, close, abort);
    },
  };
}
