import { boolean, date, decimal, instant, int32, key128, money, nullable, table, text } from '../table.js';

const eventKey = key128('first 128 bits of HMAC-SHA-256 of the source key under the warehouse key');
const patient = int32('key of dim_patient');
const trust = text(5)('ODS code of the trust of the event');
const batch = int32('batch of the delivery that the row comes from');
const age = nullable(int32('age in whole years on the day of the event; internal'));
const byPatient = { kind: 'hash', column: 'patient_no' } as const;

export const factSpell = table({
  name: 'fact_spell',
  description:
    'Hospital spells: one patient, one provider, admission to discharge. Dates are in order in every row.',
  columns: {
    spell_sk: eventKey,
    patient_no: patient,
    trust_code: trust,
    specialty_code: text(8)("main specialty, 'unknown' if none"),
    ward_code: text(12)("ward, 'unknown' if none"),
    admission_method: text(8)("NHS admission method, 'unknown' if none"),
    admission_source: nullable(text(8)('NHS admission source, as supplied')),
    discharge_destination: nullable(text(8)('NHS discharge destination (79 died)')),
    admission_date: date('local day of admission'),
    discharge_date: nullable(date('local day of discharge; null while in hospital')),
    bed_until: date(
      'first day whose midnight the patient did not spend here: discharge, else the day after the data end',
    ),
    los_days: nullable(int32('discharge - admission in days; null while in hospital')),
    in_census: boolean(
      'counts as an occupied bed: no well baby (HRG PB03Z), no stay above 730 days outside mental health',
    ),
    is_emergency: boolean('admission method begins with 2'),
    primary_diagnosis: nullable(text(8)('ICD-10 without dot; null if not valid')),
    is_diagnosis: boolean('primary_diagnosis is an ICD-10 code, not a procedure code in its place'),
    is_sensitive: boolean(
      'primary_diagnosis is of a listed category: diagnosis, procedures and HRG are not shown',
    ),
    secondary_diagnoses: nullable(text(400)('distinct ICD-10 codes, comma-separated, in the order supplied')),
    secondary_diagnoses_shown: nullable(
      text(1000)('the same by category of three characters, those of a listed category as SENSITIVE'),
    ),
    primary_procedure: nullable(text(8)('OPCS-4 without dot')),
    secondary_procedures: nullable(text(400)('OPCS-4 codes, comma-separated')),
    secondary_procedures_shown: nullable(text(400)('the same by category of three characters')),
    hrg_code: text(8)("HRG4+ code or root, 'unknown' if none"),
    consultant_sk: nullable(key128('keyed pseudonym of the consultant')),
    age_at_event: age,
    batch_id: batch,
  },
  sortedBy: ['admission_date', 'spell_sk'],
  distribution: byPatient,
});

export const factEdAttendance = table({
  name: 'fact_ed_attendance',
  description: 'Emergency department attendances. Durations are the supplied ones; instants are UTC.',
  columns: {
    attendance_sk: eventKey,
    patient_no: patient,
    trust_code: trust,
    arrived_at: instant('arrival'),
    departed_at: instant('departure'),
    arrival_date: date('local day of arrival'),
    arrival_hour: int32('local hour of arrival, 0 to 23'),
    weekday: int32('local weekday of arrival, 1 = Monday'),
    triage_category: text(8)("1 to 5, 'unknown' if none"),
    presenting_complaint: text(60)("complaint of the code list, 'unknown' otherwise"),
    discharge_destination: text(8)("01 home, 02 ward, 03 other hospital, 04 died, 05 left, 'unknown'"),
    total_minutes: nullable(int32('minutes from arrival to departure, as supplied')),
    treatment_minutes: nullable(int32('minutes from arrival to treatment, as supplied')),
    investigations: nullable(
      text(400)(
        'names of investigations of the code list, comma-separated, each once, in alphabetical order',
      ),
    ),
    reattended_7d: boolean('within 168 hours of an earlier departure of the patient, any trust'),
    reattended_7d_same_trust: boolean('the same, earlier attendance at the same trust'),
    attendances_365d: int32(
      'attendances of the patient in the 365 days up to this arrival, this one included',
    ),
    referred_to_specialist: nullable(boolean('referred to a specialist')),
    safeguarding_concern: nullable(boolean('a safeguarding concern was raised')),
    age_at_event: age,
    batch_id: batch,
  },
  sortedBy: ['arrival_date', 'attendance_sk'],
  distribution: byPatient,
});

