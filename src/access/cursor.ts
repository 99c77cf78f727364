import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { MaplewoodError } from '../errors.js';
import type { SecretKey } from './key.js';

/** Characters of the longest cursor, which has to fit in the address of a REST page. */
export const cursorMaxLength = 2_000;

const nonceLength = 12;
const tagLength = 16;
const associated = (binding: string): Buffer => Buffer.from(`maplewood/cursor/v1\x1f${binding}`);

/**
 * A place in an answer as opaque text: AES-256-GCM (NIST SP 800-38D) over the JSON of `payload`. `binding` names
 * what the cursor is good for (operation, grant and release); under another binding it does not open.
 * Error: `INTERNAL` if it would be longer than 2,000 characters.
 */
export function sealCursor(key: SecretKey<'cursor'>, payload: unknown, binding: string): string {
  const nonce = randomBytes(nonceLength);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagLength });
  cipher.setAAD(associated(binding));
  const sealed = Buffer.concat([
    nonce,
    cipher.update(JSON.stringify(payload)),
    cipher.final(),
    cipher.getAuthTag(),
  ]);
  const text = sealed.toString('base64url');
  if (text.length > cursorMaxLength) {
    throw new MaplewoodError('INTERNAL', undefined, {
      cause: new Error('a cursor is longer than its limit'),
    });
  }
  return text;
}

/**
 * The payload of a cursor. Error: `INVALID_CURSOR` for every failure alike, so that the answer tells a caller
 * who changes one nothing about the reason.
 */
export function openCursor(key: SecretKey<'cursor'>, text: string, binding: string): unknown {
  try {
    if (text.length > cursorMaxLength) throw new Error('too long');
    const sealed = Buffer.from(text, 'base64url');
    // A decoder ignores spare bits and foreign characters: only the one spelling that was given out is taken.
    if (sealed.toString('base64url') !== text) throw new Error('not in canonical base64url');
    const nonce = sealed.subarray(0, nonceLength);
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagLength });
    decipher.setAAD(associated(binding));
    decipher.setAuthTag(sealed.subarray(-tagLength));
    const opened = Buffer.concat([
      decipher.update(sealed.subarray(nonceLength, -tagLength)),
      decipher.final(),
    ]);
    return JSON.parse(opened.toString('utf8'));
  } catch (cause) {
    throw new MaplewoodError('INVALID_CURSOR', undefined, { cause });
  }
}
