import {
  answerSources,
  codeLabels,
  identifierShapes,
  lanes,
  refusalReasons,
  requestOutcomes,
  roleLabels,
  statementOutcomes,
} from './labels.js';
import { withheldShapes } from './search-line.js';

export interface MetricDeclaration {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly name: `maplewood_${string}`;
  readonly help: string;
  /** Every value that each label can have. */
  readonly labels: Readonly<Record<string, readonly string[]>>;
  /** Upper bounds of a histogram, in the unit of its name. */
  readonly buckets?: readonly number[];
}

/** From a point look-up to the deadline of a request. */
const seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Every metric of the server. */
export const metricDeclarations = {
  requests: {
    kind: 'counter',
    name: 'maplewood_requests_total',
    help: 'Requests that have ended, by the role that was active and the code of their first error.',
    labels: { role: roleLabels, outcome: requestOutcomes, code: codeLabels },
  },
  requestSeconds: {
    kind: 'histogram',
    name: 'maplewood_request_seconds',
    help: 'Time from the headers of a request to the end of its answer.',
    labels: { role: roleLabels },
    buckets: seconds,
  },
  statements: {
    kind: 'counter',
    name: 'maplewood_statements_total',
    help: 'Statements sent to the warehouse that have ended.',
    labels: { lane: lanes, outcome: statementOutcomes },
  },
  statementSeconds: {
    kind: 'histogram',
    name: 'maplewood_statement_seconds',
    help: 'Time of a statement, without the wait of its request for its turn.',
    labels: { lane: lanes },
    buckets: seconds,
  },
  statementsRunning: {
    kind: 'gauge',
    name: 'maplewood_statements_running',
    help: 'Statements that the warehouse works on now.',
    labels: {},
  },
  requestsWaiting: {
    kind: 'gauge',
    name: 'maplewood_requests_waiting',
    help: 'Requests that wait for their turn at the warehouse.',
    labels: {},
  },
  refusals: {
    kind: 'counter',
    name: 'maplewood_refusals_total',
    help: 'Requests turned away: too many of one caller, too many at all, too slow, or larger than the limits.',
    labels: { reason: refusalReasons },
  },
  answers: {
    kind: 'counter',
    name: 'maplewood_answers_total',
    help: 'Answers by where they came from.',
    labels: { from: answerSources },
  },
  cacheEntries: {
    kind: 'gauge',
    name: 'maplewood_cache_entries',
    help: 'Answers held for the same question.',
    labels: {},
  },
  cacheBytes: {
    kind: 'gauge',
    name: 'maplewood_cache_bytes',
    help: 'Bytes of the answers held.',
    labels: {},
  },
  auditWaiting: {
    kind: 'gauge',
    name: 'maplewood_audit_records_waiting',
    help: 'Records of the audit that are not yet on disk.',
    labels: {},
  },
  auditUnavailable: {
    kind: 'counter',
    name: 'maplewood_audit_unavailable_total',
    help: 'Requests refused because they could not be recorded.',
    labels: {},
  },
  release: {
    kind: 'gauge',
    name: 'maplewood_release_id',
    help: 'The release that is served; absent while there is none.',
    labels: {},
  },
  releaseAge: {
    kind: 'gauge',
    name: 'maplewood_release_age_seconds',
    help: 'Time since the release was published.',
    labels: {},
  },
  dataAge: {
    kind: 'gauge',
    name: 'maplewood_data_age_seconds',
    help: 'Time since the end (UTC) of the last day with data; below zero during that day.',
    labels: {},
  },
  withheld: {
    kind: 'counter',
    name: 'maplewood_answers_withheld_total',
    help: 'Answers not sent because they held what looks like an identifier of a person.',
    labels: { shape: identifierShapes },
  },
  linesWithheld: {
    kind: 'counter',
    name: 'maplewood_log_lines_withheld_total',
    help: 'Log lines not written because they held what looks like an identifier of a person or a token.',
    labels: { shape: withheldShapes },
  },
  connections: {
    kind: 'gauge',
    name: 'maplewood_connections',
    help: 'Open connections of callers.',
    labels: {},
  },
  demotedRules: {
    kind: 'gauge',
    name: 'maplewood_cds_demoted_rules',
    help: 'Rules of decision support of whose cards more than 90 % (of at least 50 with an outcome) are overridden.',
    labels: {},
  },
  eventLoopDelay: {
    kind: 'gauge',
    name: 'maplewood_event_loop_delay_seconds',
    help: 'How late timers ran since the last scrape.',
    labels: { quantile: ['0.5', '0.9', '0.99', '1'] },
  },
  heap: {
    kind: 'gauge',
    name: 'maplewood_heap_bytes',
    help: 'Memory of JavaScript objects.',
    labels: { part: ['used', 'total'] },
  },
  resident: {
    kind: 'gauge',
    name: 'maplewood_resident_memory_bytes',
    help: 'Memory of the process, the embedded engine included.',
    labels: {},
  },
  cpu: {
    kind: 'gauge',
    name: 'maplewood_cpu_seconds',
    help: 'Processor time of the process since its start.',
    labels: { mode: ['user', 'system'] },
  },
  started: {
    kind: 'gauge',
    name: 'maplewood_start_time_seconds',
    help: 'When the process started, in seconds since 1970.',
    labels: {},
  },
  garbageCollection: {
    kind: 'histogram',
    name: 'maplewood_garbage_collection_seconds',
    help: 'Pauses of the garbage collector.',
    labels: { kind: ['minor', 'major', 'incremental', 'weak', 'other'] },
    buckets: [0.001, 0.01, 0.1, 1, 2, 5],
  },
} as const satisfies Record<string, MetricDeclaration>;

type Declarations = typeof metricDeclarations;
export type MetricKey<Kind extends MetricDeclaration['kind']> = {
  [K in keyof Declarations]: Declarations[K]['kind'] extends Kind ? K : never;
}[keyof Declarations];

/** The labels of one metric, each with a value of its list. */
export type LabelsOf<K extends keyof Declarations> = {
  readonly [L in keyof Declarations[K]['labels']]: Declarations[K]['labels'][L] extends readonly (infer V)[]
    ? V
    : never;
};
