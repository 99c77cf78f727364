import type { Secret } from '../../config/secret.js';
import { MaplewoodError } from '../../errors.js';
import { deploymentId, type Secrets } from '../secrets.js';
import type { Vault } from './client.js';

/** A vault may be shared: ours are those whose names begin so. */
const prefix = 'maplewood-';
/** What the API asks for: whoever serves has no use for the key that makes pseudonyms. */
const ofService = /^(token-a[1-9]\d?|cursor|audit(-[0-9a-f]{8})?|deployment-id)$/;

/** The warehouse key, and nothing else. Error: `KEY_UNAVAILABLE`. */
export const warehouseSecrets = (vault: Vault): Promise<Secrets> => secretsOf(vault, ['warehouse']);

/** The secrets of the API that are in the vault. Error: `KEY_UNAVAILABLE`. */
export async function serviceSecrets(vault: Vault): Promise<Secrets> {
  const names = (await vault.names()).filter((name) => name.startsWith(prefix));
  return secretsOf(
    vault,
    names.map((name) => name.slice(prefix.length)).filter((name) => ofService.test(name)),
  );
}

/** Reads secrets once; nothing is ever made in a vault. */
async function secretsOf(vault: Vault, names: readonly string[]): Promise<Secrets> {
  const called = (name: string): string => `${prefix}${name}`;
  const values = new Map<string, Secret>();
  await Promise.all(
    names.map(async (name) => {
      const value = await vault.value(called(name));
      if (value !== undefined) values.set(name, value);
    }),
  );
  const place = (name: string): string => `secret ${called(name)} of ${vault.url}`;
  return {
    names: () => names,
    read(name) {
      const value = values.get(name);
      return value === undefined ? undefined : bytesOf(name, value.reveal(), place(name));
    },
    called,
    place,
    remedy: (name) =>
      `Restore and enable it; on a new installation set it to ${name === deploymentId ? '8 to 64 letters, digits or hyphens' : '32 random bytes, written in base64'}.`,
  };
}

/** Keys are written in base64, since a secret is a text. Other spellings of the same bytes are taken for a mistake. */
function bytesOf(name: string, value: string, place: string): Uint8Array {
  if (name === deploymentId) return Buffer.from(value);
  const text = value.trim();
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text)
    throw new MaplewoodError(
      'CONFIGURATION',
      `The ${place} is not written in base64. Set it to the 32 bytes of the key in base64.`,
    );
  return bytes;
}
