import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type IdentifierShape, identifierShapeIn } from '../access/identifier-shapes.js';
import { errorCatalogue, MaplewoodError } from '../errors.js';
import { errorBody } from './error-body.js';

/** The last look at what leaves the server. It knows no role and no dataset. */
export interface Egress {
  /** The shape of an identifier in an answer that is looked at; it must not be sent. */
  refuses(status: number, answer: string): IdentifierShape | undefined;
  /** How many answers were refused, by the shape that was found. */
  readonly refused: ReadonlyMap<IdentifierShape, number>;
}

/**
 * Looks at a share of the answers, 0 to 1, and at every error: errors are short, and repeat names that the caller sent.
 * An answer that is not looked at costs a random number.
 */
export function makeEgress(share: number, random: () => number): Egress {
  const refused = new Map<IdentifierShape, number>();
  return {
    refused,
    refuses(status, answer) {
      if (status < 400 && random() >= share) return undefined;
      const shape = shapeInAnswer(answer);
      if (shape) refused.set(shape, (refused.get(shape) ?? 0) + 1);
      return shape;
    },
  };
}

/**
 * Sends an error in place of every answer that is refused; the log says which shape it had, and nothing of the value.
 * Answers that are meant to identify somebody are not looked at.
 */
export function searchAnswers(
  http: FastifyInstance,
  egress: Egress,
  identifies: (request: FastifyRequest) => boolean = () => false,
): void {
  http.addHook('onSend', async (request, reply, payload) => {
    if (identifies(request)) return payload;
    const shape = typeof payload === 'string' ? egress.refuses(reply.statusCode, payload) : undefined;
    if (shape === undefined) return payload;
    const error = new MaplewoodError('ANSWER_WITHHELD');
    const refused = egress.refused.get(shape);
    request.log.error({ requestId: request.id, code: error.code, shape, refused }, 'answer withheld');
    void reply
      .code(errorCatalogue[error.code].http ?? 500)
      .type('application/json; charset=utf-8')
      .removeHeader('content-length');
    return JSON.stringify(errorBody(error, String(request.id)));
  });
}

/** The first shape in the strings of a JSON text, names of members included; in a text that is no JSON in all of it. */
function shapeInAnswer(answer: string): IdentifierShape | undefined {
  let value: unknown;
  try {
    value = JSON.parse(answer);
  } catch {
    return identifierShapeIn(answer);
  }
  // Codes, names and days come again and again.
  return shapeIn(value, new Set());
}

function shapeIn(value: unknown, seen: Set<string>): IdentifierShape | undefined {
  if (typeof value === 'string') {
    if (seen.has(value)) return undefined;
    seen.add(value);
    return identifierShapeIn(value);
  }
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [name, member] of Object.entries(value)) {
    const shape = (Array.isArray(value) ? undefined : shapeIn(name, seen)) ?? shapeIn(member, seen);
    if (shape) return shape;
  }
  return undefined;
}
