import type { AddressInfo } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';
import { identifiersFor } from '../../access/identifiers.js';
import { FactPlans } from '../../cds/facts/rows/fact-plan.js';
import { readFeedback } from '../../cds/hooks/feedback.js';
import { readRequest } from '../../cds/hooks/request.js';
import { describe, type Service, servicesOn } from '../../cds/hooks/services.js';
import { MaplewoodError } from '../../errors.js';
import { columnVisible } from '../../schema/datasets.js';
import { peopleDatasets } from '../../schema/people/nested.js';
import { deeperThan } from '../check-body.js';
import { actRecorder, callerOf } from '../exchange.js';
import type { GraphqlParts } from '../graphql/route.js';
import { londonDay } from '../london-day.js';
import type { AppEffects } from '../options.js';
import { overloaded } from '../overload/fair-gate.js';
import { isLate, type Lag } from '../overload/lag.js';
import '../route-config.js';
import { answerTo } from './answer.js';
import { openCall } from './call.js';
import { callerOfHook, type HookCaller } from './caller.js';
import { clientVerifier } from './client-token.js';
import type { CdsHooksParts } from './parts.js';
import { feedbackDesk } from './tell.js';

const config = { recorded: true, problems: true } as const;
const root = '/cds-services';

/**
 * The services of CDS Hooks 2.0: their list, a call of one, and what came of its cards. What costs least comes first: token,
 * rate, name of the service, size and form of the body.
 */
