import { death, observationPeriod, person } from '../../warehouse/omop/persons.js';
import { type OmopContext, type OmopFill, omopFill, touchedPeriods } from './fill.js';
import { relations } from './relations.js';

/** Days without an event after which a new observation period begins. */
const gapDays = 548;
/** Days for which a person counts as observed after the last event, and after death. */
const tailDays = 60;

export function personFills({ concepts, dataAsOf }: OmopContext): OmopFill[] {
  const end = `DATE '${dataAsOf}'`;
  const periodEnd = `least(r.last_day + ${tailDays}, coalesce(d.death_date + ${tailDays}, ${end}), ${end})`;
  return [
    omopFill(person, {
      rows: `select * from ${relations.patient}`,
      joins: [
        'left join location l on l.location_source_value = r.postcode_area',
        "left join care_site c on c.care_site_source_value = r.practice_code and c.place_of_service_source_value = 'practice'",
      ],
      columns: {
        person_id: 'r.patient_no',
        gender_concept_id: concepts.of('gender', 'r.gender'),
        year_of_birth: 'r.year_of_birth',
        race_concept_id: concepts.of('ethnic_category', 'r.ethnicity'),
        ethnicity_concept_id: '0',
        location_id: 'l.location_id',
        care_site_id: 'c.care_site_id',
        person_source_value: 'hex(r.patient_sk)',
        gender_source_value: 'r.gender',
        gender_source_concept_id: '0',
        race_source_value: concepts.listed('ethnic_category', 'r.ethnicity'),
        race_source_concept_id: concepts.ofSource('ethnic_category', 'r.ethnicity'),
        ethnicity_source_concept_id: '0',
      },
    }),
    omopFill(death, {
      // Patients die more than once in the sources: the first death is the one; later events stay.
      rows: `select patient_no, min(day) as day from (
  select patient_no, discharge_date as day from ${relations.spell} where discharge_destination = '79' and discharge_date is not null
  union all select patient_no, cast(departed_local as date) from ${relations.attendance} where discharge_destination = '04'
) group by patient_no`,
      columns: {
        person_id: 'r.patient_no',
        death_date: 'r.day',
        death_type_concept_id: `${concepts.id('type', 'death')}`,
        cause_source_concept_id: '0',
      },
    }),
    omopFill(observationPeriod, {
      rows: `select r.patient_no, r.first_day, ${periodEnd} as last_day from (
  select patient_no, min(first_day) as first_day, max(last_day) as last_day from (
    select *, sum(case when first_day - before >= ${gapDays} then 1 else 0 end) over (partition by patient_no order by first_day) as span from (
      select *, max(last_day) over (partition by patient_no order by first_day rows between unbounded preceding and 1 preceding) as before from ${relations.life}
    )
  ) group by patient_no, span
) r left join death d on d.person_id = r.patient_no where r.first_day <= ${periodEnd}`,
      order: 'patient_no, first_day',
      columns: {
        person_id: 'r.patient_no',
        observation_period_start_date: 'r.first_day',
        observation_period_end_date: 'r.last_day',
        period_type_concept_id: `${concepts.id('type', 'observation_period')}`,
      },
      idColumn: 'observation_period_id',
      naturalKey: ['person_id', 'observation_period_start_date'],
      touched: `person_id in (select patient_no from ${touchedPeriods})`,
    }),
  ];
}
