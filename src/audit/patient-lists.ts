import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, randomBytes } from 'node:crypto';
import type { SecretKey } from '../access/key.js';
import { pseudonymLength } from '../access/pseudonym.js';

/*
 * Beside a segment lies a file with the patients of its records, part behind part:
 *
 *     seq of the record (8 bytes) · patients of it before this part (4) · patients in this part (4)
 *     nonce (12) · keys of the patients, encrypted (16 each) · tag (16)
 */

/** Patients in one part; a longer list has several. */
export const mostInPart = 10_000;
export const headLength = 16;
const nonceLength = 12;
const tagLength = 16;
const around = headLength + nonceLength + tagLength;

/** What stands before the encrypted keys. */
export interface PartHead {
  readonly seq: number;
  readonly from: number;
  readonly count: number;
}

/** Bytes of a whole part. */
export const partLength = ({ count }: Pick<PartHead, 'count'>): number => around + count * pseudonymLength;

/** The head of a part, or undefined where the bytes are none. */
export function partHead(bytes: Buffer): PartHead | undefined {
  if (bytes.length < headLength) return undefined;
  const head = {
    seq: Number(bytes.readBigUInt64BE(0)),
    from: bytes.readUInt32BE(8),
    count: bytes.readUInt32BE(12),
  };
  return Number.isSafeInteger(head.seq) && head.count > 0 && head.count <= mostInPart ? head : undefined;
}

/** The lists of one segment. */
export interface PatientLists {
  /** The list of a record, in as many parts as it needs; nothing for an empty one. */
  seal(seq: number, patients: readonly Uint8Array[]): Buffer;
  /** Keys in a part, one behind the other; undefined where it is not as it was written. */
  open(part: Buffer): Buffer | undefined;
}

/**
 * AES-256-GCM (NIST SP 800-38D) under a key of the segment, HKDF-SHA-256 (RFC 5869) of the audit key. The head is
 * authenticated with it, so that a list is that of one record and each of its parts has one place.
 */
export function patientLists(key: SecretKey<'audit'>, segment: number): PatientLists {
  const derived = hkdfSync('sha256', key, '', `maplewood/audit/patients/v1/${segment}`, 32);
  const own = createSecretKey(Buffer.from(derived));
  const sealPart = (head: PartHead, patients: readonly Uint8Array[]): Buffer => {
    const bytes = Buffer.alloc(headLength);
    bytes.writeBigUInt64BE(BigInt(head.seq), 0);
    bytes.writeUInt32BE(head.from, 8);
    bytes.writeUInt32BE(head.count, 12);
    const nonce = randomBytes(nonceLength);
    const cipher = createCipheriv('aes-256-gcm', own, nonce, { authTagLength: tagLength });
    cipher.setAAD(bytes);
    const sealed = cipher.update(Buffer.concat(patients));
    return Buffer.concat([bytes, nonce, sealed, cipher.final(), cipher.getAuthTag()]);
  };
  return {
    seal: (seq, patients) =>
      Buffer.concat(
        Array.from({ length: Math.ceil(patients.length / mostInPart) }, (_none, part) => {
          const from = part * mostInPart;
          const these = patients.slice(from, from + mostInPart);
          return sealPart({ seq, from, count: these.length }, these);
        }),
      ),
    open(part) {
      try {
        const nonce = part.subarray(headLength, headLength + nonceLength);
        const decipher = createDecipheriv('aes-256-gcm', own, nonce, { authTagLength: tagLength });
        decipher.setAAD(part.subarray(0, headLength));
        decipher.setAuthTag(part.subarray(-tagLength));
        return Buffer.concat([
          decipher.update(part.subarray(headLength + nonceLength, -tagLength)),
          decipher.final(),
        ]);
      } catch {
        return undefined;
      }
    },
  };
}

/** The keys that stand one behind the other. */
export const keysIn = (bytes: Buffer): Buffer[] =>
  Array.from({ length: bytes.length / pseudonymLength }, (_none, at) =>
    bytes.subarray(at * pseudonymLength, (at + 1) * pseudonymLength),
  );

/** Whether a key stands among others, one behind the other. */
export function holdsKey(bytes: Buffer, key: Uint8Array): boolean {
  for (let at = bytes.indexOf(key); at >= 0; at = bytes.indexOf(key, at + 1))
    if (at % pseudonymLength === 0) return true;
  return false;
}
