import { boolean, int32, key128, table, text } from '../table.js';

export const qualityFinding = table({
  name: 'quality_finding',
  description:
    'Rows of patients that violate a rule of data quality, for the rules of decision support about it. Procedure codes in the place of a diagnosis are marked in fact_spell. In no dataset of the API.',
  columns: {
    patient_no: int32('key of dim_patient'),
    dataset: text(32)('dataset of the source'),
    rule: text(60)('rule name'),
    row_key: key128('key of the row in its fact, or of the patient'),
    is_current: boolean('the row is a current one; false for rows that were refused, and surplus ones'),
  },
  sortedBy: ['patient_no', 'row_key', 'rule'],
  distribution: { kind: 'hash', column: 'patient_no' },
});

export const valueSet = table({
  name: 'cds_value_set',
  description: 'Lists of codes that rules of decision support name.',
  columns: {
    name: text(60)('name of the list'),
    system: text(16)('icd10 bnf loinc'),
    code: text(20)('code, or the beginning of codes, in the form that gold has'),
    code_length: int32('characters of it'),
    match: text(8)('exact prefix'),
  },
  primaryKey: ['name', 'system', 'code'],
});
