import type { FastifyReply } from 'fastify';
import { type ErrorCode, errorCatalogue, MaplewoodError } from '../errors.js';
import { errorBody, problemBody } from './error-body.js';

const fastifyCodes: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'UNSUPPORTED_MEDIA_TYPE',
  FST_ERR_CTP_BODY_TOO_LARGE: 'PAYLOAD_TOO_LARGE',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'BAD_USER_INPUT',
  FST_ERR_CTP_INVALID_JSON_BODY: 'BAD_USER_INPUT',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'BAD_USER_INPUT',
};

/** The error of the catalogue for whatever was thrown. */
export function asCatalogueError(error: unknown): MaplewoodError {
  if (error instanceof MaplewoodError) return error;
  const { code, statusCode } = error as { code?: string; statusCode?: number };
  const known = fastifyCodes[code ?? ''];
  if (known)
    return known === 'BAD_USER_INPUT'
      ? new MaplewoodError(known, 'The body is not well-formed JSON.')
      : new MaplewoodError(known);
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return new MaplewoodError('BAD_USER_INPUT', 'The request is not well formed.');
  }
  return new MaplewoodError('INTERNAL', undefined, { cause: error });
}

/** Answers a request with an error. */
export function refuse(reply: FastifyReply, error: MaplewoodError, requestId: string): FastifyReply {
  const { http } = errorCatalogue[error.code];
  if (error.code === 'UNAUTHENTICATED') void reply.header('WWW-Authenticate', challengeOf(reply));
  if (http === 429 || http === 503) void reply.header('Retry-After', String(error.retryAfter ?? 1));
  return (
    reply
      .code(http ?? 500)
      .header('Cache-Control', 'no-store')
      // An address that cannot be read has met no hook that says so.
      .header('X-Content-Type-Options', 'nosniff')
      .type(errorType(reply))
      .send(JSON.stringify(bodyOf(reply, error, requestId)))
  );
}

/** How to get a token, and whether one was sent (RFC 6750, 3.1). Of what was sent it says nothing. */
const challengeOf = ({ server, request }: FastifyReply): string =>
  request.headers.authorization === undefined
    ? server.challenge
    : `${server.challenge}, error="invalid_token"`;

const isOfProblems = ({ request }: FastifyReply): boolean => request.routeOptions?.config?.problems === true;

/** The type of errors of a route. */
export const errorType = (reply: FastifyReply): string =>
  `application/${isOfProblems(reply) ? 'problem+' : ''}json; charset=utf-8`;

/** The body of an error of a route. */
export const bodyOf = (reply: FastifyReply, error: MaplewoodError, requestId: string): object =>
  isOfProblems(reply) ? problemBody(error, requestId) : errorBody(error, requestId);
