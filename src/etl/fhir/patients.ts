import { quoted } from '../sql.js';
import { postcodeDistrict } from './address.js';
import { currentView, rowTable } from './current.js';
import { anyCode, extensionCode, joinTarget, londonDay, systems, token } from './expressions.js';
import type { Mapping } from './mapping.js';
import { nhsNumberCheck, nhsNumberStatus, validNhsNumber } from './nhs-number.js';
import { organisationTable, practicePattern } from './organisations.js';
import { linkTable } from './references.js';
import { typeTable } from './shapes.js';

const registrationTable = 'fhir_registration';
const restrictedTable = 'fhir_restricted';
const patient = typeTable('Patient');

/** The first general practice of each patient, named by its organisation or by its ODS code alone. */
const registrationsSql = `create or replace table ${registrationTable} as
select id, arg_min(code, n) as code from (
  select m.id, m.n, coalesce(o.code, case when m.g.identifier.system = ${quoted(systems.odsOrganisation)} and regexp_full_match(upper(m.g.identifier.value), '${practicePattern}') then upper(m.g.identifier.value) end) as code
  from (select id, _batch, unnest(r.generalPractitioner) as g, unnest(range(len(r.generalPractitioner))) as n from ${patient}) m
  ${joinTarget('l', 'm.g', 'Organization')}
  left join ${organisationTable} o on o.id = l.id and o.kind = 'practice'
) where code is not null group by id`;

/** Patients with a label R or V on themselves, or on any resource about them. */
const restrictedSql = `create or replace table ${restrictedTable} as
select id from ${rowTable} where current and resource_type = 'Patient' and confidentiality in ('R', 'V')
union
select l.id from (
  select _batch, unnest([${['subject', 'patient', 'beneficiary', 'individual', 'for']
    .map(
      (element) =>
        `resource->>'$.${element}.reference', '?identifier=' || coalesce(resource->>'$.${element}.identifier.system', '') || '|' || (resource->>'$.${element}.identifier.value')`,
    )
    .join(', ')}]) as reference
  from ${currentView} where confidentiality in ('R', 'V') and resource_type <> 'Patient'
) m join ${linkTable} l on l._batch = m._batch and l.reference = m.reference and l.type = 'Patient'`;

export const patientTables: readonly string[] = [registrationsSql, restrictedSql];

/** First of a list whose use is the best there is; old and temporary ones only where there is no other. */
const best = (list: string, uses: readonly string[], avoided: readonly string[]): string =>
  `coalesce(${[
    ...uses.map((use) => `list_filter(${list}, lambda x: x.use = '${use}')[1]`),
    `list_filter(${list}, lambda x: coalesce(x.use, '') not in (${avoided.map(quoted).join(', ')}))[1]`,
    `${list}[1]`,
  ].join(', ')})`;

const name = best('m.r.name', ['usual', 'official'], ['old', 'maiden', 'temp']);
const address = best('m.r.address', ['home'], ['old', 'temp', 'billing']);
const telecom = (system: string): string =>
  `list_filter(m.r.telecom, lambda t: t.system = '${system}' and coalesce(t.use, '') <> 'old')[1].value`;
const nhsNumber = `list_filter(m.r.identifier, lambda i: i.system = ${quoted(systems.nhsNumber)})[1]`;
const status = `coalesce(${extensionCode(`${nhsNumber}.extension`, 'NHSNumberVerificationStatus(England)?')}, '')`;
const cut = (value: string, length: number): string => `left(nullif(trim(${value}), ''), ${length})`;

/** Of the identifiers only a valid NHS number leaves bronze; names and addresses go no further than the identified store. */
export const patientMapping: Mapping = {
  dataset: 'patients',
  type: 'Patient',
  columns: {
    patient_id: token('Patient', 'm.id'),
    nhs_number: validNhsNumber(`${nhsNumber}.value`),
    nhs_number_status: nhsNumberStatus(`${nhsNumber}.value`, status),
    nhs_number_check: nhsNumberCheck(`${nhsNumber}.value`),
    date_of_birth: londonDay('m.r.birthDate'),
    gender: "case m.r.gender when 'male' then 'M' when 'female' then 'F' else 'U' end",
    ethnicity: `left(${anyCode(`list_filter(m.r.extension, lambda e: regexp_matches(coalesce(e.url, ''), 'UKCore-EthnicCategory$'))[1].valueCodeableConcept`)}, 2)`,
    registered_practice: 'g.code',
    postcode_district: postcodeDistrict(`${address}.postalCode`),
    restricted: 'x.id is not null',
    date_of_death: londonDay('m.r.deceasedDateTime'),
    family_name: cut(`${name}.family`, 200),
    given_names: cut(`array_to_string(${name}.given, ' ')`, 200),
    address: cut(
      `concat_ws(', ', array_to_string(${address}.line, ', '), ${address}.city, ${address}.district)`,
      400,
    ),
    postcode: cut(`${address}.postalCode`, 12),
    phone: cut(telecom('phone'), 100),
    email: cut(telecom('email'), 200),
  },
  from: `${patient} m left join ${registrationTable} g on g.id = m.id left join ${restrictedTable} x on x.id = m.id`,
  where: 'true',
};
