import {
  anyCode,
  anyConceptHas,
  codeLike,
  codingOf,
  icd10,
  joinTarget,
  londonDay,
  patientTarget,
  plainCode,
  systemName,
  token,
} from './expressions.js';
import { isOfPatient, type Mapping } from './mapping.js';
import { typeTable } from './shapes.js';
import { joinStaff } from './staff.js';

/** Drafts, plans and proposals are no events. */
const ordered =
  "coalesce(m.r.intent, '') in ('order', 'original-order', 'reflex-order', 'filler-order', 'instance-order')";
const inForce = "coalesce(m.r.status, '') not in ('entered-in-error', 'cancelled', 'draft', 'revoked')";

/** The drug stands in the order, in a resource that the order contains, or in one of its own. */
const drugConcept =
  "coalesce(m.r.medicationCodeableConcept, list_filter(m.r.contained, lambda c: '#' || c.id = m.r.medicationReference.reference)[1].code, d.r.code)";
const drug = codingOf(drugConcept, ['dmd', 'snomed', 'rxnorm']);

export const prescriptionMapping: Mapping = {
  dataset: 'prescriptions',
  type: 'MedicationRequest',
  columns: {
    prescription_id: token('MedicationRequest', 'm.id'),
    patient_id: patientTarget('p', 'm.r.subject'),
    prescription_date: londonDay('m.r.authoredOn'),
    bnf_code: `case when regexp_full_match(${codeLike('m.r.medicationCodeableConcept', '(?i)[/-]bnf$')}, '[0-9]{7}[A-Z0-9]{0,8}') then ${codeLike('m.r.medicationCodeableConcept', '(?i)[/-]bnf$')} end`,
    drug_code_system: `case when ${drug}.code is not null then ${systemName(drug)} end`,
    drug_code: plainCode(`${drug}.code`),
    quantity:
      "case when regexp_full_match(m.r.dispenseRequest.quantity.value, '[0-9]{1,6}(\\.0*)?') then cast(cast(m.r.dispenseRequest.quantity.value as double) as bigint) end",
    prescriber_code: 'w.token',
    prescription_items: '1',
  },
  from: `${typeTable('MedicationRequest')} m
  ${joinTarget('p', 'm.r.subject', 'Patient')}
  ${joinTarget('k', 'm.r.medicationReference', 'Medication')}
  left join ${typeTable('Medication')} d on d.id = k.id
  ${joinStaff('w', 'm.r.requester')}`,
  where: `${ordered} and ${inForce} and ${isOfPatient('p', 'm.r.subject')}`,
};

const specialty =
  "list_filter(m.r.performerType.coding, lambda c: regexp_full_match(c.code, '[0-9]{3}'))[1].code";

/**
 * Referrals, not orders of tests: the category says so (SNOMED 3457005 or `referral`). One that names a treatment
 * function other than mental health (7xx) is left out, since the dataset is that of mental health.
 */
export const referralMapping: Mapping = {
  dataset: 'mhsds_referrals',
  type: 'ServiceRequest',
  columns: {
    referral_id: token('ServiceRequest', 'm.id'),
    patient_id: patientTarget('p', 'm.r.subject'),
    referral_date: londonDay('coalesce(m.r.authoredOn, m.r.occurrenceDateTime)'),
    primary_diagnosis: icd10('m.r.reasonCode[1]'),
    urgency:
      "case m.r.priority when 'routine' then 'Routine' when 'urgent' then 'Urgent' when 'asap' then 'Urgent' when 'stat' then 'Emergency' end",
  },
  from: `${typeTable('ServiceRequest')} m ${joinTarget('p', 'm.r.subject', 'Patient')}`,
  where: `${ordered} and ${inForce} and ${anyConceptHas('m.r.category', ['3457005', 'referral'])} and coalesce(${specialty}, '7') like '7%' and ${isOfPatient('p', 'm.r.subject')}`,
};

const packages = ['HOMECARE', 'DAYCARE', 'RESIDENTIAL', 'NURSING', 'EQUIPMENT', 'DIRECT_PAYMENT'];
const packageType = `upper(${anyCode('m.r.type[1]')})`;

/** Episodes of social care: of a package type, of home and community care (HL7 `hacc`), or of no type at all. */
export const carePackageMapping: Mapping = {
  dataset: 'social_care',
  type: 'EpisodeOfCare',
  columns: {
    package_id: token('EpisodeOfCare', 'm.id'),
    patient_id: patientTarget('p', 'm.r.patient'),
    package_type: `case when ${packageType} in (${packages.map((one) => `'${one}'`).join(', ')}) then ${packageType} when ${packageType} = 'HACC' then 'HOMECARE' end`,
    start_date: londonDay('m.r.period.start'),
    end_date: londonDay('m.r.period."end"'),
    status: "case m.r.status when 'finished' then 'Completed' else 'Active' end",
  },
  from: `${typeTable('EpisodeOfCare')} m ${joinTarget('p', 'm.r.patient', 'Patient')}`,
  where: `coalesce(m.r.status, '') not in ('planned', 'waitlist', 'cancelled', 'entered-in-error') and coalesce(${packageType}, 'HACC') in ('HACC', ${packages.map((one) => `'${one}'`).join(', ')}) and ${isOfPatient('p', 'm.r.patient')}`,
};
