import type { TracingConfig } from '../../config/tracing.js';
import { type Log, type LogSink, makeLog, silentLog } from './log.js';
import { type MetricSources, type Metrics, makeMetrics } from './metrics.js';
import { openTracing } from './open-tracing.js';
import type { Tracing } from './tracing.js';

export interface ObserveOptions {
  /** Where log lines go; nothing is logged without it. */
  readonly log?: LogSink;
  /** Where traces go; null: nowhere. */
  readonly tracing?: TracingConfig | null;
  /** A value that a label or a field cannot hold is an error. */
  readonly strict?: boolean;
}

/** Whom a server tells what it does. */
export interface Observers {
  readonly metrics: Metrics;
  readonly log: Log;
  readonly tracing: Tracing;
  close(): Promise<void>;
}

export async function makeObservers(
  { log, tracing = null, strict = false }: ObserveOptions,
  sources: MetricSources,
): Promise<Observers> {
  const metrics = makeMetrics(sources, { strict });
  const traces = await openTracing(tracing, { strict });
  return {
    metrics,
    log: log ? makeLog(log, { strict, onWithheld: (shape) => metrics.lineWithheld(shape) }) : silentLog,
    tracing: traces,
    async close() {
      metrics.close();
      await traces.close();
    },
  };
}
