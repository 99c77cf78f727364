/**
 * Every error the product reports, in one catalogue. A message says what happened and what to do next;
 * it never holds a data value, SQL, a stack or a path of the server (CLI errors may name the caller's own paths).
 */
interface CatalogueEntry {
  /** HTTP status of a request that fails with this code; `null` where it only occurs on the command line. */
  readonly http: number | null;
  /** Exit code of a command that fails with it: 1 failed, 2 wrong usage or configuration, 75 try again later. */
  readonly exit: 1 | 2 | 75;
  readonly meaning: string;
}

export const errorCatalogue = {
  UNAUTHENTICATED: {
    http: 401,
    exit: 2,
    meaning: 'No token, or one that was refused. Send a valid bearer token.',
  },
  NO_ROLE: {
    http: 403,
    exit: 2,
    meaning: 'The token holds no role that may serve this request, or not the role that was asked for.',
  },
  FORBIDDEN: {
    http: 200,
    exit: 2,
    meaning: 'This needs an open grant for the patient: break the glass first. The field is null.',
  },
  GRAPHQL_PARSE_FAILED: { http: 400, exit: 2, meaning: 'The GraphQL document is not well formed.' },
  GRAPHQL_VALIDATION_FAILED: {
    http: 400,
    exit: 2,
    meaning: 'The document names something that the schema of the active role does not have.',
  },
  OPERATION_RESOLUTION_FAILURE: {
    http: 400,
    exit: 2,
    meaning: 'The document holds no operation, or not the one that operationName names.',
  },
  BAD_USER_INPUT: { http: 400, exit: 2, meaning: 'An argument has a value that cannot be used.' },
  INVALID_CURSOR: {
    http: 400,
    exit: 2,
    meaning:
      'The cursor belongs to another question, role or release, or was changed. Start again without it.',
  },
  GRAIN_NOT_ALLOWED: {
    http: 400,
    exit: 2,
    meaning:
      'The role may not ask for this combination of dimensions and grain; the message names what it may.',
  },
  RELEASE_GONE: {
    http: 400,
    exit: 1,
    meaning: 'The release that the cursor reads is no longer held. Start again without it.',
  },
  QUERY_TOO_COMPLEX: {
    http: 400,
    exit: 2,
    meaning: 'The document is larger, deeper or dearer than the limits allow.',
  },
  RESULT_TOO_LARGE: { http: 400, exit: 2, meaning: 'The answer would have more rows than the limit.' },
  NOT_FOUND: { http: 404, exit: 1, meaning: 'There is nothing at this address.' },
  METHOD_NOT_ALLOWED: { http: 405, exit: 2, meaning: 'The address does not take this HTTP method.' },
  PREFETCH_MISSING: {
    http: 412,
    exit: 1,
    meaning:
      'The data that this service needs were neither prefetched nor are they known here. Send the prefetch that it asks for.',
  },
  PAYLOAD_TOO_LARGE: { http: 413, exit: 2, meaning: 'The request body is larger than the limit.' },
  UNSUPPORTED_MEDIA_TYPE: {
    http: 415,
    exit: 2,
    meaning: 'The request body must be application/json in UTF-8, without a content encoding.',
  },
  DEADLINE_EXCEEDED: {
    http: 422,
    exit: 1,
    meaning: 'The answer was not ready within the time allowed; the statement was stopped. Ask for less.',
  },
  REQUEST_CANCELLED: { http: 499, exit: 1, meaning: 'The caller went away; the statement was stopped.' },
  RATE_LIMITED: {
    http: 429,
    exit: 75,
    meaning: 'You send more requests than one caller may. Go on after the time in Retry-After.',
  },
  OVERLOADED: {
    http: 503,
    exit: 75,
    meaning: 'Too many requests are waiting. Try again after the time in Retry-After.',
  },
  WAREHOUSE_UNAVAILABLE: { http: 503, exit: 1, meaning: 'No release can be read at the moment.' },
  KEY_UNAVAILABLE: {
    http: 503,
    exit: 75,
    meaning:
      'The keys cannot be read at the moment, so that nothing was returned. Try again after the time in Retry-After.',
  },
  AUDIT_UNAVAILABLE: {
    http: 503,
    exit: 1,
    meaning: 'What is read cannot be recorded at the moment, so that nothing was returned. Try again.',
  },
  STATE_UNAVAILABLE: {
    http: 503,
    exit: 1,
    meaning: 'What people do cannot be recorded or read at the moment. Nothing was returned; try again.',
  },
  SHUTTING_DOWN: { http: 503, exit: 1, meaning: 'The server is stopping. Try again in a moment.' },
  POLICY_VIOLATION: {
    http: 500,
    exit: 1,
    meaning: 'A plan left its grant. This is a defect of the server; nothing was returned.',
  },
  ANSWER_WITHHELD: {
    http: 500,
    exit: 1,
    meaning:
      'The answer held what looks like an identifier of a person and was not sent. Report the request id.',
  },
  INTERNAL: { http: 500, exit: 1, meaning: 'The server failed. Report the request id.' },
  USAGE: { http: null, exit: 2, meaning: 'The command line is wrong.' },
  CONFIGURATION: { http: null, exit: 2, meaning: 'The configuration is wrong or incomplete.' },
  PORT_IN_USE: { http: null, exit: 2, meaning: 'Another program listens on the port.' },
  HOME_NOT_WRITABLE: { http: null, exit: 2, meaning: 'The home folder cannot be written.' },
  DISK_FULL: { http: null, exit: 1, meaning: 'The disk is full; the last release stays served.' },
  LEASE_HELD: { http: null, exit: 75, meaning: 'Another run holds the lease. Try again when it has ended.' },
  LANDING_EMPTY: { http: null, exit: 1, meaning: 'The landing folder holds no file of a known dataset.' },
  REQUIRED_DATASET_MISSING: {
    http: null,
    exit: 1,
    meaning: 'A dataset that every release needs was not delivered.',
  },
  CHECK_FAILED: {
    http: null,
    exit: 1,
    meaning: 'An integrity check stopped the publish; the last release stays served.',
  },
  RELEASE_OVERTAKEN: {
    http: null,
    exit: 75,
    meaning: 'Another run published first; nothing was published by this one.',
  },
  CAPTURE_REFUSED: {
    http: null,
    exit: 1,
    meaning:
      'A table was not captured, because what was read of it would make wrong changes. The message says what to do.',
  },
  SOURCE_UNAVAILABLE: {
    http: null,
    exit: 1,
    meaning: 'A source database cannot be reached, or the reading broke off. Nothing is lost: capture again.',
  },
  LAKE_DAMAGED: {
    http: null,
    exit: 1,
    meaning:
      'A file of the lake is missing or damaged. Restore it from a backup of the lake; the last release stays served.',
  },
  AUDIT_DAMAGED: {
    http: null,
    exit: 1,
    meaning: 'A record of the audit was changed, added or removed. The message names the first one.',
  },
  KEY_MISMATCH: {
    http: null,
    exit: 1,
    meaning: 'The warehouse key is not the one the release was made with. Use --full.',
  },
  ETL_FAILED: {
    http: null,
    exit: 1,
    meaning: 'The run stopped; the last release stays served. Run it again.',
  },
} as const satisfies Record<string, CatalogueEntry>;

export type ErrorCode = keyof typeof errorCatalogue;

/** The one error class of the product. `message` is for the reader; `cause` stays in the log. */
export class MaplewoodError extends Error {
  override readonly name = 'MaplewoodError';
  /** Seconds after which the caller may try again, where that is known. */
  readonly retryAfter: number | undefined;

  constructor(
    readonly code: ErrorCode,
    message: string = errorCatalogue[code].meaning,
    options?: { readonly cause?: unknown; readonly retryAfter?: number },
  ) {
    super(message, options);
    this.retryAfter = options?.retryAfter;
  }

  get exitCode(): number {
    return errorCatalogue[this.code].exit;
  }
}

/** Node's `code` of a system error (`ENOSPC`, `EADDRINUSE` …), or undefined. */
export function systemCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** The error with which a signal was aborted; a plain abort means that the caller went away. */
export function abortReason(signal: AbortSignal | undefined): MaplewoodError {
  const reason: unknown = signal?.reason;
  return reason instanceof MaplewoodError ? reason : new MaplewoodError('REQUEST_CANCELLED');
}
