import {
  factCarePackage,
  factContact,
  factEdAttendance,
  factPatientJourney,
  factPrescription,
  factReferral,
  factSpell,
} from '../../warehouse/gold/facts.js';
import { investigationNames } from '../contracts/ecds-attendances.js';
import {
  ageOn,
  categories,
  codeList,
  icd10,
  isListed,
  keyed,
  listed,
  localNamespace,
  masked,
  opcs4,
  plainCode,
  utc,
} from './expressions.js';
import { type Filler, type GoldFill, patientKey, patientNo } from './fill.js';

/** Key of an event of a dataset. */
export const event = (dataset: string, id: string): string =>
  keyed('event', `${localNamespace}/${dataset}`, `s.${id}`);

/** Whether a patient came within seven days of an earlier departure. */
function reattended(partition: string): string {
  const before = `max(s.departure_datetime) over (partition by ${partition} order by s.arrival_datetime, s.attendance_id rows between unbounded preceding and 1 preceding)`;
  return `coalesce(s.arrival_datetime >= ${before} and s.arrival_datetime <= ${before} + interval 7 day, false)`;
}

/** Attendances of the patient, any trust, that arrived in the 365 days up to this arrival; those of the same minute too. */
export const attendancesInYear =
  'cast(count(*) over (partition by s.patient_id order by s.arrival_datetime range between interval 365 day preceding and current row) as integer)';

