import type { Limits } from '../config/settings.js';
import { MaplewoodError } from '../errors.js';

/** Errors: `BAD_USER_INPUT` for a body that is no operation, `QUERY_TOO_COMPLEX` for one that is too long or too deep. */
export function checkBody(body: unknown, { queryCharacters, jsonDepth }: Limits): void {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new MaplewoodError('BAD_USER_INPUT', 'The body must be one JSON object with the member query.');
  }
  const { query, extensions } = body as { query?: unknown; extensions?: { persistedQuery?: unknown } | null };
  if (extensions?.persistedQuery != null)
    throw new MaplewoodError(
      'BAD_USER_INPUT',
      'Persisted operations are not taken. Send the operation itself, without extensions.persistedQuery.',
    );
  if (typeof query !== 'string')
    throw new MaplewoodError('BAD_USER_INPUT', 'The member query must be a text.');
  if (query.length > queryCharacters) {
    throw new MaplewoodError(
      'QUERY_TOO_COMPLEX',
      `A document may have at most ${queryCharacters} characters.`,
    );
  }
  if (deeperThan(jsonDepth, body))
    throw new MaplewoodError('QUERY_TOO_COMPLEX', `The body may nest at most ${jsonDepth} deep.`);
}

/** Whether a JSON value nests deeper. Looks no deeper itself, so that no value can exhaust the stack. */
export function deeperThan(depth: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return depth === 0 || Object.values(value).some((inner) => deeperThan(depth - 1, inner));
}
