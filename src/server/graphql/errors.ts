import { ApolloServerErrorCode } from '@apollo/server/errors';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { type ErrorCode, errorCatalogue, MaplewoodError } from '../../errors.js';

/** Codes that Apollo Server gives by itself, in the words of the catalogue. */
const fromApollo: Readonly<Record<string, ErrorCode>> = {
  [ApolloServerErrorCode.GRAPHQL_PARSE_FAILED]: 'GRAPHQL_PARSE_FAILED',
  [ApolloServerErrorCode.GRAPHQL_VALIDATION_FAILED]: 'GRAPHQL_VALIDATION_FAILED',
  [ApolloServerErrorCode.OPERATION_RESOLUTION_FAILURE]: 'OPERATION_RESOLUTION_FAILURE',
  [ApolloServerErrorCode.BAD_USER_INPUT]: 'BAD_USER_INPUT',
  [ApolloServerErrorCode.BAD_REQUEST]: 'BAD_USER_INPUT',
};

/** Places of a document that one error names: of what is said hundreds of times the first are enough. */
const mostPlaces = 5;

/** An error of the catalogue as a GraphQL error, with the HTTP status that belongs to it. */
export function toGraphqlError(error: MaplewoodError, at?: { path?: GraphQLError['path'] }): GraphQLError {
  const { http } = errorCatalogue[error.code];
  return new GraphQLError(error.message, {
    path: at?.path ?? null,
    originalError: error,
    extensions: {
      code: error.code,
      http: { status: http ?? 500, ...(http === 503 ? { headers: new Map([['retry-after', '1']]) } : {}) },
    },
  });
}

/**
 * The error as a caller sees it: a code of the catalogue and a message without values. Anything that is not ours
 * is a defect of the server; its cause goes to the log under the request id.
 */
export function formatError(
  formatted: GraphQLFormattedError,
  error: unknown,
  requestId: string,
): GraphQLFormattedError {
  const original = error instanceof GraphQLError ? (error.originalError ?? error) : error;
  const place = {
    ...(formatted.locations ? { locations: formatted.locations.slice(0, mostPlaces) } : {}),
    ...(formatted.path ? { path: formatted.path } : {}),
  };
  if (original instanceof MaplewoodError) {
    return { message: original.message, ...place, extensions: { code: original.code, requestId } };
  }
  const code = fromApollo[String(formatted.extensions?.['code'])];
  if (code) return { message: withoutValues(formatted.message), ...place, extensions: { code, requestId } };
  return { message: errorCatalogue.INTERNAL.meaning, ...place, extensions: { code: 'INTERNAL', requestId } };
}

/**
 * graphql-js quotes literals and variables of the caller; names of the schema may stay, values may not. Nor does it
 * suggest names: a suggestion depends on the spelling, so that names could be told apart by it.
 */
export function withoutValues(message: string): string {
  return message
    .replace(/ got invalid value (?:"(?:[^"\\]|\\.)*"|[^"])*?(?=( at "[^"]*")?; |$)/, ' has an invalid value')
    .replace(/ Did you mean [\s\S]*$/, '')
    .replace(/, found [\s\S]*$/, '.')
    .replace(/(^|; )(\w+) cannot represent ([^:]*): [\s\S]*$/, '$1$2 cannot represent $3.')
    .replace(/cannot represent (non-\w+ )?value: [\s\S]*$/, 'cannot represent this value.')
    .replace(
      /\bValue [\s\S]* does not exist in "(\w+)" enum\.?$/,
      'This value does not exist in the enum $1.',
    )
    .replace(/^Syntax Error: [\s\S]*$/, (syntax) =>
      syntax.replace(/(Unexpected|found) (\w+ )?"[\s\S]*"/, '$1 token'),
    )
    .slice(0, 300);
}