/** The facts, one row an event of silver. */
export function factFills({ fill, coded, codedOrNull, rows, context, dataAsOf }: Filler): GoldFill[] {
  const isDiagnosis = context.flagBit('sus_episodes', 'ICD10_LOOKS_LIKE_OPCS4');
  const sensitive = (code: string): string => isListed(code, context.sensitive);
  const bedUntil = `coalesce(s.discharge_date, ${dataAsOf} + 1)`;
  return [
    fill(
      factSpell,
      {
        spell_sk: event('sus_episodes', 'episode_id'),
        patient_no: 'p.patient_no',
        trust_code: 's.trust_code',
        specialty_code: coded('sus_episodes', 'specialty'),
        ward_code: coded('sus_episodes', 'ward_code'),
        admission_method: coded('sus_episodes', 'admission_method'),
        admission_source: codedOrNull('sus_episodes', 'admission_source'),
        discharge_destination: codedOrNull('sus_episodes', 'discharge_destination'),
        admission_date: 's.admission_date',
        discharge_date: 's.discharge_date',
        bed_until: bedUntil,
        los_days: 'cast(s.discharge_date - s.admission_date as integer)',
        in_census: `coalesce(s.hrg_code, '') <> 'PB03Z' and (${bedUntil} - s.admission_date <= 730 or coalesce(s.specialty, '') like '7%')`,
        is_emergency: "coalesce(s.admission_method like '2%', false)",
        primary_diagnosis: icd10('s.primary_diagnosis'),
        is_diagnosis: `s.primary_diagnosis is not null and (s._flags & ${isDiagnosis}) = 0`,
        is_sensitive: sensitive(icd10('s.primary_diagnosis')),
        secondary_diagnoses: codeList('s.secondary_diagnoses'),
        secondary_diagnoses_shown: masked(categories(codeList('s.secondary_diagnoses')), context.sensitive),
        primary_procedure: opcs4('s.primary_procedure'),
        secondary_procedures: codeList('s.secondary_procedures'),
        secondary_procedures_shown: categories(codeList('s.secondary_procedures')),
        hrg_code: coded('sus_episodes', 'hrg_code'),
        consultant_sk: keyed('staff', localNamespace, 's.consultant_code'),
        age_at_event: ageOn('p.date_of_birth', 's.admission_date'),
        batch_id: 's._batch',
      },
      `${rows('sus_episodes')} s ${patientKey}`,
      {
        dataset: 'sus_episodes',
        column: 'spell_sk',
        key: event('sus_episodes', 'episode_id'),
        day: 'admission_date',
      },
    ),
    fill(
      factEdAttendance,
      {
        attendance_sk: event('ecds_attendances', 'attendance_id'),
        patient_no: 'p.patient_no',
        trust_code: 's.trust_code',
        arrived_at: utc('s.arrival_datetime'),
        departed_at: utc('s.departure_datetime'),
        arrival_date: 'cast(s.arrival_datetime as date)',
        arrival_hour: 'cast(hour(s.arrival_datetime) as integer)',
        weekday: 'cast(isodow(s.arrival_datetime) as integer)',
        triage_category: coded('ecds_attendances', 'triage_category'),
        presenting_complaint: coded('ecds_attendances', 'presenting_complaint'),
        discharge_destination: coded('ecds_attendances', 'discharge_destination'),
        total_minutes: 'cast(s.total_time_mins as integer)',
        treatment_minutes: 'cast(s.time_to_treatment_mins as integer)',
        investigations: listed('s.investigations', investigationNames),
        reattended_7d: reattended('s.patient_id'),
        reattended_7d_same_trust: reattended('s.patient_id, s.trust_code'),
        attendances_365d: attendancesInYear,
        referred_to_specialist: 's.referred_to_specialist',
        safeguarding_concern: 's.safeguarding_concern',
        age_at_event: ageOn('p.date_of_birth', 'cast(s.arrival_datetime as date)'),
        batch_id: 's._batch',
      },
      `${rows('ecds_attendances')} s ${patientKey}`,
      {
        dataset: 'ecds_attendances',
        column: 'attendance_sk',
        key: event('ecds_attendances', 'attendance_id'),
        day: 'arrival_date',
      },
    ),
    fill(
      factReferral,
      {
        referral_sk: event('mhsds_referrals', 'referral_id'),
        patient_no: 'p.patient_no',
        referral_date: 's.referral_date',
        referral_source: coded('mhsds_referrals', 'referral_source'),
        primary_diagnosis: icd10('s.primary_diagnosis'),
        is_sensitive: sensitive(icd10('s.primary_diagnosis')),
        care_cluster: coded('mhsds_referrals', 'care_cluster'),
        urgency: coded('mhsds_referrals', 'urgency'),
        initial_honos: 'cast(s.initial_honos_score as integer)',
        latest_honos: 'cast(s.latest_honos_score as integer)',
        total_contacts: 'cast(s.total_contacts as integer)',
        first_contact_date: 's.first_contact_date',
        last_contact_date: 's.last_contact_date',
        discharge_date: 's.discharge_date',
        discharge_reason: codedOrNull('mhsds_referrals', 'discharge_reason'),
        risk_assessment: codedOrNull('mhsds_referrals', 'risk_assessment'),
        age_at_event: ageOn('p.date_of_birth', 's.referral_date'),
        batch_id: 's._batch',
      },
      `${rows('mhsds_referrals')} s ${patientKey}`,
      {
        dataset: 'mhsds_referrals',
        column: 'referral_sk',
        key: event('mhsds_referrals', 'referral_id'),
        day: 'referral_date',
      },
    ),
    fill(
      factContact,
      {
        contact_sk: event('csds_contacts', 'contact_id'),
        patient_no: 'p.patient_no',
        contact_date: 's.contact_date',
        service_type: coded('csds_contacts', 'service_type'),
        contact_setting: coded('csds_contacts', 'contact_setting'),
        contact_mode: codedOrNull('csds_contacts', 'contact_mode'),
        care_activity: codedOrNull('csds_contacts', 'care_activity'),
        duration_minutes: 'cast(s.contact_duration_mins as integer)',
        safeguarding_concern: 's.safeguarding_concern',
        professional_sk: keyed('staff', localNamespace, 's.care_professional'),
        age_at_event: ageOn('p.date_of_birth', 's.contact_date'),
        batch_id: 's._batch',
      },
      `${rows('csds_contacts')} s ${patientKey}`,
      {
        dataset: 'csds_contacts',
        column: 'contact_sk',
        key: event('csds_contacts', 'contact_id'),
        day: 'contact_date',
      },
    ),
    fill(
      factPrescription,
      {
        prescription_sk: event('prescriptions', 'prescription_id'),
        patient_no: 'p.patient_no',
        practice_code: coded('prescriptions', 'practice_code'),
        prescription_date: 's.prescription_date',
        bnf_code:
          "coalesce(case when regexp_full_match(s.bnf_code, '[0-9A-Z]{2,15}') then s.bnf_code end, 'unknown')",
        drug_code_system: codedOrNull('prescriptions', 'drug_code_system'),
        drug_code: plainCode('s.drug_code'),
        quantity: 'cast(s.quantity as integer)',
        daily_dose_mg: 's.daily_dose_mg',
        days_supply: 'cast(s.days_supply as integer)',
        net_ingredient_cost: 's.net_ingredient_cost',
        actual_cost: 's.actual_cost',
        items: 'cast(coalesce(s.prescription_items, 1) as integer)',
        prescriber_sk: keyed('staff', localNamespace, 's.prescriber_code'),
        age_at_event: ageOn('p.date_of_birth', 's.prescription_date'),
        batch_id: 's._batch',
      },
      `${rows('prescriptions')} s ${patientKey}`,
      {
        dataset: 'prescriptions',
        column: 'prescription_sk',
        key: event('prescriptions', 'prescription_id'),
        day: 'prescription_date',
      },
    ),
    fill(
      factCarePackage,
      {
        package_sk: event('social_care', 'package_id'),
        patient_no: 'p.patient_no',
        package_type: coded('social_care', 'package_type'),
        start_date: 's.start_date',
        end_date: 's.end_date',
        status: coded('social_care', 'status'),
        weekly_cost: 's.weekly_cost',
        assessment_outcome: codedOrNull('social_care', 'assessment_outcome'),
        hours_per_week: 's.hours_per_week',
        review_date: 's.review_date',
        age_at_event: ageOn('p.date_of_birth', 's.start_date'),
        batch_id: 's._batch',
      },
      `${rows('social_care')} s ${patientKey}`,
      {
        dataset: 'social_care',
        column: 'package_sk',
        key: event('social_care', 'package_id'),
        day: 'start_date',
      },
    ),
    fill(
      factPatientJourney,
      {
        patient_no: 'p.patient_no',
        journey_start_date: 's.journey_start_date',
        journey_end_date: 's.journey_end_date',
        total_events: 'cast(s.total_events as integer)',
        total_cost: 's.total_cost',
        integrated_care_episode: 's.integrated_care_episode',
        high_intensity: 's.high_intensity',
        batch_id: 's._batch',
      },
      `${rows('patient_journeys')} s ${patientKey}`,
      {
        dataset: 'patient_journeys',
        column: 'patient_no',
        key: patientNo,
        day: 'journey_start_date',
      },
    ),
  ];
}
