import { type IdentifierShape, identifierShapeIn } from '../access/identifier-shapes.js';

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
