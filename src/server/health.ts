import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isLoopback } from '../config/serving.js';
import { MaplewoodError } from '../errors.js';
import type { Verifier } from './authentication/verify.js';
import type { Metrics } from './observe/metrics.js';

export interface HealthOf {
  /** A request could be answered now. */
  readonly isReady: () => boolean;
  readonly metrics: Pick<Metrics, 'text' | 'contentType'>;
  readonly verifier: Verifier;
  /** Of the development issuer, where it is trusted. */
  readonly publicKeySet: unknown;
}

/** What is told without a token, or to those who run the server. */
export function healthRoutes(
  http: FastifyInstance,
  { isReady, metrics, verifier, publicKeySet }: HealthOf,
): void {
  probeRoutes(http, isReady);
  http.get('/metrics', async (request, reply) => {
    if (!isOfThisMachine(request)) {
      const { roles } = await verifier.verify(request.raw.rawHeaders);
      if (!roles.includes('admin')) throw new MaplewoodError('NO_ROLE');
    }
    return reply
      .header('Cache-Control', 'no-store')
      .type(metrics.contentType)
      .send(await metrics.text());
  });
  if (publicKeySet) http.get('/.well-known/jwks.json', async () => publicKeySet);
}

const [live, ready] = ['/livez', '/readyz'];

/** Whether the process answers, and whether it could answer a request now. */
export function probeRoutes(http: FastifyInstance, isReady: () => boolean): void {
  http.get(live, async () => ({ status: 'live' }));
  http.get(ready, async (_request, reply) =>
    isReady() ? { status: 'ready' } : reply.code(503).send({ status: 'not ready' }),
  );
}

/** It is for one of these. */
export const isProbe = ({ routeOptions: { url } }: FastifyRequest): boolean => url === live || url === ready;

/** Sent from this machine itself, not by way of a proxy on it. */
const isOfThisMachine = ({ ip = '', headers }: FastifyRequest): boolean =>
  isLoopback(ip.replace(/^::ffff:/, '')) &&
  headers['x-forwarded-for'] === undefined &&
  headers['forwarded'] === undefined;