export const factReferral = table({
  name: 'fact_referral',
  description: 'Mental health referrals, one row a referral.',
  columns: {
    referral_sk: eventKey,
    patient_no: patient,
    referral_date: date('day of referral'),
    referral_source: text(8)("A01 to A06, 'unknown'"),
    primary_diagnosis: nullable(text(8)('ICD-10 without dot')),
    is_sensitive: boolean('primary_diagnosis is of a listed category'),
    care_cluster: text(8)("mental health care cluster, 'unknown'"),
    urgency: text(16)("Routine Urgent Emergency, 'unknown'"),
    initial_honos: nullable(int32('HoNOS total at first rating, 0 to 48')),
    latest_honos: nullable(int32('HoNOS total at latest rating, 0 to 48')),
    total_contacts: nullable(int32('contacts of the referral')),
    first_contact_date: nullable(date('day of first contact')),
    last_contact_date: nullable(date('day of last contact')),
    discharge_date: nullable(date('day of discharge')),
    discharge_reason: nullable(text(60)('reason, of the code list')),
    risk_assessment: nullable(text(20)('Low Medium High')),
    age_at_event: age,
    batch_id: batch,
  },
  sortedBy: ['referral_date', 'referral_sk'],
  distribution: byPatient,
});

export const factContact = table({
  name: 'fact_contact',
  description: 'Community services contacts.',
  columns: {
    contact_sk: eventKey,
    patient_no: patient,
    contact_date: date('day of the contact'),
    service_type: text(8)("N01 to N04, A01 to A04, 'unknown'"),
    contact_setting: text(8)("01 home, 02 clinic, 03 GP, 04 school, 05 care home, 'unknown'"),
    contact_mode: nullable(text(60)('mode, of the code list')),
    care_activity: nullable(text(60)('what was done, of the code list')),
    duration_minutes: nullable(int32('minutes')),
    safeguarding_concern: nullable(boolean('a safeguarding concern was raised')),
    professional_sk: nullable(key128('keyed pseudonym of the care professional')),
    age_at_event: age,
    batch_id: batch,
  },
  sortedBy: ['contact_date', 'contact_sk'],
  distribution: byPatient,
});

export const factPrescription = table({
  name: 'fact_prescription',
  description: 'Prescribed items as dispensed and reimbursed.',
  columns: {
    prescription_sk: eventKey,
    patient_no: patient,
    practice_code: text(12)("prescribing practice, 'unknown'"),
    prescription_date: date('day of prescription'),
    bnf_code: text(16)("BNF code or its prefix, 'unknown'"),
    drug_code_system: nullable(text(16)('code system of drug_code; only of FHIR')),
    drug_code: nullable(text(20)('code of the drug')),
    quantity: nullable(int32('units')),
    daily_dose_mg: nullable(decimal(12, 3)('milligrams a day; null where the source has none')),
    days_supply: nullable(int32('days that the quantity lasts; null where the source has none')),
    net_ingredient_cost: nullable(money('pounds, list price before discount')),
    actual_cost: nullable(money('pounds paid')),
    items: int32('prescription items'),
    prescriber_sk: nullable(key128('keyed pseudonym of the prescriber')),
    age_at_event: age,
    batch_id: batch,
  },
  sortedBy: ['prescription_date', 'prescription_sk'],
  distribution: byPatient,
});

