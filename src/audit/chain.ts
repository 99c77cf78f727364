import { createHmac } from 'node:crypto';
import type { SecretKey } from '../access/key.js';
import { canonical, type JsonObject } from './canonical.js';

/** Seal of a record: 32 bytes in lower-case hexadecimal. */
export type Seal = string;

/** What stands before the first record. */
export const beginning: Seal = '0'.repeat(64);

/** h(n) = HMAC-SHA-256(K, h(n−1) ‖ JCS(record)): it holds for the record, its place, and all before it. */
export const sealOf = (key: SecretKey<'audit'>, before: Seal, { text }: Pick<Line, 'text'>): Seal =>
  createHmac('sha256', key).update(Buffer.from(before, 'hex')).update(text).digest('hex');

/** What a line of the log holds: the canonical text of a record, and its seal. */
export interface Line {
  readonly text: string;
  readonly seal: Seal;
}

/** The same with the record. */
export interface Sealed extends Line {
  readonly record: JsonObject;
}

/** The canonical text of the seal, `h`, and the record, `r`. */
export const lineOf = ({ text, seal }: Line): string => `{"h":"${seal}","r":${text}}`;

/** What a line holds; undefined where it is not, byte for byte, the line of a sealed record. */
export function sealedOf(line: string): Sealed | undefined {
  try {
    const { h, r } = JSON.parse(line) as { h?: unknown; r?: unknown };
    if (typeof h !== 'string' || !/^[0-9a-f]{64}$/.test(h)) return undefined;
    if (typeof r !== 'object' || r === null || Array.isArray(r)) return undefined;
    const record = r as JsonObject;
    const sealed = { record, text: canonical(record), seal: h };
    return lineOf(sealed) === line ? sealed : undefined;
  } catch {
    return undefined;
  }
}
