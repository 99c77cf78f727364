import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

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
