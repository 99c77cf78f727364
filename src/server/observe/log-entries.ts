import { failureOf } from './fingerprint.js';
import {
  closed,
  errorCodes,
  identifierShapes,
  lanes,
  loggedReasons,
  other,
  requestOutcomes,
  roleLabels,
} from './labels.js';
import { statementDigest, statementText } from './statement-text.js';

/** What a field of a log line may hold. */
export interface Field<T> {
  /** As it is written. A value that the field cannot hold: an error if `strict`, else `other`. */
  written(value: T, place: string, strict: boolean): unknown;
}

const field = <T>(
  holds: (value: T) => boolean,
  written: (value: T) => unknown = (value) => value,
): Field<T> => ({
  written(value, place, strict) {
    if (holds(value)) return written(value);
    if (strict) throw new TypeError(`${place} has a value that it cannot hold`);
    return other;
  },
});

const oneOf = <const T extends string>(values: readonly T[]): Field<T> => ({
  written: (value, place, strict) => closed(values, value, place, strict),
});
const matching = (pattern: RegExp) =>
  field<string>((value) => typeof value === 'string' && pattern.test(value));
const count = field<number>((value) => Number.isSafeInteger(value) && value >= 0);
const milliseconds = field<number>(
  (value) => Number.isFinite(value) && value >= 0,
  (value) => Math.round(value * 10) / 10,
);
const yesOrNo = field<boolean>((value) => typeof value === 'boolean');
const requestId = matching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
const traceId = matching(/^[0-9a-f]{32}$/);
const text = (value: unknown): boolean => typeof value === 'string';

/** What there is to tell, and nothing else: level, fields that must be there and fields that may. */
export const logEntries = {
  /** A request has ended. */
  request: {
    level: 'info',
    fields: {
      requestId,
      role: oneOf(roleLabels),
      outcome: oneOf(requestOutcomes),
      status: count,
      ms: milliseconds,
    },
    optional: {
      code: oneOf(errorCodes),
      rows: count,
      release: count,
      cached: yesOrNo,
      statements: count,
      traceId,
    },
  },
  /** Requests were turned away within a second because there were too many. */
  turnedAway: { level: 'info', fields: { code: oneOf(errorCodes), count }, optional: {} },
  /** A request was turned away, by its token or because there was too much. */
  refused: {
    level: 'info',
    fields: { requestId, code: oneOf(errorCodes) },
    optional: { reason: oneOf(loggedReasons) },
  },
  /** A request failed through a defect of ours, or through what the server needs. */
  failed: {
    level: 'error',
    fields: { requestId, code: oneOf(errorCodes), error: field<unknown>(() => true, failureOf) },
    optional: {},
  },
  /** A statement took longer than it should; `sql` is given twice, once for its digest. */
  slow: {
    level: 'warn',
    fields: {
      requestId,
      lane: oneOf(lanes),
      ms: milliseconds,
      sha256: field<string>(text, statementDigest),
      sql: field<string>(text, statementText),
    },
    optional: { rows: count },
  },
  /** An answer was not sent because of what it held; `refused`: how many of that shape since the start. */
  withheld: {
    level: 'error',
    fields: { requestId, shape: oneOf(identifierShapes) },
    optional: { refused: count },
  },
  /** A release is served from now on. */
  release: { level: 'info', fields: { release: count }, optional: {} },
  /** A release cannot be opened; it is tried again until it can be. */
  releaseRefused: {
    level: 'error',
    fields: { release: count, error: field<unknown>(() => true, failureOf) },
    optional: {},
  },
  /** The keys can or cannot be read, so that requests are served or refused. */
  keys: {
    level: 'warn',
    fields: { state: oneOf(['available', 'unavailable']) },
    optional: { error: field<unknown>(() => true, failureOf) },
  },
  /** The audit can or cannot be written. */
  audit: {
    level: 'warn',
    fields: { state: oneOf(['available', 'unavailable']) },
    optional: { waiting: count, error: field<unknown>(() => true, failureOf) },
  },
  /** A rule of decision support whose cards nearly everybody overrides: they are shown as information alone. */
  demoted: {
    level: 'warn',
    fields: { rule: matching(/^[A-Za-z][A-Za-z0-9._-]{0,79}$/), outcomes: count, overridden: count },
    optional: {},
  },
  /** The server as a whole. */
  server: {
    level: 'info',
    fields: { state: oneOf(['listening', 'stopping', 'stopped', 'aborted']) },
    optional: {},
  },
} as const satisfies Record<string, Declaration>;

interface Declaration {
  readonly level: 'info' | 'warn' | 'error';
  readonly fields: Readonly<Record<string, Field<never>>>;
  readonly optional: Readonly<Record<string, Field<never>>>;
}

type Held<F> = F extends Field<infer T> ? T : never;
export type LogKind = keyof typeof logEntries;
export type LogEntry<K extends LogKind> = {
  readonly [N in keyof (typeof logEntries)[K]['fields']]: Held<(typeof logEntries)[K]['fields'][N]>;
} & {
  readonly [N in keyof (typeof logEntries)[K]['optional']]?:
    | Held<(typeof logEntries)[K]['optional'][N]>
    | undefined;
};
