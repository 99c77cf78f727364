import type { MaplewoodError } from '../errors.js';

/** The body of a request that is refused as a whole. */
export const errorBody = ({ message, code }: MaplewoodError, requestId: string): object => ({
  errors: [{ message, extensions: { code, requestId } }],
});