export const factCarePackage = table({
  name: 'fact_care_package',
  description: 'Social care packages.',
  columns: {
    package_sk: eventKey,
    patient_no: patient,
    package_type: text(16)("HOMECARE DAYCARE RESIDENTIAL NURSING EQUIPMENT DIRECT_PAYMENT, 'unknown'"),
    start_date: date('first day'),
    end_date: nullable(date('end; null while open')),
    status: text(16)("Active Completed, 'unknown'"),
    weekly_cost: nullable(money('pounds a week')),
    assessment_outcome: nullable(text(16)('LOW MODERATE SUBSTANTIAL CRITICAL')),
    hours_per_week: nullable(decimal(9, 2)('hours a week; home care only')),
    review_date: nullable(date('next review')),
    age_at_event: age,
    batch_id: batch,
  },
  sortedBy: ['start_date', 'package_sk'],
  distribution: byPatient,
});

export const factPatientJourney = table({
  name: 'fact_patient_journey',
  description: "The supplier's own totals a patient: a source for reconciliation only.",
  columns: {
    patient_no: patient,
    journey_start_date: nullable(date('first event')),
    journey_end_date: nullable(date('last event')),
    total_events: nullable(int32('events, as supplied')),
    total_cost: nullable(money('pounds, as supplied')),
    integrated_care_episode: nullable(boolean('more than one setting, as supplied')),
    high_intensity: nullable(boolean('more than ten events, as supplied')),
    batch_id: batch,
  },
  primaryKey: ['patient_no'],
  distribution: byPatient,
});

const codeSystem = text(16)('snomed icd10 opcs4 loinc dmd rxnorm icd10cm other');
const visit = nullable(
  key128('key of the spell, attendance or contact that it belongs to: spell_sk, attendance_sk, contact_sk'),
);

export const factCondition = table({
  name: 'fact_condition',
  description: 'Conditions that FHIR sends, except the coded diagnoses of spells.',
  columns: {
    condition_sk: eventKey,
    patient_no: patient,
    visit_sk: visit,
    code_system: codeSystem,
    code: text(20)('code, never a display text'),
    clinical_status: nullable(text(16)('active recurrence relapse inactive remission resolved')),
    verification_status: nullable(text(16)('unconfirmed provisional differential confirmed')),
    onset_date: nullable(date('first day')),
    abatement_date: nullable(date('last day; null while it lasts')),
    recorded_date: nullable(date('day on which it was recorded')),
    age_at_event: age,
    batch_id: batch,
  },
  sortedBy: ['recorded_date', 'condition_sk'],
  distribution: byPatient,
});

export const factProcedure = table({
  name: 'fact_procedure',
  description: 'Procedures that FHIR sends, except the coded procedures of spells.',
  columns: {
    procedure_sk: eventKey,
    patient_no: patient,
    visit_sk: visit,
    code_system: codeSystem,
    code: text(20)('code, never a display text'),
    status: nullable(text(16)('in-progress on-hold stopped completed unknown')),
    performed_date: date('first day'),
    performed_end_date: nullable(date('last day')),
    age_at_event: age,
    batch_id: batch,
  },
  sortedBy: ['performed_date', 'procedure_sk'],
  distribution: byPatient,
});

export const factObservation = table({
  name: 'fact_observation',
  description: 'Vital signs, one row a value.',
  columns: {
    observation_sk: eventKey,
    patient_no: patient,
    visit_sk: visit,
    code_system: codeSystem,
    code: text(20)('code of what was measured, LOINC as a rule'),
    value: decimal(18, 6)('measured value in the unit'),
    unit: nullable(text(20)('UCUM')),
    observed_at: instant('when it was measured'),
    observed_date: date('local day'),
    age_at_event: age,
    batch_id: batch,
  },
  sortedBy: ['observed_date', 'observation_sk'],
  distribution: byPatient,
});

export const factTables = [
  factSpell,
  factEdAttendance,
  factReferral,
  factContact,
  factPrescription,
  factCarePackage,
  factPatientJourney,
  factCondition,
  factProcedure,
  factObservation,
] as const;
