import { readFile } from 'node:fs/promises';
import { parse } from 'csv-parse/sync';

/** Why a card was not followed, as a client shows it to be chosen (FHIR Coding). */
export interface Reason {
  readonly code: string;
  readonly system: string;
  readonly display: string;
}

/** The reasons of a file with the columns `code,system,display,source`, in its order. */
export async function readReasons(path: string): Promise<readonly Reason[]> {
  const rows = parse(await readFile(path, 'utf8'), { columns: true, trim: true }) as Record<string, string>[];
  return rows.map(({ code = '', system = '', display = '' }) => ({ code, system, display }));
}
