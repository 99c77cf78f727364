import { STATUS_CODES } from 'node:http';
import { errorCatalogue, type MaplewoodError } from '../errors.js';

/** The body of a request that is refused as a whole. */
export const errorBody = ({ message, code }: MaplewoodError, requestId: string): object => ({
  errors: [{ message, extensions: { code, requestId } }],
});

/** The same outside of GraphQL (RFC 9457, `application/problem+json`). */
export function problemBody({ message, code }: MaplewoodError, requestId: string): object {
  const status = errorCatalogue[code].http ?? 500;
  return {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail: message,
    instance: `urn:uuid:${requestId}`,
    code,
  };
}
