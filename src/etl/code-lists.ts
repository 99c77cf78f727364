import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import type { Contract, SourceColumn } from './contracts/contract.js';
import type { CodeLists } from './silver/rules.js';

/** Path of a reference list. */
export const referenceFile = (folder: string, list: string): string => join(folder, `${list}.csv`);

/** Columns of the lists that are more than codes and their names, as far as gold reads them. */
const furtherColumns: Readonly<Record<string, readonly string[]>> = {
  charlson_icd10: ['code', 'condition'],
  charlson_condition: ['code', 'quan_2011', 'schneeweiss', 'superseded_by'],
  hfrs_icd10: ['code', 'points'],
  icd10_chapter: ['code', 'from', 'to', 'display', 'source'],
  unit_price: [
    ...['component', 'code', 'unit', 'price', 'currency'],
    ...['price_year', 'valid_from', 'valid_to', 'source'],
  ],
};

/** Columns of a reference list that gold reads. */
export const referenceColumns = (list: string): readonly string[] =>
  furtherColumns[list] ?? ['code', 'display'];

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
