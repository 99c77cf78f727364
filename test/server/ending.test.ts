import { randomUUID } from 'node:crypto';
import fastify, { type FastifyRequest } from 'fastify';
import { auditDigests } from '../../src/audit/digests.js';
import type { AuditLog } from '../../src/audit/log.js';
import type { RequestRecord } from '../../src/audit/record.js';
import type { Principal } from '../../src/server/authentication/principal.js';
import { makeEgress } from '../../src/server/egress.js';
import { ending } from '../../src/server/ending.js';
import { type Exchange, newExchange } from '../../src/server/exchange.js';
import { makeObservers } from '../../src/server/observe/observers.js';
import { rateLimiter } from '../../src/server/overload/rate-limit.js';
import { turnedAway } from '../../src/server/overload/turned-away.js';
import { writerKey } from '../audit/writer-key.js';

/** The records of answers that end with OVERLOADED, and the patients that are kept with each. */
async function recordsOf(requests: readonly ((exchange: Exchange) => void)[]) {
  const kept: { record: RequestRecord; patients: number }[] = [];
  const log = {
    keep: (record: RequestRecord, patients: readonly Uint8Array[] = []) =>
      void kept.push({ record, patients: patients.length }),
  } as unknown as AuditLog;
  const http = fastify({ genReqId: () => randomUUID() });
  const observers = await makeObservers({ strict: true }, {});
  const exchanges = new WeakMap<FastifyRequest, Exchange>();
  const exchangeOf = (request: FastifyRequest): Exchange => {
    const exchange = exchanges.get(request) ?? newExchange(request, observers.tracing);
    exchanges.set(request, exchange);
    return exchange;
  };
  const away = turnedAway((record) => log.keep(record));
  http.addHook('onClose', async () => away.close());
  ending(http, {
    exchangeOf,
    egress: makeEgress(0, () => 1),
    audit: { log, digests: auditDigests(writerKey(1)), trail: undefined as never },
    observers,
    rate: rateLimiter({ perSecond: 1, burst: 1 }),
    away,
    unsentBytes: 1_000_000,
    now: () => new Date(),
  });
  let next = 0;
  http.post('/graphql', async (request) => {
    const exchange = exchangeOf(request);
    exchange.principal = { oid: 'o', azp: 'a', tid: 't', idtyp: 'user' } as Principal;
    exchange.errors = ['OVERLOADED'];
    requests[next++]?.(exchange);
    return {};
  });
  for (const _one of requests) await http.inject({ method: 'POST', url: '/graphql', payload: {} });
  await http.close();
  await observers.close();
  return kept;
}

describe('a request that finds no room', () => {
  it('is counted with others, if nothing of it was read', async () => {
    const nothing = (): void => undefined;
    const kept = await recordsOf([nothing, nothing, nothing]);
    expect(kept.map(({ record, patients }) => [record.code, record.count, patients])).toEqual([
      ['OVERLOADED', 3, 0],
    ]);
  });

  it('has a record of its own, with the patients, if a part of it was answered', async () => {
    const partly = (exchange: Exchange): void => {
      exchange.hasData = true;
      exchange.account.tables.add('dim_patient');
      exchange.account.addPatients([7], [Buffer.alloc(16, 7)]);
    };
    const kept = await recordsOf([partly, partly]);
    expect(
      kept.map(({ record, patients }) => [record.outcome, record.patients?.count, record.count, patients]),
    ).toEqual([
      ['partly', 1, undefined, 1],
      ['partly', 1, undefined, 1],
    ]);
  });
});
