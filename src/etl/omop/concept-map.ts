import { access } from 'node:fs/promises';
import { referenceFile } from '../code-lists.js';
import type { Engine } from '../engine.js';
import { quoted } from '../sql.js';

/** Temporary table of the concepts of source codes: `vocabulary code concept_id source_concept_id`. */
export const conceptMapTable = 'omop_concept_map';

/** What a source code means in the standard vocabulary. */
export interface ConceptMap {
  /** A map is loaded; without one every concept of a clinical code is 0 (no matching concept). */
  readonly loaded: boolean;
  /** SQL for codes of a vocabulary: the join to make, and the two concepts. */
  mapped(
    vocabulary: 'ICD10' | 'OPCS4' | 'BNF' | 'MAPLEWOOD',
    code: string,
  ): { readonly join: string; readonly concept: string; readonly source: string };
}

/**
 * Loads `source_to_concept_map.csv` of the reference folder, in the official columns, where an operator has put one
 * there: the vocabularies are licensed and are not part of this repository. Of several targets of a code the lowest
 * is taken. Vocabularies read: ICD10, OPCS4, BNF, and MAPLEWOOD for the names of scores and observations.
 */
export async function loadConceptMap(engine: Engine, referenceDir: string): Promise<ConceptMap> {
  const file = referenceFile(referenceDir, 'source_to_concept_map');
  const loaded = await access(file).then(
    () => true,
    () => false,
  );
  if (!loaded) return { loaded, mapped: () => ({ join: '', concept: '0', source: '0' }) };
  await engine.run(`create or replace temp table ${conceptMapTable} as
select source_vocabulary_id as vocabulary, source_code as code, min(cast(target_concept_id as integer)) as concept_id, min(cast(source_concept_id as integer)) as source_concept_id
from read_csv(${quoted(file)}, all_varchar = true, header = true)
where coalesce(invalid_reason, '') = '' group by 1, 2`);
  return {
    loaded,
    mapped: (vocabulary, code) => ({
      join: `left join ${conceptMapTable} m on m.vocabulary = ${quoted(vocabulary)} and m.code = ${code}`,
      concept: 'coalesce(m.concept_id, 0)',
      source: 'coalesce(m.source_concept_id, 0)',
    }),
  };
}
