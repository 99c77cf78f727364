import { date, double, instant, int32, nullable, table, text } from '../table.js';
import { unbounded } from './unbounded.js';

export const drugExposure = table({
  name: 'drug_exposure',
  description: 'OMOP: prescribed items.',
  columns: {
    drug_exposure_id: int32('key within the release, kept from release to release'),
    person_id: int32('person'),
    drug_concept_id: int32('drug as concept; 0 none'),
    drug_exposure_start_date: date('drug exposure start date'),
    drug_exposure_start_datetime: nullable(instant('not filled: the time of day is not supplied')),
    drug_exposure_end_date: date('start + 29 days: days of supply are not supplied'),
    drug_exposure_end_datetime: nullable(instant('not filled: the time of day is not supplied')),
    verbatim_end_date: nullable(date('verbatim end date')),
    drug_type_concept_id: int32('where the record comes from'),
    stop_reason: nullable(text(20)('stop reason')),
    refills: nullable(int32('refills')),
    quantity: nullable(double('units supplied')),
    days_supply: nullable(int32('days supply')),
    sig: nullable(text(unbounded)('sig')),
    route_concept_id: nullable(int32('route as concept; 0 none')),
    lot_number: nullable(text(50)('lot number')),
    provider_id: nullable(int32('consultant or prescriber')),
    visit_occurrence_id: nullable(int32('visit')),
    visit_detail_id: nullable(int32('episode of the visit')),
    drug_source_value: nullable(text(50)('BNF code or its prefix')),
    drug_source_concept_id: nullable(int32('concept of the source code; 0 none')),
    route_source_value: nullable(text(50)('route as supplied')),
    dose_unit_source_value: nullable(text(50)('dose unit as supplied')),
  },
  sortedBy: ['drug_exposure_id'],
  distribution: { kind: 'hash', column: 'person_id' },
});
