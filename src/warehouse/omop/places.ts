import { double, int32, nullable, table, text } from '../table.js';

export const location = table({
  name: 'location',
  description: 'OMOP: postcode areas of patients and regions of organisations; nothing finer.',
  columns: {
    location_id: int32('key within the release, kept from release to release'),
    address_1: nullable(text(50)('address 1')),
    address_2: nullable(text(50)('address 2')),
    city: nullable(text(50)('city')),
    state: nullable(text(2)('state')),
    zip: nullable(text(9)('postcode area, one or two letters')),
    county: nullable(text(20)('county')),
    location_source_value: nullable(text(50)('postcode area or region')),
    country_concept_id: nullable(int32('country as concept; 0 none')),
    country_source_value: nullable(text(80)('United Kingdom')),
    latitude: nullable(double('latitude')),
    longitude: nullable(double('longitude')),
  },
  primaryKey: ['location_id'],
});

export const careSite = table({
  name: 'care_site',
  description: 'OMOP: trusts, their wards, and practices.',
  columns: {
    care_site_id: int32('key within the release, kept from release to release'),
    care_site_name: nullable(text(255)('care site name')),
    place_of_service_concept_id: nullable(int32('place of service as concept; 0 none')),
    location_id: nullable(int32('region')),
    care_site_source_value: nullable(text(50)('ODS code; of a ward trust/ward')),
    place_of_service_source_value: nullable(text(50)('trust ward practice')),
  },
  primaryKey: ['care_site_id'],
});

export const provider = table({
  name: 'provider',
  description: 'OMOP: consultants and prescribers under a keyed pseudonym.',
  columns: {
    provider_id: int32('key within the release, kept from release to release'),
    provider_name: nullable(text(255)('provider name')),
    npi: nullable(text(20)('npi')),
    dea: nullable(text(20)('dea')),
    specialty_concept_id: nullable(int32('specialty as concept; 0 none')),
    care_site_id: nullable(int32('care site id')),
    year_of_birth: nullable(int32('year of birth')),
    gender_concept_id: nullable(int32('gender as concept; 0 none')),
    provider_source_value: nullable(text(50)('staff key in hexadecimal')),
    specialty_source_value: nullable(text(50)('main specialty of a consultant with only one')),
    specialty_source_concept_id: nullable(int32('concept of the source code; 0 none')),
    gender_source_value: nullable(text(50)('gender as supplied')),
    gender_source_concept_id: nullable(int32('concept of the source code; 0 none')),
  },
  primaryKey: ['provider_id'],
});
