import type { FastifyRequest } from 'fastify';
import { identifiersFor } from '../../access/identifiers.js';
import { type LoadContext, Plans } from '../../loaders/load.js';
import { RowMakers } from '../../loaders/rows.js';
import { goldBuilder } from '../../warehouse/gold-builder.js';
import { addDays } from '../../warehouse/grain.js';
import { callerOf } from '../exchange.js';
import type { GraphqlParts } from '../graphql/route.js';
import { londonDay } from '../london-day.js';
import { observedReads } from '../observe/observed-reads.js';
import { slowStatements } from '../observe/slow-statements.js';
import type { AppEffects } from '../options.js';
import { requestSignal } from '../request-signal.js';
import { governed } from '../statements.js';
import type { HookCaller } from './caller.js';

/** Does the work of a call on one release, within its deadline and its turn; what it reads is counted, timed and recorded. */
export type OpenCall = <T>(
  request: FastifyRequest,
  caller: HookCaller,
  work: (load: LoadContext, now: Date, inTurn: InTurn) => Promise<T>,
) => Promise<T>;

/** Does what takes the processor when it is the caller's turn. Nothing is read in it, which would be a turn of its own. */
export type InTurn = <T>(work: () => Promise<T>) => Promise<T>;

export function openCall(
  { options, observers, gates, aborting, exchangeOf }: GraphqlParts,
  effects: AppEffects,
): OpenCall {
  const { warehouse, settings, keys, audit } = options;
  const plans = new Plans();
  const rowMakers = new RowMakers();
  const slow = slowStatements(settings.slowStatementMs, observers.log);

  return async (request, { grant }, work) => {
    const exchange = exchangeOf(request);
    const { requestId, span, account } = exchange;
    // Before anything is read: what cannot be recorded does not happen.
    audit.log.assertReady();
    const opened = warehouse.open();
    try {
      exchange.release = opened.info.id;
      const { signal, done } = requestSignal(request, settings.limits.deadlineMs, aborting);
      const observed = observedReads(opened, {
        engine: warehouse.dialect.engine,
        metrics: observers.metrics,
        slow,
        requestId,
        span,
      });
      exchange.statements = observed.statements;
      const caller = callerOf(exchange);
      const handle = governed(observed.handle, { caller, gates, account });
      const now = effects.now();
      try {
        const load: LoadContext = {
          plan: {
            dialect: warehouse.dialect,
            gold: goldBuilder(handle.schema),
            grant,
            release: opened.info,
            rule: settings.disclosure,
            yesterday: addDays(londonDay(now), -1),
            identifiers: identifiersFor(keys, grant.recipient),
            careDays: settings.rows.careDays,
          },
          handle,
          signal,
          requestId,
          cursorKey: keys.cursor,
          plans,
          rowMakers,
          account,
          lane: 'point',
        };
        return await work(load, now, async (work) => {
          const leave = await gates.point.enter(caller, signal);
          try {
            return await work();
          } finally {
            leave();
          }
        });
      } finally {
        done();
        handle.close();
      }
    } finally {
      opened.close();
    }
  };
}
