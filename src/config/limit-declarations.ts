import type { ErrorCode } from '../errors.js';
import type { Limits, Overload } from './settings.js';

/** A limit of the configuration file: what it counts, how far it can be set, and what is said of a request above it. */
export interface LimitDeclaration {
  readonly meaning: string;
  readonly least: number;
  readonly most: number;
  readonly code: ErrorCode | null;
  /** It may be null, which means this. */
  readonly unset?: string;
}

const tooComplex = 'QUERY_TOO_COMPLEX';

/** What one request may ask for. */
export const limitDeclarations: Readonly<Record<keyof Limits, LimitDeclaration>> = {
  bodyBytes: {
    meaning: 'Bytes of a request body.',
    least: 1_024,
    most: 16_777_216,
    code: 'PAYLOAD_TOO_LARGE',
  },
  hookBodyBytes: {
    meaning: 'Bytes of the body of a CDS Hooks call.',
    least: 1_024,
    most: 16_777_216,
    code: 'PAYLOAD_TOO_LARGE',
  },
  jsonDepth: { meaning: 'Levels of the JSON of a body.', least: 5, most: 200, code: tooComplex },
  queryCharacters: { meaning: 'Characters of a document.', least: 100, most: 1_000_000, code: tooComplex },
  tokens: {
    meaning: 'Lexical tokens of a document.',
    least: 10,
    most: 100_000,
    code: 'GRAPHQL_PARSE_FAILED',
  },
  depth: {
    meaning: 'Fields below each other, fragments in place; those that ask for the schema are not counted.',
    least: 1,
    most: 50,
    code: tooComplex,
  },
  aliases: {
    meaning: 'Aliases of a document, also of `__typename`.',
    least: 0,
    most: 1_000,
    code: tooComplex,
  },
  rootFields: { meaning: 'Fields at the root of an operation.', least: 1, most: 200, code: tooComplex },
  directives: { meaning: 'Directives of a document.', least: 0, most: 200, code: tooComplex },
  fragments: { meaning: 'Fragments that a document defines.', least: 0, most: 500, code: tooComplex },
  nodes: {
    meaning:
      'Fields and fragments of an operation, with its fragments put in place as often as they are used.',
    least: 10,
    most: 100_000,
    code: tooComplex,
  },
  firstDefault: { meaning: '`first` where none is given.', least: 1, most: 100_000, code: null },
  firstMax: {
    meaning: 'The greatest `first`; the least is 1.',
    least: 1,
    most: 100_000,
    code: 'BAD_USER_INPUT',
  },
  cost: {
    meaning:
      'Values that an answer could have: rows × fields of all its lists, lists below lists multiplied, each as long as its `first` or its declaration says; of a tree its nodes × the fields of its widest level.',
    least: 1,
    most: 100_000_000,
    code: tooComplex,
  },
  variables: { meaning: 'Variables of an operation.', least: 0, most: 1_000, code: tooComplex },
  listItems: {
    meaning: 'Values of a list, in the document or a variable.',
    least: 1,
    most: 10_000,
    code: tooComplex,
  },
  textCharacters: {
    meaning: 'Characters of a text, in the document or a variable.',
    least: 1,
    most: 100_000,
    code: tooComplex,
  },
  errors: {
    meaning: 'Errors that an answer lists; of more the first ones.',
    least: 1,
    most: 100,
    code: null,
  },
  deadlineMs: {
    meaning: 'Milliseconds until a request is ended and its statements are stopped.',
    least: 100,
    most: 600_000,
    code: 'DEADLINE_EXCEEDED',
  },
};

/** How many requests are let in. */
export const overloadDeclarations: Readonly<Record<keyof Overload, LimitDeclaration>> = {
  requestsPerSecond: {
    meaning: 'Requests a second that a caller (a user in an application) may go on with.',
    least: 1,
    most: 1_000_000,
    code: 'RATE_LIMITED',
  },
  burst: {
    meaning: 'Requests that a caller may send at once.',
    least: 1,
    most: 1_000_000,
    code: 'RATE_LIMITED',
  },
  running: {
    meaning: 'Requests that read the warehouse at once; one caller has all of them but one.',
    least: 1,
    most: 64,
    code: null,
    unset: 'as many as there are processors, at least 2',
  },
  waiting: { meaning: 'Requests that may wait to.', least: 0, most: 10_000, code: 'OVERLOADED' },
  burstMs: {
    meaning:
      'Milliseconds that a queue of several callers may last; then half as many wait as may run, and the others are refused at once.',
    least: 10,
    most: 60_000,
    code: 'OVERLOADED',
  },
  connections: { meaning: 'Connections; more are closed.', least: 10, most: 100_000, code: null },
  unsentBytes: {
    meaning: 'Bytes of answers that callers have not taken yet.',
    least: 1_048_576,
    most: 17_179_869_184,
    code: 'OVERLOADED',
  },
};