export function cdsHooksRoutes(
  http: FastifyInstance,
  parts: GraphqlParts & { readonly lag: Lag },
  hooks: CdsHooksParts,
  effects: AppEffects,
): void {
  const { options, rate, gates, lag, exchangeOf, observers } = parts;
  const { settings } = options;
  const { limits, cds } = settings;
  const callers = {
    verifier: options.verifier,
    clients: clientVerifier(hooks.clients, () => effects.now().getTime(), hooks.spentTokens),
    settings,
  };
  const desk = feedbackDesk(hooks.feedback, hooks.reasons);
  const open = openCall(parts, effects);
  const services = servicesByDay(hooks, effects);
  const plans = new FactPlans();
  const known = new WeakMap<FastifyRequest, HookCaller>();

  const base = (): string => {
    if (hooks.publicUrl !== null) return hooks.publicUrl.replace(/\/$/, '');
    const { address, port } = http.server.address() as AddressInfo;
    return `http://${address.includes(':') ? `[${address}]` : address}:${port}`;
  };

  /** Before a byte of the body is read. */
  const admit = async (request: FastifyRequest, path: string): Promise<void> => {
    const exchange = exchangeOf(request);
    const caller = await callerOfHook(request, `${base()}${path}`, callers);
    known.set(request, caller);
    exchange.principal = caller.principal;
    exchange.grant = caller.grant;
    const wait = rate.take(callerOf(exchange));
    if (wait !== undefined) throw new MaplewoodError('RATE_LIMITED', undefined, { retryAfter: wait });
    if (isLate(lag) && gates.point.isFull(callerOf(exchange))) throw overloaded;
  };
  const callerOfRequest = (request: FastifyRequest): HookCaller => {
    const caller = known.get(request);
    if (!caller) throw new MaplewoodError('UNAUTHENTICATED');
    return caller;
  };
  const serviceOf = ({ params }: FastifyRequest): Service => {
    const { id } = params as { id: string };
    const service = services().find((one) => one.id === id);
    if (!service) throw new MaplewoodError('NOT_FOUND', 'There is no such service.');
    return service;
  };
  const checkDepth = async ({ body }: FastifyRequest): Promise<void> => {
    if (deeperThan(limits.jsonDepth, body))
      throw new MaplewoodError('QUERY_TOO_COMPLEX', `The body may nest at most ${limits.jsonDepth} deep.`);
  };
  const told = new Set<string>();
  /** Whoever runs the server is told once of each rule whose cards nobody follows. */
  const tellDemoted = (): void => {
    for (const [rule, { outcomes, overridden }] of hooks.feedback.demoted()) {
      if (told.has(rule)) continue;
      told.add(rule);
      observers.log.demoted({ rule, outcomes, overridden });
    }
  };
  const uncached = (reply: FastifyReply): FastifyReply =>
    reply
      .header('Cache-Control', 'no-store')
      .header('Vary', 'Authorization, X-Maplewood-Role, Accept-Encoding');

  http.route({
    method: 'GET',
    url: root,
    config: { ...config, recorded: !cds.openDiscovery },
    onRequest: async (request) => {
      if (!cds.openDiscovery) await admit(request, root);
      exchangeOf(request).operation = { kind: 'cds-hooks', name: 'discovery' };
    },
    handler: async (_request, reply) => uncached(reply).send({ services: services().map(describe) }),
  });

  http.route({
    method: 'POST',
    url: `${root}/:id`,
    config,
    bodyLimit: limits.hookBodyBytes,
    onRequest: async (request) => {
      await admit(request, `${root}/${pathOf(request)}`);
      exchangeOf(request).operation = { kind: 'cds-hooks', name: serviceOf(request).id };
    },
    preHandler: checkDepth,
    handler: async (request, reply) => {
      const service = serviceOf(request);
      const call = readRequest(request.body, service.hook);
      const { hookInstance, userId, patientId, encounterId = null } = call;
      const caller = callerOfRequest(request);
      const exchange = exchangeOf(request);
      exchange.variables = { hookInstance, userId, patientId, encounterId };
      const answer = await open(request, caller, (load, now, inTurn) =>
        answerTo(
          {
            service,
            request: call,
            load,
            inTurn,
            reader: readerOf(caller, userId, options.audit.digests.variables),
            cardsPerDay: cds.cardsPerDay,
            now,
            today: londonDay(now),
          },
          { ...hooks, plans },
        ),
      );
      tellDemoted();
      return uncached(reply).send(answer);
    },
  });

  http.route({
    method: 'POST',
    url: `${root}/:id/feedback`,
    config,
    onRequest: async (request) => {
      await admit(request, `${root}/${pathOf(request)}/feedback`);
      exchangeOf(request).operation = { kind: 'cds-hooks', name: `${serviceOf(request).id}/feedback` };
    },
    preHandler: checkDepth,
    handler: async (request, reply) => {
      const feedback = readFeedback(request.body);
      const caller = callerOfRequest(request);
      options.audit.log.assertReady();
      exchangeOf(request).variables = feedback.map(({ card, outcome }) => ({ card, outcome }));
      const by = readerOf(caller, undefined, options.audit.digests.variables);
      const { recipient } = caller.grant;
      await desk.take(feedback, {
        owner: { client: recipient, by: caller.isClient ? null : by },
        by,
        identifiers: identifiersFor(options.keys, recipient),
        now: effects.now(),
        record: actRecorder(exchangeOf(request), options.audit, effects.now),
      });
      return uncached(reply).send({});
    },
  });

  const others = (url: string, allowed: HTTPMethods): void =>
    void http.route({
      method: (['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const).filter(
        (method) => method !== allowed,
      ),
      url,
      config: { problems: true },
      handler: async (_request, reply) => {
        void reply.header('Allow', allowed);
        throw new MaplewoodError('METHOD_NOT_ALLOWED');
      },
    });
  others(root, 'GET');
  others(`${root}/:id`, 'POST');
  others(`${root}/:id/feedback`, 'POST');
}

/** The name of a service as it stands in an address. */
const pathOf = ({ params }: FastifyRequest): string => encodeURIComponent((params as { id: string }).id);

/**
 * Names the reader of cards in the state: the user of an API token; of a client's own token a digest of the user that it
 * names, or without one the client.
 */
function readerOf(
  { principal: { tid, oid }, isClient }: HookCaller,
  userId: string | undefined,
  digest: (values: unknown) => string,
): string {
  if (!isClient) return `${tid}/${oid}`;
  const client = `cds-client/${oid}`;
  return userId === undefined ? client : `${client}#${digest([oid, userId]).slice(0, 32)}`;
}

/** The services of today: with the day rules pass their review. */
function servicesByDay({ rules }: CdsHooksParts, effects: AppEffects): () => readonly Service[] {
  const mayRead = (column: string): boolean => {
    const [key, name = ''] = column.split('.');
    const dataset = peopleDatasets.find((one) => one.key === key);
    return dataset !== undefined && columnVisible(dataset, 'clinician', name);
  };
  let made: { readonly day: string; readonly services: readonly Service[] } | undefined;
  return () => {
    const day = londonDay(effects.now());
    if (made?.day !== day) made = { day, services: servicesOn(day, rules, mayRead) };
    return made.services;
  };
}
