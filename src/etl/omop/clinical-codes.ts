import { conditionOccurrence, procedureOccurrence } from '../../warehouse/omop/conditions.js';
import { type OmopContext, type OmopFill, omopFill } from './fill.js';
import { relations } from './relations.js';
import { providerOf } from './visits.js';

const icd10 = "'[A-Z]\\d{2}\\d{0,2}'";
const opcs4 = "'[A-HJ-Z]\\d{2}\\d?'";

/** Each code of a comma list of a spell that has the form of its code list, with what an event row needs of the spell. */
const listed = (column: string, form: string, without = 'false'): string =>
  `select * from (
  select visit_id, patient_no, admission_date, consultant_sk, primary_procedure, unnest(string_split(${column}, ',')) as code from ${relations.spell} where ${column} is not null
) where regexp_full_match(code, ${form}) and not coalesce(${without}, false)`;

/** Diagnoses. A procedure code in the place of a diagnosis, or a code of no valid form, makes no row. */
export function conditionFills({ concepts, map }: OmopContext): OmopFill[] {
  const { join, concept, source } = map.mapped('ICD10', 'r.code');
  const diagnosis = (rows: string, rank: 'primary' | 'secondary', day: string, visit: boolean): OmopFill =>
    omopFill(conditionOccurrence, {
      rows,
      joins: [visit ? providerOf('r.consultant_sk') : '', join],
      columns: {
        person_id: 'r.patient_no',
        condition_concept_id: concept,
        condition_start_date: day,
        condition_type_concept_id: `${concepts.id('type', 'condition')}`,
        condition_status_concept_id: `${concepts.id('condition_status', rank)}`,
        condition_source_value: 'r.code',
        condition_source_concept_id: source,
        condition_status_source_value: `'${rank}'`,
        ...(visit
          ? {
              provider_id: 'p.provider_id',
              visit_occurrence_id: 'r.visit_id',
              visit_detail_id: 'r.visit_id',
            }
          : {}),
      },
      idColumn: 'condition_occurrence_id',
      naturalKey: [
        'person_id',
        'visit_occurrence_id',
        'condition_start_date',
        'condition_status_concept_id',
        'condition_source_value',
      ],
    });
  return [
    diagnosis(
      `select visit_id, patient_no, admission_date, consultant_sk, primary_diagnosis as code from ${relations.spell} where is_diagnosis and primary_diagnosis is not null`,
      'primary',
      'r.admission_date',
      true,
    ),
    diagnosis(listed('secondary_diagnoses', icd10), 'secondary', 'r.admission_date', true),
    diagnosis(
      `select patient_no, referral_date, primary_diagnosis as code from ${relations.referral} where primary_diagnosis is not null`,
      'primary',
      'r.referral_date',
      false,
    ),
  ];
}

/** Procedures of spells. One that stands as primary and as secondary makes one row. */
export function procedureFills({ concepts, map }: OmopContext): OmopFill[] {
  const { join, concept, source } = map.mapped('OPCS4', 'r.code');
  return [
    `select visit_id, patient_no, admission_date, consultant_sk, primary_procedure as code from ${relations.spell} where primary_procedure is not null`,
    listed('secondary_procedures', opcs4, 'code = primary_procedure'),
  ].map((rows) =>
    omopFill(procedureOccurrence, {
      rows,
      joins: [providerOf('r.consultant_sk'), join],
      columns: {
        person_id: 'r.patient_no',
        procedure_concept_id: concept,
        procedure_date: 'r.admission_date',
        procedure_type_concept_id: `${concepts.id('type', 'procedure')}`,
        provider_id: 'p.provider_id',
        visit_occurrence_id: 'r.visit_id',
        visit_detail_id: 'r.visit_id',
        procedure_source_value: 'r.code',
        procedure_source_concept_id: source,
      },
      idColumn: 'procedure_occurrence_id',
      naturalKey: ['person_id', 'visit_occurrence_id', 'procedure_source_value'],
    }),
  );
}
