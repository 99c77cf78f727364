import { createHmac } from 'node:crypto';
import type { SecretKey } from '../access/key.js';

/** What a record says of values that it must not hold: equal values have equal digests, and nobody without the key has them. */
export interface AuditDigests {
  /** Of a set of patients, by their keys. */
  patients(keys: readonly Uint8Array[]): string;
  variables(values: unknown): string;
  /** Of an address on one day (`YYYY-MM-DD`): the next day it has another one. */
  source(address: string, day: string): string;
}

/** Addresses that are remembered. */
const mostSources = 1_000;

export function auditDigests(key: SecretKey<'audit'>): AuditDigests {
  // The label keeps digests of one thing from being those of another, and from being seals.
  const of = (label: string, ...parts: readonly (string | Uint8Array)[]): string => {
    const hmac = createHmac('sha256', key).update(`maplewood/audit/${label}\x1f`);
    for (const part of parts) hmac.update(part);
    return hmac.digest('hex');
  };
  // The addresses of a day come again and again.
  let sources = { day: '', known: new Map<string, string>() };
  return {
    patients: (keys) => of('patients', inOrder(keys)),
    variables: (values) => of('variables', JSON.stringify(values ?? null)),
    source(address, day) {
      if (day !== sources.day || sources.known.size >= mostSources) sources = { day, known: new Map() };
      const digest = sources.known.get(address) ?? of('source', day, '\x1f', address);
      sources.known.set(address, digest);
      return digest;
    },
  };
}

/** The keys one behind the other, ascending. As texts of a character a byte: these are compared much faster than bytes are. */
const inOrder = (keys: readonly Uint8Array[]): Buffer =>
  Buffer.from(
    keys
      .map((key) => Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1'))
      .sort()
      .join(''),
    'latin1',
  );
