import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { MaplewoodError } from '../errors.js';

declare const use: unique symbol;
/** What a key is for. Each use has a key of its own, so that losing one loses one. */
export type KeyUse = 'warehouse' | 'token' | 'cursor' | 'audit';

/** 32 bytes that no log can print: inspecting a KeyObject or writing it as JSON shows none of them. */
export type SecretKey<U extends KeyUse> = KeyObject & { readonly [use]: U };

/** Bytes of every key. */
export const keyLength = 32;

/** The keys that stand in tests and documents: 32 counting bytes from each of these. */
const publishedStarts = [0x00, 0x20, 0x40, 0x60];
const isPublished = (bytes: Uint8Array): boolean =>
  publishedStarts.some((start) => bytes.every((byte, index) => byte === start + index));

/**
 * A key from its bytes. `name` and `place` are for the message: which key, and where it was found.
 * Error: `CONFIGURATION` for a length other than 32, for bytes that are all equal, and, unless `dev`, for a key
 * that everybody can read in a test or a document.
 */
export function secretKey<U extends KeyUse>(
  kind: U,
  bytes: Uint8Array,
  { place, dev }: { readonly place: string; readonly dev: boolean },
): SecretKey<U> {
  const refuse = (reason: string) =>
    new MaplewoodError('CONFIGURATION', `The ${kind} key (${place}) ${reason}`);
  if (bytes.length !== keyLength) {
    throw refuse(`has ${bytes.length} bytes instead of ${keyLength}. Restore it from its backup.`);
  }
  if (bytes.every((byte) => byte === bytes[0])) {
    throw refuse('repeats one byte. Replace it by 32 random bytes.');
  }
  if (!dev && isPublished(bytes)) {
    throw refuse('is a published test key. Replace it by 32 random bytes.');
  }
  return createSecretKey(bytes) as SecretKey<U>;
}

/** Error: `CONFIGURATION`, naming two keys that hold the same bytes. */
export function assertDifferent(keys: readonly { readonly name: string; readonly key: KeyObject }[]): void {
  keys.forEach((one, index) => {
    const twin = keys.slice(index + 1).find((other) => other.key.equals(one.key));
    if (twin !== undefined) {
      throw new MaplewoodError(
        'CONFIGURATION',
        `The ${one.name} key and the ${twin.name} key are equal. Replace one of them by 32 random bytes.`,
      );
    }
  });
}

/** Eight hexadecimal digits that tell keys apart and give nothing away; stored in a release and in audit segments. */
export const fingerprint = (key: KeyObject): string =>
  createHmac('sha256', key).update('maplewood/key-id').digest('hex').slice(0, 8);
