import type { Dialect } from '../../warehouse/dialect.js';
import type { codeLabels, Lane, RequestOutcome, RoleLabel, StatementOutcome } from './labels.js';

/** What the span of a request says at its end. */
export interface RequestResult {
  readonly role: RoleLabel;
  readonly outcome: RequestOutcome;
  readonly code: (typeof codeLabels)[number];
  readonly rows?: number | undefined;
  readonly cached?: boolean | undefined;
}

export interface PlanSpan {
  end(outcome: 'done' | 'failed'): void;
}

export interface StatementSpan {
  end(outcome: StatementOutcome, rows?: number): void;
}

/** The span of one request, with a child for its plan and one for each statement. */
export interface RequestSpan {
  /** 32 hexadecimal digits, by which a log line finds its trace; undefined where nothing is recorded. */
  readonly traceId: string | undefined;
  plan(): PlanSpan;
  /** `sql` has placeholders; its values are not taken. */
  statement(engine: Dialect['engine'], lane: Lane, sql: string): StatementSpan;
  end(result: RequestResult): void;
}

export interface Tracing {
  /** `traceparent`: the caller's header. One that is not well formed is as none: a new trace begins. */
  request(traceparent: string | undefined): RequestSpan;
  /** Sends what waits, for a second at most. */
  close(): Promise<void>;
}

const childOfNothing = { end: () => undefined };
const nothing: RequestSpan = {
  traceId: undefined,
  plan: () => childOfNothing,
  statement: () => childOfNothing,
  end: () => undefined,
};

/** Records nothing. */
export const noTracing: Tracing = { request: () => nothing, close: async () => undefined };
