import { date, instant, int32, nullable, table, text } from '../table.js';

export const person = table({
  name: 'person',
  description:
    'OMOP: one row a current patient with a known birth date. Of the birth date only the year is here.',
  columns: {
    person_id: int32('patient_no of dim_patient'),
    gender_concept_id: int32('gender as concept; 0 none'),
    year_of_birth: int32('year of the birth date'),
    month_of_birth: nullable(int32('never filled: privacy')),
    day_of_birth: nullable(int32('never filled: privacy')),
    birth_datetime: nullable(instant('never filled: privacy')),
    race_concept_id: int32('ethnic background; 0 mixed, other or not stated'),
    ethnicity_concept_id: int32('0: means Hispanic or not, in the United States only'),
    location_id: nullable(int32('postcode area')),
    provider_id: nullable(int32('consultant or prescriber')),
    care_site_id: nullable(int32('practice of registration')),
    person_source_value: nullable(text(50)('patient_sk in hexadecimal; internal')),
    gender_source_value: nullable(text(50)('M F U')),
    gender_source_concept_id: nullable(int32('concept of the source code; 0 none')),
    race_source_value: nullable(text(50)('NHS ethnic category')),
    race_source_concept_id: nullable(int32('concept of the NHS ethnic category, else 0')),
    ethnicity_source_value: nullable(text(50)('ethnicity as supplied')),
    ethnicity_source_concept_id: nullable(int32('concept of the source code; 0 none')),
  },
  primaryKey: ['person_id'],
  distribution: { kind: 'hash', column: 'person_id' },
});

export const observationPeriod = table({
  name: 'observation_period',
  description: 'OMOP: spans of time in which the events of a person are recorded.',
  columns: {
    observation_period_id: int32('key within the release, kept from release to release'),
    person_id: int32('person'),
    observation_period_start_date: date('first event of the span'),
    observation_period_end_date: date('earliest of last event + 60 days, death + 60 days, end of the data'),
    period_type_concept_id: int32('where the record comes from'),
  },
  sortedBy: ['observation_period_id'],
  distribution: { kind: 'hash', column: 'person_id' },
});

export const death = table({
  name: 'death',
  description: 'OMOP: one row a person who died in hospital: the first such discharge.',
  columns: {
    person_id: int32('person'),
    death_date: date('discharge by death'),
    death_datetime: nullable(instant('not filled: the time of day is not supplied')),
    death_type_concept_id: nullable(int32('where the record comes from')),
    cause_concept_id: nullable(int32('not known')),
    cause_source_value: nullable(text(50)('cause as supplied')),
    cause_source_concept_id: nullable(int32('concept of the source code; 0 none')),
  },
  primaryKey: ['person_id'],
  distribution: { kind: 'hash', column: 'person_id' },
});
