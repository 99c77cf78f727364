import { type ErrorCode, MaplewoodError } from '../../errors.js';

/** Numbers of a deadlock and of throttling or failover on Azure SQL; an installation may name its own list. */
export const transientNumbers: ReadonlySet<number> = new Set([
  1205, 4060, 10928, 10929, 40197, 40501, 40613, 49918, 49919, 49920,
]);

interface Shape {
  readonly code: string | undefined;
  readonly number: number | undefined;
  readonly name: string | undefined;
}

function shapeOf(error: unknown): Shape {
  if (typeof error !== 'object' || error === null)
    return { code: undefined, number: undefined, name: undefined };
  const { code, number, name } = error as Readonly<Record<string, unknown>>;
  return {
    code: typeof code === 'string' ? code : undefined,
    number: typeof number === 'number' ? number : undefined,
    name: typeof name === 'string' && name !== 'Error' ? name : error.constructor.name,
  };
}

/** Errors of a connection that never came about: another attempt makes a new one. */
const unreachable: ReadonlySet<string> = new Set([
  'ESOCKET',
  'ECONNCLOSED',
  'ENOTOPEN',
  'ENOCONN',
  'EINVALIDSTATE',
  'ECONNRESET',
]);

const refusedLogin =
  'The database server refused the login, or has no such database. Check user, password and database in the address, or the rights of the identity.';

/**
 * The error of the client as one of the catalogue; text is never read, and never passed on. By code first, by
 * number second: numbers differ between servers.
 */
export function mapError(error: unknown, transient = transientNumbers): MaplewoodError {
  if (error instanceof MaplewoodError) return error;
  const code = codeOf(shapeOf(error), transient);
  return new MaplewoodError(code, code === 'CONFIGURATION' ? refusedLogin : undefined, { cause: error });
}

function codeOf({ code, number, name }: Shape, transient: ReadonlySet<number>): ErrorCode {
  if (code === 'ELOGIN' || code === 'EFEDAUTH') return 'CONFIGURATION';
  if (code === 'ETIMEOUT') return name === 'ConnectionError' ? 'WAREHOUSE_UNAVAILABLE' : 'DEADLINE_EXCEEDED';
  if (code === 'ECANCEL' || code === 'EABORT') return 'REQUEST_CANCELLED';
  if (code !== undefined && unreachable.has(code)) return 'WAREHOUSE_UNAVAILABLE';
  // The pool is exhausted: its queue gives up with a class of its own, without a code.
  if (code === undefined && name === 'TimeoutError') return 'OVERLOADED';
  if (code === 'EREQUEST' && (number === undefined || transient.has(number))) return 'WAREHOUSE_UNAVAILABLE';
  return 'INTERNAL';
}

/** True if a second attempt of a read may succeed. A deadline or a cancel is never tried again. */
export const isRetryable = (error: MaplewoodError): boolean =>
  error.code === 'WAREHOUSE_UNAVAILABLE' && error.cause !== undefined;

/** A login that was taken at the start and is refused later is no fault of the reader's request. */
export const whileServing = (error: MaplewoodError): MaplewoodError =>
  error.code === 'CONFIGURATION'
    ? new MaplewoodError('WAREHOUSE_UNAVAILABLE', undefined, { cause: error.cause })
    : error;

/** The error of a statement that its caller's signal has stopped. */
export function stoppedBy(signal: AbortSignal): MaplewoodError {
  const reason: unknown = signal.reason;
  if (reason instanceof MaplewoodError) return reason;
  const timedOut = shapeOf(reason).name === 'TimeoutError';
  return new MaplewoodError(timedOut ? 'DEADLINE_EXCEEDED' : 'REQUEST_CANCELLED', undefined, {
    cause: reason,
  });
}
