import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import { MaplewoodError } from '../errors.js';
import type { ServiceKeys, TokenMaster } from './keys.js';
import { type Entity, pseudonymLength } from './pseudonym.js';

type TokenKeys = Pick<ServiceKeys, 'tokenMaster' | 'previousTokenMasters' | 'deploymentId'>;

/**
 * Pseudonyms as one recipient sees them: `m1.<kid>.<22 base64url characters>`. Stable for a recipient over
 * releases, unrelated between two recipients or two kinds of things, readable by the server alone.
 */
export interface RecipientTokens {
  /** A column at once: one call of the cipher for all of it. Nulls stay null. Error: `INTERNAL` for other lengths. */
  encode(column: readonly (Uint8Array | null)[]): (string | null)[];
  /** The pseudonym of a token, or null. Malformed, foreign and forged ones are one case: there is no such thing. */
  decode(token: string): Buffer | null;
  /** The block of a token under the newest key, written as a UUID for where an id has to be one. Error: `INTERNAL`. */
  uuid(pseudonym: Uint8Array): string;
  /**
   * What a UUID stands for under each key that is still read, the newest first. Any UUID stands for something: whether there
   * is such a thing is for the caller to know.
   */
  ofUuid(uuid: string): readonly Buffer[];
}

const pattern = /^m1\.([a-z0-9]{1,8})\.([A-Za-z0-9_-]{22})$/;

/**
 * The key of one recipient and entity: HKDF-SHA-256 (RFC 5869) of the master key, salted with the deployment,
 * so that two deployments that share a key by mistake still give unrelated tokens.
 */
export function recipientKey(
  master: KeyObject,
  deploymentId: string,
  entity: Entity,
  recipient: string,
): KeyObject {
  const info = `maplewood/pseudonym/v1/${entity}/${recipient}`;
  return createSecretKey(Buffer.from(hkdfSync('sha256', master, deploymentId, info, 32)));
}

export function recipientTokens(keys: TokenKeys, entity: Entity, recipient: string): RecipientTokens {
  const derive = ({ kid, key }: TokenMaster) =>
    [kid, recipientKey(key, keys.deploymentId, entity, recipient)] as const;
  const [kid, key] = derive(keys.tokenMaster);
  const readable = new Map([[kid, key], ...keys.previousTokenMasters.map(derive)]);

  return {
    encode(column) {
      const blocks = encryptBlocks(key, Buffer.concat(column.filter((block) => block !== null).map(whole)));
      let offset = 0;
      return column.map((block) => {
        if (block === null) return null;
        const encrypted = blocks.toString('base64url', offset, offset + pseudonymLength);
        offset += pseudonymLength;
        return `m1.${kid}.${encrypted}`;
      });
    },
    decode(token) {
      const [, tokenKid, encoded] = pattern.exec(token) ?? [];
      const tokenKey = tokenKid === undefined ? undefined : readable.get(tokenKid);
      if (encoded === undefined || tokenKey === undefined) return null;
      const block = Buffer.from(encoded, 'base64url');
      // 22 characters hold 4 bits more than 16 bytes: without this one token would have 16 spellings.
      if (block.length !== pseudonymLength || block.toString('base64url') !== encoded) return null;
      return decryptBlock(tokenKey, block);
    },
    uuid(pseudonym) {
      const hex = encryptBlocks(key, whole(pseudonym)).toString('hex');
      return hex.replace(uuidParts, '$1-$2-$3-$4-$5');
    },
    ofUuid(uuid) {
      const hex = uuid.replaceAll('-', '');
      if (!/^[0-9a-f]{32}$/i.test(hex)) return [];
      return [...readable.values()].map((known) => decryptBlock(known, Buffer.from(hex, 'hex')));
    },
  };
}

const uuidParts = /^(.{8})(.{4})(.{4})(.{4})(.{12})$/;

function whole(block: Uint8Array): Uint8Array {
  if (block.length !== pseudonymLength) {
    throw new MaplewoodError('INTERNAL', undefined, { cause: new Error('a pseudonym is not 16 bytes long') });
  }
  return block;
}

/**
 * Each 16 bytes are one block of AES-256 on its own. That equal pseudonyms give equal tokens, which ECB is
 * otherwise avoided for, is the purpose here: a pseudonym has 128 random bits and is exactly one block.
 */
function encryptBlocks(key: KeyObject, blocks: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-256-ecb', key, null).setAutoPadding(false);
  return Buffer.concat([cipher.update(blocks), cipher.final()]);
}

function decryptBlock(key: KeyObject, block: Uint8Array): Buffer {
  const decipher = createDecipheriv('aes-256-ecb', key, null).setAutoPadding(false);
  return Buffer.concat([decipher.update(block), decipher.final()]);
}
