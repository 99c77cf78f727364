import type { FastifyRequest } from 'fastify';
import type { InTurn } from '../../cds/patient/one-by-one.js';
import type { LoadContext } from '../../loaders/load.js';
import { addDays } from '../../warehouse/grain.js';
import { callerOf } from '../exchange.js';
import type { GraphqlParts } from '../graphql/route.js';
import { loadings } from '../loading.js';
import { londonDay } from '../london-day.js';
import type { AppEffects } from '../options.js';
import { turnOf } from '../overload/turns.js';
import type { HookCaller } from './caller.js';

/** Does the work of a call on one release, within its deadline and its turn; what it reads is counted, timed and recorded. */
export type OpenCall = <T>(
  request: FastifyRequest,
  caller: HookCaller,
  work: (load: LoadContext, now: Date, inTurn: InTurn) => Promise<T>,
) => Promise<T>;

export function openCall(parts: GraphqlParts, effects: AppEffects): OpenCall {
  const { options, gates, exchangeOf } = parts;
  const { warehouse, audit } = options;
  const loadingOf = loadings(parts);

  return async (request, { grant }, work) => {
    const exchange = exchangeOf(request);
    // Before anything is read: what cannot be recorded does not happen.
    audit.log.assertReady();
    const opened = warehouse.open();
    try {
      exchange.release = opened.info.id;
      const now = effects.now();
      const yesterday = addDays(londonDay(now), -1);
      const { load, done } = loadingOf(request, exchange, { opened, grant, yesterday, lane: 'point' });
      try {
        return await work(load, now, turnOf(gates.point, callerOf(exchange), load.signal));
      } finally {
        done();
      }
    } finally {
      opened.close();
    }
  };
}
