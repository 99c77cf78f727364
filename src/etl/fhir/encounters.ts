import {
  anyCode,
  codeLike,
  extensionCode,
  joinTarget,
  londonDay,
  londonTime,
  minutesBetween,
  patientTarget,
  token,
} from './expressions.js';
import { isOfPatient, type Mapping } from './mapping.js';
import { organisationTable } from './organisations.js';
import { typeTable } from './shapes.js';
import { spellDiagnosisTable, spellProcedureTable } from './spell-codes.js';
import { joinStaff } from './staff.js';
import { visitTable } from './visits.js';

const encounter = typeTable('Encounter');

/** What every visit has: its patient, its organisation, and the first of its staff. */
const from = (
  kind: string,
): string => `${encounter} m join ${visitTable} v on v.id = m.id and v.kind = '${kind}'
  ${joinTarget('p', 'm.r.subject', 'Patient')}
  ${joinTarget('s', 'm.r.serviceProvider', 'Organization')}
  left join ${organisationTable} o on o.id = s.id and not o.refused
  ${joinStaff('w', 'list_filter(m.r.participant, lambda x: x.individual.reference is not null or x.individual.identifier.value is not null)[1].individual')}`;

const where = isOfPatient('p', 'm.r.subject');
const start = 'm.r.period.start';
const end = 'm.r.period."end"';
/** Minutes of the visit; null beyond what the contract takes: a course of visits under one number has no duration. */
const minutesUpTo = (most: number): string => {
  const minutes = minutesBetween(start, end);
  return `case when ${minutes} <= ${most} then ${minutes} end`;
};
const disposition = 'm.r.hospitalization.dischargeDisposition';
const hl7Disposition = codeLike(disposition, 'terminology\\.hl7\\.org/CodeSystem/discharge-disposition$');
const ukCode = (concept: string, list: string): string =>
  codeLike(concept, `(UKCore-${list}(England)?|${list})$`);
const twoCharacters = (code: string): string =>
  `case when regexp_full_match(${code}, '[0-9A-Z]{2}') then ${code} end`;

export const spellMapping: Mapping = {
  dataset: 'sus_episodes',
  type: 'Encounter',
  columns: {
    episode_id: token('Encounter', 'm.id'),
    patient_id: patientTarget('p', 'm.r.subject'),
    trust_code: 'o.code',
    admission_date: londonDay(start),
    discharge_date: londonDay(end),
    admission_method: twoCharacters(extensionCode('m.r.extension', 'UKCore-AdmissionMethod')),
    admission_source: twoCharacters(ukCode('m.r.hospitalization.admitSource', 'SourceOfAdmission')),
    // HL7's own list says less than the national one: only home and death have one meaning in both.
    discharge_destination: `coalesce(${twoCharacters(ukCode(disposition, 'DischargeDestination'))}, case ${hl7Disposition} when 'home' then '19' when 'exp' then '79' end)`,
    length_of_stay: `${londonDay(end)} - ${londonDay(start)}`,
    primary_diagnosis: 'd.first_code',
    secondary_diagnoses: 'd.other_codes',
    primary_procedure: 'q.first_code',
    secondary_procedures: 'q.other_codes',
    consultant_code: 'w.token',
    specialty: `case when regexp_full_match(${anyCode('m.r.serviceType')}, '[0-9]{3}') then ${anyCode('m.r.serviceType')} end`,
    ward_code: 'v.ward',
  },
  from: `${from('spell')}
  left join ${spellDiagnosisTable} d on d.encounter_id = m.id
  left join ${spellProcedureTable} q on q.encounter_id = m.id`,
  where,
};

export const attendanceMapping: Mapping = {
  dataset: 'ecds_attendances',
  type: 'Encounter',
  columns: {
    attendance_id: token('Encounter', 'm.id'),
    patient_id: patientTarget('p', 'm.r.subject'),
    trust_code: 'o.code',
    arrival_datetime: londonTime(start),
    departure_datetime: londonTime(end),
    triage_category: `case when regexp_full_match(${anyCode('m.r.priority')}, '[1-5]') then cast(${anyCode('m.r.priority')} as bigint) end`,
    // The ED list of the source is its own: 01 home, 03 other hospital, 04 died, 05 left.
    discharge_destination: `case ${hl7Disposition} when 'home' then '01' when 'other-hcf' then '03' when 'exp' then '04' when 'aadvice' then '05' end`,
    total_time_mins: minutesUpTo(100_000),
  },
  from: from('attendance'),
  where,
};

export const contactMapping: Mapping = {
  dataset: 'csds_contacts',
  type: 'Encounter',
  columns: {
    contact_id: token('Encounter', 'm.id'),
    patient_id: patientTarget('p', 'm.r.subject'),
    contact_date: londonDay(start),
    care_professional: 'w.token',
    contact_setting: "case v.class when 'HH' then '01' end",
    // A virtual contact counts with those by telephone and video; the class does not say which of them it was.
    contact_mode: "case v.class when 'VR' then 'Video call' else 'Face to face' end",
    contact_duration_mins: minutesUpTo(10_000),
  },
  from: from('contact'),
  where,
};
