import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import type { Contract, SourceColumn } from './contracts/contract.js';
import type { CodeLists } from './silver/rules.js';

/** Path of a reference list. */
export const referenceFile = (folder: string, list: string): string => join(folder, `${list}.csv`);

/** Reads every code list that the contracts name. Error: a list has no file. */
export async function loadCodeLists(folder: string, contracts: Iterable<Contract>): Promise<CodeLists> {
  const lists = new Map<string, readonly string[]>();
  for (const contract of contracts) {
    for (const column of Object.values(contract.columns)) {
      if (typeof column.codes !== 'string' || lists.has(column.codes)) continue;
      const rows = parse(await readFile(referenceFile(folder, column.codes), 'utf8'), { columns: true }) as {
        code: string;
      }[];
      lists.set(
        column.codes,
        rows.map(({ code }) => code),
      );
    }
  }
  return (column: SourceColumn) =>
    typeof column.codes === 'string' ? lists.get(column.codes) : column.codes;
}
