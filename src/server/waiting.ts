import { randomUUID } from 'node:crypto';
import type { RequestListener, Server } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import fastify, { type FastifyInstance } from 'fastify';
import type { Settings } from '../config/settings.js';
import type { MaplewoodError } from '../errors.js';
import { isProbe, probeRoutes } from './health.js';
import { closeWithin, openServer } from './http-server.js';
import { asCatalogueError, refuse } from './refuse.js';
import './route-config.js';
import { guardTransport, refuseMalformed } from './transport.js';

/** Holds a port for an application that cannot be made yet, and gives it over without a gap. */
export interface WaitingServer {
  readonly http: FastifyInstance;
  /** The server of the port, for an application that is being made; `handler` is its answer to a request. */
  lend(handler: RequestListener): Server;
  /** From now on the application that it was lent to answers what comes in, on open connections too. */
  handOver(): void;
  /** Where nobody takes over: takes no more connections, and ends when what is under way has been answered. */
  close(): Promise<void>;
  /** The same after a moment in which it says on each connection that it ends. */
  stop(): Promise<void>;
}

/**
 * Lives, is not ready, and refuses everything else, in the form of the address that is asked. `refusal` is made for each
 * request: it says how long to wait.
 */
export function createWaitingServer(settings: Settings, refusal: () => MaplewoodError): WaitingServer {
  let lent: RequestListener | undefined;
  let answering: RequestListener | undefined;
  let isStopping = false;
  const http = fastify({
    logger: false,
    serverFactory: (own) =>
      openServer(settings, (request, response) => (answering ?? own)(request, response)),
    genReqId: () => randomUUID(),
    requestIdHeader: false,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    exposeHeadRoutes: false,
    clientErrorHandler: refuseMalformed,
    frameworkErrors: (_error, request, reply) => void refuse(reply, refusal(), String(request.id)),
  });
  http.addHook('onRequest', async (_request, reply) => {
    if (isStopping) void reply.header('Connection', 'close');
  });
  guardTransport(http, settings.corsOrigins);
  // Before a byte of the body is read.
  http.addHook('onRequest', async (request) => {
    if (!isProbe(request)) throw refusal();
  });
  http.setErrorHandler((error, request, reply) => refuse(reply, asCatalogueError(error), String(request.id)));
  probeRoutes(http, () => false);
  const refuseAll = async (): Promise<never> => {
    throw refusal();
  };
  for (const url of ['/cds-services', '/cds-services/*'])
    http.all(url, { config: { problems: true } }, refuseAll);
  http.setNotFoundHandler(refuseAll);

  const close = (): Promise<void> =>
    closeWithin(
      settings.stop.patienceMs,
      () => http.close(),
      () => http.server.closeAllConnections(),
    );
  return {
    http,
    lend(handler) {
      lent = handler;
      return http.server;
    },
    handOver() {
      answering = lent;
    },
    close,
    async stop() {
      isStopping = true;
      await pause(settings.stop.noticeMs);
      await close();
    },
  };
}
