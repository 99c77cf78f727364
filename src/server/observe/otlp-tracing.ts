import { type ClientRequest, Agent as PlainAgent } from 'node:http';
import { Agent as SecureAgent } from 'node:https';
import {
  type Attributes,
  type Context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOnSampler,
  BasicTracerProvider,
  BatchSpanProcessor,
  ParentBasedSampler,
} from '@opentelemetry/sdk-trace-base';
import type { TracingConfig } from '../../config/tracing.js';
import { closed, codeLabels, lanes, requestOutcomes, roleLabels, statementOutcomes } from './labels.js';
import { longest, statementText } from './statement-text.js';
import { readTraceparent } from './trace-context.js';
import type { RequestSpan, Tracing } from './tracing.js';

/**
 * Milliseconds within which a batch is answered, or lost. Shorter than the pause before the exporter's first retry, so that
 * none begins once the server stops.
 */
const answeredWithin = 750;
/** Milliseconds that a stop waits for what has not been sent, and between two batches. */
const patience = 1_000;
/** Spans that wait at most, with 4 kB of SQL each; further ones are dropped. */
const queue = 2_048;

/**
 * Spans sent in batches over OTLP/HTTP. Spans are linked by hand, without a context that follows each callback: that would
 * cost every request, and there is nobody else whose spans are to be found.
 */
export function otlpTracing(
  { url, serviceName }: TracingConfig,
  { strict = false }: { readonly strict?: boolean } = {},
): Tracing {
  const agent = guarded(
    url.startsWith('https:')
      ? new SecureAgent({ keepAlive: true, timeout: answeredWithin })
      : new PlainAgent({ keepAlive: true, timeout: answeredWithin }),
  );
  const exporter = new OTLPTraceExporter({
    url,
    timeoutMillis: answeredWithin,
    // The batches of a full queue, and the one that may be under way.
    concurrencyLimit: 5,
    httpAgentOptions: () => agent,
  });
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': serviceName }),
    sampler: new ParentBasedSampler({ root: new AlwaysOnSampler() }),
    spanLimits: { attributeCountLimit: 16, attributeValueLengthLimit: longest },
    spanProcessors: [
      new BatchSpanProcessor(exporter, {
        maxQueueSize: queue,
        maxExportBatchSize: queue / 4,
        scheduledDelayMillis: patience,
        exportTimeoutMillis: patience,
      }),
    ],
  });
  const tracer = provider.getTracer('maplewood');
  const listed = (values: readonly string[], name: string, value: string): Attributes => ({
    [`maplewood.${name}`]: closed(values, value, `maplewood.${name}`, strict),
  });
  const finish = (span: Span, failed: boolean, attributes: Attributes): void => {
    span.setAttributes(attributes);
    if (failed) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end();
  };

  return {
    request(traceparent): RequestSpan {
      const span = tracer.startSpan('request', { kind: SpanKind.SERVER }, callerOf(traceparent));
      const within = trace.setSpan(ROOT_CONTEXT, span);
      return {
        traceId: span.isRecording() ? span.spanContext().traceId : undefined,
        plan() {
          const plan = tracer.startSpan('plan', { kind: SpanKind.INTERNAL }, within);
          return { end: (outcome) => finish(plan, outcome === 'failed', {}) };
        },
        statement(engine, lane, sql) {
          const statement = tracer.startSpan('statement', { kind: SpanKind.CLIENT }, within);
          if (statement.isRecording())
            statement.setAttributes({
              'db.system.name': engines[engine] ?? 'other',
              'db.query.text': statementText(sql),
              ...listed(lanes, 'lane', lane),
            });
          return {
            end: (outcome, rows) =>
              finish(statement, outcome !== 'done', {
                ...listed(statementOutcomes, 'outcome', outcome),
                ...number('maplewood.rows', rows),
              }),
          };
        },
        end({ role, outcome, code, rows, cached }) {
          finish(span, outcome === 'failed', {
            ...listed(roleLabels, 'role', role),
            ...listed(requestOutcomes, 'outcome', outcome),
            ...listed(codeLabels, 'code', code),
            ...number('maplewood.rows', rows),
            ...(typeof cached === 'boolean' ? { 'maplewood.cached': cached } : {}),
          });
        },
      };
    },
    async close() {
      const late = new Promise<void>((resolve) => setTimeout(resolve, patience).unref());
      await Promise.race([provider.shutdown().catch(() => undefined), late]);
      agent.destroy();
    },
  };
}

/** What an agent does with each request; Node calls it, and does not document it. */
interface Adding {
  addRequest(request: ClientRequest, ...how: unknown[]): void;
}

/**
 * No request can end the process. The exporter gives up one whose time is over by exactly a millisecond when a collector
 * says `Retry-After: 0`, before it listens to what becomes of it (`otlp-exporter-base` 0.223).
 */
function guarded<T extends PlainAgent>(agent: T): T {
  const adding = agent as unknown as Adding;
  const add = adding.addRequest.bind(agent);
  adding.addRequest = (request, ...how) => {
    request.on('error', () => undefined).on('timeout', () => request.destroy());
    add(request, ...how);
  };
  return agent;
}

const number = (name: string, value: number | undefined): Attributes =>
  Number.isSafeInteger(value) ? { [name]: value } : {};

/** Names of the semantic conventions for databases. */
const engines: Readonly<Record<string, string>> = {
  duckdb: 'duckdb',
  sqlserver: 'microsoft.sql_server',
  synapse: 'microsoft.sql_server',
};

function callerOf(traceparent: string | undefined): Context {
  const caller = readTraceparent(traceparent);
  if (caller === undefined) return ROOT_CONTEXT;
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId: caller.traceId,
    spanId: caller.spanId,
    traceFlags: caller.sampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
    isRemote: true,
  });
}
