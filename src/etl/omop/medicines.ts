import { drugExposure } from '../../warehouse/omop/drugs.js';
import { type OmopContext, type OmopFill, omopFill, touchedMedicines } from './fill.js';
import { relations } from './relations.js';
import { providerOf } from './visits.js';

/** Days after the first that an item is taken to last: days of supply are not given. */
const daysAfterStart = 29;

export function drugFills({ concepts, map }: OmopContext): OmopFill[] {
  const { join, concept, source } = map.mapped('BNF', 'r.bnf_code');
  return [
    omopFill(drugExposure, {
      rows: `select * from ${relations.prescription}`,
      joins: [providerOf('r.prescriber_sk'), join],
      touched: `(person_id, drug_exposure_start_date) in (select patient_no, day from ${touchedMedicines})`,
      columns: {
        drug_exposure_id: 'r.drug_id',
        person_id: 'r.patient_no',
        drug_concept_id: concept,
        drug_exposure_start_date: 'r.prescription_date',
        drug_exposure_end_date: `r.prescription_date + ${daysAfterStart}`,
        drug_type_concept_id: `${concepts.id('type', 'drug')}`,
        quantity: 'cast(r.quantity as double)',
        route_concept_id: '0',
        provider_id: 'p.provider_id',
        drug_source_value: "nullif(r.bnf_code, 'unknown')",
        drug_source_concept_id: source,
      },
    }),
  ];
}
