import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { charactersInOneTurn, nextTurn } from '../config/event-loop.js';
import { errorCatalogue, MaplewoodError } from '../errors.js';
import { refusalReason } from './authentication/refusal.js';
import type { Egress } from './egress.js';
import { callerOf, type Exchange, outcomeOf, requestRecord } from './exchange.js';
import type { Observers } from './observe/observers.js';
import type { AppEffects, AppOptions } from './options.js';
import type { RateLimiter } from './overload/rate-limit.js';
import type { TurnedAway } from './overload/turned-away.js';
import { bodyOf, errorType } from './refuse.js';

export interface EndingOf {
  readonly exchangeOf: (request: FastifyRequest) => Exchange;
  readonly egress: Egress;
  readonly audit: AppOptions['audit'];
  readonly observers: Observers;
  readonly rate: RateLimiter;
  readonly away: TurnedAway;
  /** Bytes of answers that may wait for callers to take them. */
  readonly unsentBytes: number;
  readonly now: AppEffects['now'];
}

/** Requests that ask for data: of the others there is no record. */
const isRecorded = ({ routeOptions: { url, config } }: FastifyRequest): boolean =>
  url === '/graphql' || config.recorded === true;

/**
 * What happens to every answer before its first byte is sent, whatever made it: it is searched for identifiers, and the
 * request is recorded, measured and logged. An answer that cannot be recorded is not sent.
 */
export function ending(http: FastifyInstance, of: EndingOf): void {
  const { exchangeOf, egress, audit, observers, rate, away } = of;
  let unsent = 0;
  const sizes = new WeakMap<FastifyRequest, number>();

  http.addHook('onRequest', async (request) => {
    if (isRecorded(request) && unsent > of.unsentBytes) throw new MaplewoodError('OVERLOADED');
  });

  http.addHook('onSend', async (request, reply, payload) => {
    const exchange = exchangeOf(request);
    let answer = payload;
    const replace = (error: MaplewoodError): void => {
      exchange.errors = [error.code];
      exchange.hasData = false;
      answer = replaced(reply, error, exchange.requestId);
    };
    if (typeof payload === 'string' && !exchange.identified()) {
      const shape = egress.refuses(reply.statusCode, payload);
      if (shape !== undefined) {
        const refused = egress.refused.get(shape);
        observers.log.withheld({ requestId: exchange.requestId, shape, refused });
        observers.metrics.withheld(shape);
        replace(new MaplewoodError('ANSWER_WITHHELD'));
      }
      if (payload.length > charactersInOneTurn) await nextTurn();
    }
    if (!isRecorded(request)) return answer;
    const ms = performance.now() - exchange.began;
    // Whoever floods the server with tokens that nobody accepts would else fill the disk.
    const counts = exchange.principal !== undefined || rate.take(`from ${exchange.source}`) === undefined;
    const { account } = exchange;
    const [code] = exchange.errors;
    // Of one that has read something there is a record of its own, whatever came of the rest of it.
    const isTurnedAway = (code === 'OVERLOADED' || code === 'RATE_LIMITED') && account.tables.size === 0;
    if (exchange.principal && isTurnedAway) {
      away.add(callerOf(exchange), code, () => requestRecord(exchange, audit.digests, of.now(), ms));
    } else if (counts) {
      try {
        audit.log.keep(requestRecord(exchange, audit.digests, of.now(), ms), account.patients());
      } catch (error) {
        const known = error instanceof MaplewoodError;
        if (known) observers.metrics.auditUnavailable();
        // What is thrown here, behind the handler of errors, would end the process.
        replace(known ? error : new MaplewoodError('INTERNAL'));
        exchange.cause = error;
      }
    }
    if (typeof answer === 'string') {
      sizes.set(request, answer.length);
      unsent += answer.length;
    }
    told(exchange, reply.statusCode, ms, exchange.principal !== undefined && isTurnedAway);
    if (typeof answer === 'string' && answer.length > charactersInOneTurn) await nextTurn();
    return answer;
  });

  const sent = async (request: FastifyRequest): Promise<void> => {
    unsent -= sizes.get(request) ?? 0;
    sizes.delete(request);
  };
  http.addHook('onResponse', sent);
  http.addHook('onRequestAbort', sent);

  const told = (exchange: Exchange, status: number, ms: number, withOthers: boolean): void => {
    const { requestId, span, grant, account, kept, release, cause } = exchange;
    const role = grant?.role ?? 'none';
    const outcome = outcomeOf(exchange);
    const [first] = exchange.errors;
    const code =
      first !== undefined && first in errorCatalogue ? (first as keyof typeof errorCatalogue) : undefined;
    const { rows } = account;
    observers.metrics.request({ role, outcome, code: code ?? 'none', seconds: ms / 1000 });
    if (!withOthers)
      observers.log.request({
        requestId,
        role,
        outcome,
        status,
        ms,
        code,
        rows,
        release,
        cached: kept !== undefined,
        statements: exchange.statements(),
        traceId: span.traceId,
      });
    if (code === 'UNAUTHENTICATED') observers.log.refused({ requestId, code, reason: refusalReason(cause) });
    if (code === 'INTERNAL' || code === 'POLICY_VIOLATION')
      observers.log.failed({ requestId, code, error: cause });
    const reason = code === undefined ? undefined : reasons[code];
    if (reason) observers.metrics.refused(reason);
    span.end({ role, outcome, code: code ?? 'none', rows, cached: kept !== undefined });
  };
}

const reasons: Readonly<Partial<Record<string, Parameters<Observers['metrics']['refused']>[0]>>> = {
  RATE_LIMITED: 'rate',
  OVERLOADED: 'overload',
  DEADLINE_EXCEEDED: 'deadline',
  QUERY_TOO_COMPLEX: 'limits',
};

/** The body of an error that is sent in place of an answer. */
function replaced(reply: FastifyReply, error: MaplewoodError, requestId: string): string {
  const status = errorCatalogue[error.code].http ?? 500;
  void reply.code(status).type(errorType(reply)).removeHeader('content-length');
  if (status === 503) void reply.header('Retry-After', String(error.retryAfter ?? 1));
  return JSON.stringify(bodyOf(reply, error, requestId));
}
