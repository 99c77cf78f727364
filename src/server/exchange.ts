import type { FastifyRequest } from 'fastify';
import type { Grant } from '../access/grant.js';
import type { JsonObject } from '../audit/canonical.js';
import type { AuditDigests } from '../audit/digests.js';
import type { RequestRecord } from '../audit/record.js';
import type { RecordAct } from '../cds/results/act-service.js';
import { type ErrorCode, errorCatalogue, MaplewoodError } from '../errors.js';
import { Account } from '../loaders/account.js';
import type { Principal } from './authentication/principal.js';
import type { RequestOutcome } from './observe/labels.js';
import { readTraceparent } from './observe/trace-context.js';
import type { RequestSpan, Tracing } from './observe/tracing.js';
import type { AppOptions } from './options.js';

/** One request and what has become of it so far: what its record, its log line, its metrics and its trace are made from. */
export interface Exchange {
  readonly requestId: string;
  /** Milliseconds on a clock that nobody sets. */
  readonly began: number;
  readonly span: RequestSpan;
  readonly source: string;
  readonly traceparent: string | undefined;
  principal?: Principal;
  grant?: Grant;
  operation?: JsonObject | undefined;
  variables?: unknown;
  release?: number;
  readonly account: Account;
  /** What was read for a kept answer, in place of the account. */
  kept?: JsonObject;
  /** Codes of errors in the answer, the first one first. */
  errors: readonly string[];
  /** What the first error comes from. */
  cause?: unknown;
  /** Some of the answer is there beside its errors. */
  hasData: boolean;
  statements: () => number;
  /** The answer says who somebody is, as an open grant allows. */
  identified: () => boolean;
}

export function newExchange(
  request: Pick<FastifyRequest, 'id' | 'headers'> & { readonly ip: string | undefined },
  tracing: Tracing,
): Exchange {
  const { traceparent } = request.headers;
  const given = typeof traceparent === 'string' ? traceparent : undefined;
  const context = readTraceparent(given);
  return {
    requestId: String(request.id),
    began: performance.now(),
    span: tracing.request(given),
    // Of a caller who went away as soon as it came nothing is known.
    source: request.ip ?? 'unknown',
    traceparent: context && `00-${context.traceId}-${context.spanId}-${context.sampled ? '01' : '00'}`,
    account: new Account(),
    errors: [],
    hasData: false,
    statements: () => 0,
    identified: () => false,
  };
}

/** Who takes turns and is counted: a user, in one application. */
export const callerOf = ({ principal }: Pick<Exchange, 'principal'>): string =>
  principal ? `${principal.tid}/${principal.oid}/${principal.azp}` : '';

/** What came of a request, by the code of its first error. */
export function outcomeOf({ errors: [code], hasData }: Pick<Exchange, 'errors' | 'hasData'>): RequestOutcome {
  if (code === undefined) return 'answered';
  if (code === 'REQUEST_CANCELLED') return 'cancelled';
  if (hasData) return 'partly';
  const { http } = errorCatalogue[code as ErrorCode] ?? { http: 500 };
  return (http ?? 500) >= 500 && code !== 'OVERLOADED' && code !== 'SHUTTING_DOWN' ? 'failed' : 'refused';
}

/** What the record says of what was read; it is kept with an answer that is given again. */
export const readOf = (account: Account): JsonObject => ({
  columns: [...account.columns].map(([name, sensitivity]) => ({ name, class: sensitivity })),
  tables: [...account.tables].sort(),
  rows: account.rows,
  sdc: { cells: account.cells, suppressed: account.suppressed },
});

/** Records what somebody does in a request, beside the request itself. */
export const actRecorder =
  (exchange: Exchange, { log, digests }: AppOptions['audit'], now: () => Date): RecordAct =>
  async (error) => {
    const ms = performance.now() - exchange.began;
    const code = error instanceof MaplewoodError ? error.code : 'INTERNAL';
    const record = {
      ...requestRecord(exchange, digests, now(), ms),
      kind: 'cds-act',
      ...(error === undefined ? { outcome: 'answered' } : { outcome: 'failed', code }),
    } as const;
    await log.append(record, exchange.account.patients());
  };

/** The record of a request. It holds no variable, literal, value, token or name. */
export function requestRecord(
  exchange: Exchange,
  digests: AuditDigests,
  now: Date,
  ms: number,
): RequestRecord {
  const { principal, grant, operation, variables, account, kept, errors } = exchange;
  const patients = account.patients();
  return {
    kind: 'request',
    outcome: outcomeOf(exchange),
    ...(errors[0] === undefined ? {} : { code: errors[0] }),
    requestId: exchange.requestId,
    ...(exchange.traceparent === undefined ? {} : { traceparent: exchange.traceparent }),
    principal: principal
      ? {
          oid: principal.oid,
          azp: principal.azp,
          tid: principal.tid,
          ...(grant ? { role: grant.role } : {}),
          idtyp: principal.idtyp,
        }
      : null,
    ...(grant
      ? {
          purpose: grant.purpose,
          rowScope: grant.trusts === null ? 'all' : 'trusts',
          profile: grant.profile,
          grantHash: grant.digest,
        }
      : {}),
    sourceIp: digests.source(exchange.source, now.toISOString().slice(0, 10)),
    ...(operation ? { op: { ...operation, variablesHmac: digests.variables(variables) } } : {}),
    ...(kept ?? readOf(account)),
    ...(kept ? { cached: true } : {}),
    ...(patients.length === 0
      ? {}
      : { patients: { count: patients.length, digest: digests.patients(patients) } }),
    ...(exchange.release === undefined ? {} : { release: exchange.release }),
    ms: Math.round(ms),
  };
}
