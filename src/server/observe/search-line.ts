import { type IdentifierShape, identifierShapeIn } from '../../access/identifier-shapes.js';
import { identifierShapes } from './labels.js';

export type WithheldShape = IdentifierShape | 'token';
export const withheldShapes: readonly WithheldShape[] = [...identifierShapes, 'token'];

/** JSON Web Tokens, what follows `Bearer`, and the pseudonym that a caller sees of a patient. */
const tokens =
  /\beyJ[\w-]{6,}\.[\w-]{6,}|\bBearer\s+[\w.~+/-]{16,}|(?<![\w.])m1\.[a-z0-9]{1,8}\.[\w-]{22}(?![\w-])/i;

/** What may be base64 or hexadecimal digits inside a longer text. */
const pieces = /[A-Za-z0-9+/_-]{8,}={0,2}/g;
const hexadecimal = /^(?:[0-9A-Fa-f]{2})+$/;
const readable = /^[\x20-\x7e]+$/;

/** The shape that a text holds and that must not be told: plain, or as an encoded piece of it. */
export function shapeInText(text: string): WithheldShape | undefined {
  const shape = plainShapeIn(text);
  if (shape) return shape;
  for (const [piece] of text.matchAll(pieces)) {
    const encoded =
      decodedShapeIn(piece, 'base64') ?? (hexadecimal.test(piece) ? decodedShapeIn(piece, 'hex') : undefined);
    if (encoded) return encoded;
  }
  return undefined;
}

const plainShapeIn = (text: string): WithheldShape | undefined =>
  tokens.test(text) ? 'token' : identifierShapeIn(text);

/** What does not become readable text was no text. */
function decodedShapeIn(piece: string, encoding: 'base64' | 'hex'): WithheldShape | undefined {
  const decoded = Buffer.from(piece, encoding).toString('latin1');
  return readable.test(decoded) ? plainShapeIn(decoded) : undefined;
}

/** The first shape in the values of a JSON line. A line that is no JSON is searched as a text. */
export function shapeInLine(line: string): WithheldShape | undefined {
  try {
    return shapeInText(valuesOf(JSON.parse(line)).join('\n'));
  } catch {
    return shapeInText(line);
  }
}

/** Texts and numbers, as they read. */
function valuesOf(value: unknown): string[] {
  if (typeof value === 'string' || typeof value === 'number') return [String(value)];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(valuesOf) : [];
}

/** What a terminal, a line reader or a viewer of logs may take for more than text; JSON escapes only those below U+0020. */
const active = /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** The JSON line in characters that do nothing but show. */
export const harmless = (line: string): string =>
  line.replace(active, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`);
