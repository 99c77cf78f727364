import { type IdentifierShape, identifierShapeIn } from '../../access/identifier-shapes.js';
import { identifierShapes } from './labels.js';

export type WithheldShape = IdentifierShape | 'token';
export const withheldShapes: readonly WithheldShape[] = [...identifierShapes, 'token'];

/** JSON Web Tokens, what follows `Bearer`, and the pseudonym that a caller sees of a patient. */
const tokens =
  /\beyJ[\w-]{6,}\.[\w-]{6,}|\bBearer\s+[\w.~+/-]{16,}|(?<![\w.])m1\.[a-z0-9]{1,8}\.[\w-]{22}(?![\w-])/i;

/** What may be base64 or hexadecimal digits inside a longer text. */
const pieces = /[A-Za-z0-9+/_-]{8,}={0,2}/g;

/** The shape that a text holds and that must not be told: plain, or as an encoded piece of it. */
export function shapeInText(text: string): WithheldShape | undefined {
  const shape = tokens.test(text) ? 'token' : identifierShapeIn(text);
  if (shape) return shape;
  for (const [piece] of text.matchAll(pieces)) {
    if (tokens.test(Buffer.from(piece, 'base64').toString('latin1'))) return 'token';
    if (tokens.test(Buffer.from(piece, 'hex').toString('latin1'))) return 'token';
    const encoded = piece === text ? undefined : identifierShapeIn(piece);
    if (encoded) return encoded;
  }
  return undefined;
}

/** The first shape in the values of a JSON line. A line that is no JSON is searched as a text. */
export function shapeInLine(line: string): WithheldShape | undefined {
  try {
    return shapeIn(JSON.parse(line));
  } catch {
    return shapeInText(line);
  }
}

function shapeIn(value: unknown): WithheldShape | undefined {
  if (typeof value === 'string') return shapeInText(value);
  if (typeof value === 'number') return shapeInText(String(value));
  if (typeof value !== 'object' || value === null) return undefined;
  for (const member of Object.values(value)) {
    const shape = shapeIn(member);
    if (shape) return shape;
  }
  return undefined;
}

/** What a terminal, a line reader or a viewer of logs may take for more than text; JSON escapes only those below U+0020. */
const active = /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** The JSON line in characters that do nothing but show. */
export const harmless = (line: string): string =>
  line.replace(active, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`);
