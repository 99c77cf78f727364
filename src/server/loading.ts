import type { FastifyRequest } from 'fastify';
import type { Grant } from '../access/grant.js';
import { identifiersFor } from '../access/identifiers.js';
import { type LoadContext, Plans } from '../loaders/load.js';
import { RowMakers } from '../loaders/rows.js';
import { goldBuilder } from '../warehouse/gold-builder.js';
import type { ReleaseHandle } from '../warehouse/warehouse.js';
import { callerOf, type Exchange } from './exchange.js';
import { observedReads } from './observe/observed-reads.js';
import type { Observers } from './observe/observers.js';
import { slowStatements } from './observe/slow-statements.js';
import type { AppOptions } from './options.js';
import { requestSignal } from './request-signal.js';
import { type Governed, governed } from './statements.js';

export interface LoadingParts {
  readonly options: AppOptions;
  readonly gates: Governed['gates'];
  readonly observers: Observers;
  /** Ends what runs, for a stop that does not wait any longer. */
  readonly aborting: AbortSignal;
}

/** Who reads what of which release. */
export interface Reading extends Pick<LoadContext, 'lane'> {
  readonly opened: ReleaseHandle;
  readonly grant: Grant;
  readonly yesterday: string;
  readonly onTurn?: () => void;
}

export interface Loading {
  readonly load: LoadContext;
  /** The work is done: nothing is read through it any more. */
  done(): void;
}

/**
 * What a request reads through: within its deadline, in its turn, timed and counted. One for each face of the server, whose
 * requests share the plans of their statements.
 */
export function loadings({
  options,
  gates,
  observers,
  aborting,
}: LoadingParts): (request: FastifyRequest, exchange: Exchange, reading: Reading) => Loading {
  const { warehouse, settings, keys, results } = options;
  const plans = new Plans();
  const rowMakers = new RowMakers();
  const slow = slowStatements(settings.slowStatementMs, observers.log);
  const golds = new Map<string, ReturnType<typeof goldBuilder>>();
  const goldOf = ({ schema }: ReleaseHandle): ReturnType<typeof goldBuilder> => {
    const known = golds.get(schema ?? '') ?? goldBuilder(schema);
    golds.set(schema ?? '', known);
    return known;
  };

  return (request, exchange, { opened, grant, yesterday, lane, onTurn }) => {
    const { requestId, span, account } = exchange;
    const { signal, done } = requestSignal(request, settings.limits.deadlineMs, aborting);
    const observed = observedReads(opened, {
      engine: warehouse.dialect.engine,
      metrics: observers.metrics,
      slow,
      requestId,
      span,
    });
    exchange.statements = observed.statements;
    const handle = governed(observed.handle, {
      caller: callerOf(exchange),
      gates,
      account,
      ...(onTurn ? { onTurn } : {}),
    });
    return {
      load: {
        plan: {
          dialect: warehouse.dialect,
          gold: goldOf(handle),
          grant,
          release: opened.info,
          rule: settings.disclosure,
          yesterday,
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
        ...(lane ? { lane } : {}),
        ...(results ? { acts: results.known } : {}),
      },
      done() {
        done();
        handle.close();
      },
    };
  };
}
