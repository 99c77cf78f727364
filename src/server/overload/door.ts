import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { errorBody } from '../error-body.js';
import { callerOf, newExchange, requestRecord } from '../exchange.js';
import type { Observers } from '../observe/observers.js';
import type { AppOptions } from '../options.js';
import { type FairGate, overloaded } from './fair-gate.js';
import { isLate, type Lag } from './lag.js';
import type { TurnedAway } from './turned-away.js';

export interface DoorOf {
  readonly verifier: AppOptions['verifier'];
  readonly audit: AppOptions['audit'];
  readonly gate: FairGate;
  readonly lag: Lag;
  readonly away: TurnedAway;
  readonly observers: Observers;
  readonly now: () => Date;
}

/**
 * Turns away, before anything of it is read, what finds no room while the server itself is late. In a flood nearly all
 * requests are such, and whatever one of them costs is missing to those that are let in: they are counted one by one, but
 * recorded and logged together. Says whether it has answered. Callers whose token is not known yet, and browsers, which
 * need more than an answer, go the long way.
 */
export function door(of: DoorOf): (request: IncomingMessage, response: ServerResponse) => boolean {
  const { verifier, audit, gate, lag, away, observers } = of;

  return (request, response) => {
    if (!isLate(lag) || request.url !== '/graphql' || request.method !== 'POST') return false;
    if (request.headers.origin !== undefined) return false;
    const principal = verifier.remembered(request.rawHeaders);
    if (principal === undefined) return false;
    const caller = callerOf({ principal });
    if (!gate.isFull(caller)) return false;

    const id = randomUUID();
    const body = JSON.stringify(errorBody(overloaded, id));
    response.writeHead(503, { ...headers, 'Content-Length': Buffer.byteLength(body) }).end(body);
    observers.metrics.request({ role: 'none', outcome: 'refused', code, seconds: 0 });
    observers.metrics.refused('overload');
    away.add(caller, code, () => {
      const { headers, socket } = request;
      const exchange = newExchange({ id, headers, ip: socket.remoteAddress }, observers.tracing);
      exchange.principal = principal;
      exchange.errors = [code];
      exchange.span.end({ role: 'none', outcome: 'refused', code, rows: 0, cached: false });
      return requestRecord(exchange, audit.digests, of.now(), 0);
    });
    return true;
  };
}

const code = 'OVERLOADED';
/** Those of every refusal. */
const headers = {
  'Content-Type': 'application/json; charset=utf-8',
  'X-Content-Type-Options': 'nosniff',
  'Cache-Control': 'no-store',
  'Retry-After': '1',
} as const;
