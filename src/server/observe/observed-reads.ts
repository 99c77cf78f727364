import type { Dialect } from '../../warehouse/dialect.js';
import type { ReleaseHandle } from '../../warehouse/warehouse.js';
import { statementOutcomeOf } from './labels.js';
import type { Metrics } from './metrics.js';
import type { EndedStatement } from './slow-statements.js';
import type { RequestSpan } from './tracing.js';

export interface Observers {
  readonly engine: Dialect['engine'];
  readonly metrics: Pick<Metrics, 'statement'>;
  /** Told of every statement that has ended; keeps the slow ones. */
  readonly slow: (statement: EndedStatement) => void;
  readonly requestId: string;
  readonly span: Pick<RequestSpan, 'statement'>;
}

export interface ObservedReads {
  /** Reads as the handle does; the same errors. */
  readonly handle: ReleaseHandle;
  /** Statements sent so far. */
  statements(): number;
}

/** The handle of one request, whose statements are counted, timed, traced and logged where they are slow. */
export function observedReads(handle: ReleaseHandle, observers: Observers): ObservedReads {
  const { engine, metrics, slow, requestId, span } = observers;
  let sent = 0;
  return {
    statements: () => sent,
    handle: {
      info: handle.info,
      schema: handle.schema,
      close: () => handle.close(),
      async read(statement, output, options = {}) {
        sent += 1;
        const { sql } = statement;
        const lane = options.lane ?? 'query';
        const began = performance.now();
        const traced = span.statement(engine, lane, sql);
        const ended = (outcome: Parameters<typeof traced.end>[0], rows?: number): void => {
          const ms = performance.now() - began;
          traced.end(outcome, rows);
          metrics.statement({ lane, outcome, seconds: ms / 1000 });
          slow({ requestId, lane, ms, rows, sql });
        };
        try {
          const result = await handle.read(statement, output, options);
          ended('done', result.rowCount);
          return result;
        } catch (error) {
          ended(statementOutcomeOf(error));
          throw error;
        }
      },
    },
  };
}
