import { readFile } from 'node:fs/promises';
import { parse } from 'csv-parse/sync';
import { referenceFile } from '../code-lists.js';
import { quoted } from '../sql.js';

interface ConceptRow {
  readonly code_list: string;
  readonly code: string;
  readonly concept_id: string;
  readonly source_concept_id: string;
  readonly domain: string;
}

/** Concepts of the OMOP vocabularies that the fills use, by our code lists: `reference/omop_concept.csv`. */
export interface Concepts {
  /** Concept of a code. Error: the list has no such code. */
  id(list: string, code: string): number;
  /** SQL: concept of a code; 0 (no matching concept) for other codes. */
  of(list: string, code: string): string;
  /** SQL: concept of the source code itself; 0 where there is none. */
  ofSource(list: string, code: string): string;
  /** SQL: the code if it is in the list, else null. */
  listed(list: string, code: string): string;
  /** Every concept of a domain. */
  inDomain(domain: string): readonly number[];
}

export async function loadConcepts(referenceDir: string): Promise<Concepts> {
  const rows = parse(await readFile(referenceFile(referenceDir, 'omop_concept'), 'utf8'), {
    columns: true,
  }) as ConceptRow[];
  return concepts(rows);
}

function concepts(rows: readonly ConceptRow[]): Concepts {
  const inList = (list: string): readonly ConceptRow[] => rows.filter((row) => row.code_list === list);
  const choose = (list: string, code: string, column: 'concept_id' | 'source_concept_id'): string => {
    const whens = inList(list)
      .filter((row) => Number(row[column]) > 0)
      .map((row) => `when ${quoted(row.code)} then ${Number(row[column])}`);
    return whens.length === 0 ? '0' : `case ${code} ${whens.join(' ')} else 0 end`;
  };
  return {
    id(list, code) {
      const found = inList(list).find((row) => row.code === code);
      if (!found) throw new Error(`reference/omop_concept.csv has no ${code} in ${list}`);
      return Number(found.concept_id);
    },
    of: (list, code) => choose(list, code, 'concept_id'),
    ofSource: (list, code) => choose(list, code, 'source_concept_id'),
    listed: (list, code) =>
      `case when ${code} in (${inList(list)
        .map((row) => quoted(row.code))
        .join(', ')}) then ${code} end`,
    inDomain: (domain) => [
      ...new Set(rows.filter((row) => row.domain === domain).map((row) => Number(row.concept_id))),
    ],
  };
}
