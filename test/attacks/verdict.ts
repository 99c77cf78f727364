import { type ErrorCode, errorCatalogue } from '../../src/errors.js';
import type { Answer } from './target.js';

export interface Bounds {
  /** Milliseconds and bytes that the answer may take. */
  readonly ms?: number;
  readonly bytes?: number;
  /** Texts of the request that may not come back. */
  readonly never?: readonly string[];
}

/** A value that stands for the caller's secret: no answer may hold it, whatever the answer is. */
export const marker = 'Zq7Xmarker';

/** What only the inside of the server says: SQL, the engine, stacks, paths, libraries. */
const inside =
  /\bselect\b.+\bfrom\b|duckdb|\bat [\w.<]+ \(|\bat (file|node):|node_modules|[/\\](home|tmp|usr|work|root|etc|src|dist)[/\\]|\.(ts|js|mjs|cjs):\d|(Type|Range|Syntax|Reference)Error|ECONN|fastify|apollo|graphql-jit|Parser Error|Binder Error|Catalog Error|Conversion Error|Unexpected token .* in JSON/i;

/** Codes of the errors of an answer, the first one first; none for an answer without. */
export function codesOf({ text }: Answer): readonly string[] {
  const { errors = [] } = JSON.parse(text) as { errors?: { extensions?: { code?: string } }[] };
  return errors.map(({ extensions }) => String(extensions?.code));
}

/** `answered`, or the code of the first error. */
export const outcomeOf = (answer: Answer): string => codesOf(answer)[0] ?? 'answered';

/** What holds for every answer, good or refused. Gives its outcome. */
export function safe(
  answer: Answer,
  { ms = 3_000, bytes = 4_000, never = [] }: Bounds = {},
  question = '',
): string {
  const found = outcomeOf(answer);
  const { http } = errorCatalogue[found as ErrorCode] ?? { http: 200 };
  const refused = answer.status !== 200;
  const faults = {
    status: answer.status === http ? 'as the catalogue says' : answer.status,
    // A defect of the server is none of the answers that an attack may have.
    code: ['INTERNAL', 'POLICY_VIOLATION', 'ANSWER_WITHHELD', 'undefined'].includes(found)
      ? found
      : 'of a refusal',
    time: answer.ms <= ms ? 'bounded' : answer.ms,
    bytes: answer.text.length <= bytes ? 'bounded' : answer.text.length,
    inside: refused ? (inside.exec(answer.text)?.[0] ?? 'not told') : 'not told',
    echo: [marker, ...never].find((value) => value !== '' && answer.text.includes(value)) ?? 'none',
    nosniff: answer.headers['x-content-type-options'],
    server: answer.headers['server'] ?? answer.headers['x-powered-by'] ?? 'not named',
  };
  expect({ question: question.slice(0, 300), ...faults }).toEqual({
    question: question.slice(0, 300),
    status: 'as the catalogue says',
    code: 'of a refusal',
    time: 'bounded',
    bytes: 'bounded',
    inside: 'not told',
    echo: 'none',
    nosniff: 'nosniff',
    server: 'not named',
  });
  return found;
}

/** A refusal with this code, and all that holds for every answer. */
export function refusedAs(answer: Answer, code: ErrorCode, bounds: Bounds = {}): void {
  expect([safe(answer, bounds), answer.status, answer.text]).toEqual([
    code,
    errorCatalogue[code].http,
    expect.any(String),
  ]);
}
