import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SecretKey } from '../../src/access/key.js';
import { auditDigests } from '../../src/audit/digests.js';

export const segments = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.ndjson'))
    .sort();

/** The records of a log as they stand in its files; a torn line is none. */
export const recordsIn = (folder: string): { seq: number; kind: string; n?: number; waited?: number }[] =>
  segments(folder).flatMap((name) =>
    readFileSync(join(folder, name), 'utf8')
      .split('\n')
      .flatMap((line) => {
        try {
          return [JSON.parse(line).r];
        } catch {
          return [];
        }
      }),
  );

/** Numbers in the records, in their order. */
export const numbersIn = (folder: string, of: 'n' | 'waited' = 'n'): number[] =>
  recordsIn(folder).flatMap((record) => record[of] ?? []);

/** Keys of patients: the same for the same numbers. */
export const patientsFrom = (first: number, count: number): Buffer[] =>
  Array.from({ length: count }, (_none, at) =>
    createHash('sha256')
      .update(`patient ${first + at}`)
      .digest()
      .subarray(0, 16),
  );

/** What a record says of patients. */
export const countOf = (key: SecretKey<'audit'>, patients: readonly Buffer[]) => ({
  patients: { count: patients.length, digest: auditDigests(key).patients(patients) },
});

export const listFiles = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.patients'))
    .sort();
