import { date, int32, nullable, table, text } from '../table.js';
import { unbounded } from './unbounded.js';

export const cdmSource = table({
  name: 'cdm_source',
  description: 'OMOP: one row about the whole.',
  columns: {
    cdm_source_name: text(255)('cdm source name'),
    cdm_source_abbreviation: text(25)('cdm source abbreviation'),
    cdm_holder: text(255)('cdm holder'),
    source_description: nullable(text(unbounded)('source description')),
    source_documentation_reference: nullable(text(255)('source documentation reference')),
    cdm_etl_reference: nullable(text(255)('cdm etl reference')),
    source_release_date: date('last day with data'),
    cdm_release_date: date('day of the run'),
    cdm_version: nullable(text(10)('cdm version')),
    cdm_version_concept_id: int32('cdm version as concept; 0 none'),
    vocabulary_version: text(20)("'none' while no vocabulary is loaded"),
  },
});
