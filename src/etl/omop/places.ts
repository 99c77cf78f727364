import { careSite, location, provider } from '../../warehouse/omop/places.js';
import { cdmSource } from '../../warehouse/omop/source.js';
import { type OmopContext, type OmopFill, omopFill } from './fill.js';

/** Tables of organisations and staff: small, made anew from all facts, with ids in the order of the natural key. */
export function placeFills({ concepts }: OmopContext): OmopFill[] {
  return [
    omopFill(location, {
      rows: `select left(value, 50) as value, bool_or(is_area) as is_area from (
  select distinct postcode_area as value, true as is_area from dim_patient
  union all select region, false from dim_trust
  union all select commissioning_region, false from dim_practice
) where value is not null group by 1`,
      order: 'value',
      columns: {
        zip: 'case when r.is_area then r.value end',
        location_source_value: 'r.value',
        country_source_value: "'United Kingdom'",
      },
      idColumn: 'location_id',
      naturalKey: ['location_source_value'],
      perPerson: false,
    }),
    omopFill(careSite, {
      rows: `select trust_code as code, 'trust' as place, trust_name as label, region from dim_trust
union all select distinct s.trust_code || '/' || s.ward_code, 'ward', 'Ward ' || s.ward_code, t.region from (select distinct trust_code, ward_code from fact_spell where ward_code <> 'unknown') s left join dim_trust t on t.trust_code = s.trust_code
union all select practice_code, 'practice', practice_name, commissioning_region from dim_practice`,
      order: 'place, code',
      joins: ['left join location l on l.location_source_value = left(r.region, 50)'],
      columns: {
        care_site_name: 'r.label',
        place_of_service_concept_id: `case when r.place = 'ward' then ${concepts.id('visit', 'inpatient')} else 0 end`,
        location_id: 'l.location_id',
        care_site_source_value: 'r.code',
        place_of_service_source_value: 'r.place',
      },
      idColumn: 'care_site_id',
      naturalKey: ['place_of_service_source_value', 'care_site_source_value'],
      perPerson: false,
    }),
    omopFill(provider, {
      rows: `select sk, case when count(distinct specialty) = 1 then min(specialty) end as specialty from (
  select distinct consultant_sk as sk, nullif(specialty_code, 'unknown') as specialty from fact_spell where consultant_sk is not null
  union all select distinct prescriber_sk, null from fact_prescription where prescriber_sk is not null
) group by sk`,
      order: 'sk',
      columns: {
        specialty_concept_id: '0',
        gender_concept_id: '0',
        provider_source_value: 'hex(r.sk)',
        specialty_source_value: 'r.specialty',
        specialty_source_concept_id: '0',
        gender_source_concept_id: '0',
      },
      idColumn: 'provider_id',
      naturalKey: ['provider_source_value'],
      perPerson: false,
    }),
  ];
}

/** The row about the whole. */
export function sourceFill({ concepts, map, dataAsOf, releasedOn }: OmopContext): OmopFill {
  return omopFill(cdmSource, {
    rows: 'select 1',
    columns: {
      cdm_source_name: "'Maplewood gold warehouse'",
      cdm_source_abbreviation: "'Maplewood'",
      cdm_holder: "'The hospital group that runs this warehouse'",
      source_description:
        "'Hospital spells, emergency attendances, mental health referrals, community contacts, prescriptions and social care of NHS trusts in England, under keyed pseudonyms'",
      source_documentation_reference: "'docs/reference/data-dictionary.md'",
      cdm_etl_reference: "'docs/reference/omop.md'",
      source_release_date: `DATE '${dataAsOf}'`,
      cdm_release_date: `DATE '${releasedOn}'`,
      cdm_version: "'5.4'",
      cdm_version_concept_id: `${concepts.id('cdm_version', '5.4')}`,
      vocabulary_version: map.loaded ? "'source_to_concept_map'" : "'none'",
    },
    perPerson: false,
  });
}
