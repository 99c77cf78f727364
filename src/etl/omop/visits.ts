import { visitDetail, visitOccurrence } from '../../warehouse/omop/visits.js';
import { type OmopContext, type OmopFill, omopFill } from './fill.js';
import { relations } from './relations.js';

const trustSite = (column: string): string =>
  `left join care_site c on c.care_site_source_value = ${column} and c.place_of_service_source_value = 'trust'`;
export const providerOf = (column: string): string => `left join ${relations.provider} p on p.sk = ${column}`;

/** Spells, attendances and contacts; the first two never share a row. */
export function visitFills({ concepts, dataAsOf }: OmopContext): OmopFill[] {
  const type = `${concepts.id('type', 'visit')}`;
  const stillIn = `${concepts.id('place', 'in_hospital')}`;
  // Home, self and unknown places are 0; a death has its own row, and here 0.
  const spell = {
    admitted_from_concept_id: concepts.of('place', 'r.admission_source'),
    admitted_from_source_value: 'r.admission_source',
    discharged_to_concept_id: `case when r.discharge_date is null then ${stillIn} else ${concepts.of('place', 'r.discharge_destination')} end`,
    discharged_to_source_value: 'r.discharge_destination',
  };
  const spellEnd = `coalesce(r.discharge_date, DATE '${dataAsOf}')`;
  const visit = (id: string) => concepts.id('visit', id);
  return [
    omopFill(visitOccurrence, {
      rows: `select * from ${relations.spell}`,
      joins: [trustSite('r.trust_code'), providerOf('r.consultant_sk')],
      columns: {
        visit_occurrence_id: 'r.visit_id',
        person_id: 'r.patient_no',
        visit_concept_id: `${visit('inpatient')}`,
        visit_start_date: 'r.admission_date',
        visit_end_date: spellEnd,
        visit_type_concept_id: type,
        provider_id: 'p.provider_id',
        care_site_id: 'c.care_site_id',
        visit_source_value: 'hex(r.spell_sk)',
        visit_source_concept_id: '0',
        ...spell,
      },
    }),
    omopFill(visitOccurrence, {
      rows: `select * from ${relations.attendance}`,
      joins: [trustSite('r.trust_code')],
      columns: {
        visit_occurrence_id: 'r.visit_id',
        person_id: 'r.patient_no',
        visit_concept_id: `case when r.discharge_destination = '02' then ${visit('emergency_to_inpatient')} else ${visit('emergency')} end`,
        visit_start_date: 'r.arrival_date',
        visit_start_datetime: 'r.arrived_local',
        visit_end_date: 'cast(r.departed_local as date)',
        visit_end_datetime: 'r.departed_local',
        visit_type_concept_id: type,
        care_site_id: 'c.care_site_id',
        visit_source_value: 'hex(r.attendance_sk)',
        visit_source_concept_id: '0',
        admitted_from_concept_id: '0',
        discharged_to_concept_id: '0',
        discharged_to_source_value: "nullif(r.discharge_destination, 'unknown')",
      },
    }),
    omopFill(visitOccurrence, {
      rows: `select * from ${relations.contact}`,
      columns: {
        visit_occurrence_id: 'r.visit_id',
        person_id: 'r.patient_no',
        visit_concept_id: `case when r.contact_mode in ('Telephone', 'Video call') then ${visit('remote')} when r.contact_setting = '01' then ${visit('home')} else ${visit('outpatient')} end`,
        visit_start_date: 'r.contact_date',
        visit_end_date: 'r.contact_date',
        visit_type_concept_id: type,
        visit_source_value: 'hex(r.contact_sk)',
        visit_source_concept_id: '0',
        admitted_from_concept_id: '0',
        discharged_to_concept_id: '0',
      },
    }),
    omopFill(visitDetail, {
      rows: `select *, case when ward_code = 'unknown' then trust_code else trust_code || '/' || ward_code end as site from ${relations.spell}`,
      joins: [
        "left join care_site c on c.care_site_source_value = r.site and c.place_of_service_source_value <> 'practice'",
        providerOf('r.consultant_sk'),
      ],
      columns: {
        visit_detail_id: 'r.visit_id',
        person_id: 'r.patient_no',
        visit_detail_concept_id: `${visit('inpatient')}`,
        visit_detail_start_date: 'r.admission_date',
        visit_detail_end_date: spellEnd,
        visit_detail_type_concept_id: type,
        provider_id: 'p.provider_id',
        care_site_id: 'c.care_site_id',
        visit_detail_source_value: "nullif(r.ward_code, 'unknown')",
        visit_detail_source_concept_id: '0',
        ...spell,
        visit_occurrence_id: 'r.visit_id',
      },
    }),
  ];
}
