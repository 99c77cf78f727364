import { dimPatient, dimPractice, dimTrust } from '../../warehouse/gold/dimensions.js';
import {
  factCarePackage,
  factCondition,
  factContact,
  factEdAttendance,
  factObservation,
  factPatientJourney,
  factPrescription,
  factProcedure,
  factReferral,
  factSpell,
} from '../../warehouse/gold/facts.js';
import { dimPatientVersion, dimPracticeVersion, dimTrustVersion } from '../../warehouse/gold/versions.js';
import type { TableDeclaration } from '../../warehouse/table.js';
import type { Contract } from '../contracts/contract.js';
import type { CodeLists } from '../silver/rules.js';
import { name } from '../sql.js';
import {
  ageBand5,
  ageBand10,
  ageOn,
  code,
  codeList,
  ethnicGroup,
  icd10,
  keyed,
  localNamespace,
  member,
  opcs4,
  plainCode,
  unit,
  utc,
} from './expressions.js';

/** Where gold takes its rows from: relations of current rows, and `patient_key`. */
export interface GoldContext {
  /** Relation with the rows of a dataset that become rows of a fact: all current ones, or those that have moved. */
  rows(dataset: string): string;
  readonly contracts: ReadonlyMap<string, Contract>;
  readonly codeLists: CodeLists;
  /** Bit of a warning in `_flags` of a silver row; 0 where the dataset has no such rule. */
  flagBit(dataset: string, rule: string): number;
  /** Last day with data, `YYYY-MM-DD`. */
  readonly dataAsOf: string;
}

/** One table of gold: the select whose columns are those of the table, in order. */
export interface GoldFill {
  readonly table: TableDeclaration;
  readonly select: string;
  /** What the select gives for each column of the table, as SQL. */
  readonly columns: Readonly<Record<string, string>>;
  /** The select binds the two halves of the warehouse key. */
  readonly keyed: boolean;
  /** Of a fact: how its rows are found again by the keys of their dataset. A table without is made anew. */
  readonly fact?: FactOrigin;
}

/** `column` of a fact holds `key`, an expression over a row `s` that has the dataset's key column. */
export interface FactOrigin {
  readonly dataset: string;
  readonly column: string;
  readonly key: string;
  /** Column of the fact with the day of the event. */
  readonly day: string;
}

const trustColumns = {
  trust_code: 's.trust_code',
  trust_name: 's.trust_name',
  trust_type: 's.trust_type',
  region: 's.region',
  commissioner_code: 's.commissioner_code',
  beds: 'cast(s.beds as integer)',
  annual_income: 's.annual_income',
};

const practiceAttributes = {
  practice_name: 's.practice_name',
  list_size: 'cast(s.list_size as integer)',
  partners: 'cast(s.partners as integer)',
  commissioning_region: 's.commissioning_region',
};

/** Columns of a version beside its attributes; `s` is a row of `versions_<dataset>`. */
const versionColumns = {
  valid_from: 's.valid_from',
  valid_to: 's.valid_to',
  is_current: 's.is_current',
  batch_id: 's._batch',
};

const patientKey = 'join patient_key p on s.patient_id = p.patient_id';

/** The tables of gold that come row by row from silver. */
export function goldFills(context: GoldContext): GoldFill[] {
  const { codeLists } = context;
  const contractOf = (dataset: string): Contract => {
    const found = context.contracts.get(dataset);
    if (!found) throw new Error(`no contract for ${dataset}`);
    return found;
  };
  const dataAsOf = `DATE '${context.dataAsOf}'`;
  const fill = (
    table: TableDeclaration,
    columns: Readonly<Record<string, string>>,
    from: string,
    fact?: FactOrigin,
  ): GoldFill => {
    const names = Object.keys(table.columns);
    const missing = names.filter((column) => !(column in columns));
    if (missing.length > 0) throw new Error(`gold table ${table.name}: nothing fills ${missing.join(', ')}`);
    const select = `select ${names.map((column) => `${columns[column]} as ${name(column)}`).join(',\n  ')}\nfrom ${from}`;
    const order = table.sortedBy.length > 0 ? `\norder by ${table.sortedBy.map(name).join(', ')}` : '';
    return {
      table,
      select: `${select}${order}`,
      columns,
      keyed: select.includes('$inner'),
      ...(fact ? { fact } : {}),
    };
  };
  const event = (dataset: string, id: string): string =>
    keyed('event', `${localNamespace}/${dataset}`, `s.${id}`);
  const visit = keyed('event', `${localNamespace}/encounters`, 's.encounter_id');
  const coded = (dataset: string, column: string): string => member(contractOf(dataset), codeLists, column);
  const codedOrNull = (dataset: string, column: string): string =>
    code(contractOf(dataset), codeLists, column);
  const isDiagnosis = context.flagBit('sus_episodes', 'ICD10_LOOKS_LIKE_OPCS4');
  const bedUntil = `coalesce(s.discharge_date, ${dataAsOf} + 1)`;
  const reattended = (partition: string): string => {
    const before = `max(s.departure_datetime) over (partition by ${partition} order by s.arrival_datetime, s.attendance_id rows between unbounded preceding and 1 preceding)`;
    return `coalesce(s.arrival_datetime >= ${before} and s.arrival_datetime <= ${before} + interval 7 day, false)`;
  };
  // The age is written once and read by both bands.
  const aged = (relation: string): string =>
    `(select *, ${ageOn('date_of_birth', dataAsOf)} as _age from ${relation})`;
  const patientAttributes = {
    gender:
      "case when s.gender in ('M', 'F') then s.gender when s.gender = '1' then 'M' when s.gender = '2' then 'F' else 'U' end",
    age: 's._age',
    age_band_5: ageBand5('s._age'),
    age_band_10: ageBand10('s._age'),
    ethnic_group: ethnicGroup("coalesce(s.ethnicity, '')"),
    deprivation_quintile:
      'case when s.deprivation_decile between 1 and 10 then cast((s.deprivation_decile - 1) // 2 + 1 as integer) end',
    postcode_area: "nullif(regexp_extract(upper(s.postcode_district), '^([A-Z]{1,2})[0-9]', 1), '')",
    practice_code: coded('patients', 'registered_practice'),
    is_restricted: 'coalesce(s.restricted, false)',
  };

  return [
    fill(dimTrust, { ...trustColumns, batch_id: 's._batch' }, 'silver_trusts s'),
    fill(dimTrustVersion, { ...trustColumns, ...versionColumns }, 'versions_trusts s'),
    fill(
      dimPracticeVersion,
      { practice_code: 's.practice_code', ...practiceAttributes, ...versionColumns },
      'versions_practices s',
    ),
    fill(
      dimPractice,
      {
        practice_code: 'k.practice_code',
        ...practiceAttributes,
        is_inferred: 's.practice_code is null',
        batch_id: 's._batch',
      },
      `(select practice_code from silver_practices union select ${codedOrNull('patients', 'registered_practice')} from silver_patients s where registered_practice is not null union select ${codedOrNull('prescriptions', 'practice_code')} from silver_prescriptions s where practice_code is not null) k left join silver_practices s on k.practice_code = s.practice_code where k.practice_code is not null`,
    ),
    fill(
      dimPatient,
      { patient_no: 'p.patient_no', patient_sk: 'p.patient_sk', ...patientAttributes, batch_id: 's._batch' },
      `${aged('silver_patients')} s ${patientKey}`,
    ),
    fill(
      dimPatientVersion,
      { patient_no: 'p.patient_no', ...patientAttributes, ...versionColumns },
      `${aged('versions_patients')} s join patient_number p on s.patient_id = p.patient_id`,
    ),
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
        secondary_diagnoses: codeList('s.secondary_diagnoses'),
        primary_procedure: opcs4('s.primary_procedure'),
        secondary_procedures: codeList('s.secondary_procedures'),
        hrg_code: coded('sus_episodes', 'hrg_code'),
        consultant_sk: keyed('staff', localNamespace, 's.consultant_code'),
        age_at_event: ageOn('p.date_of_birth', 's.admission_date'),
        batch_id: 's._batch',
      },
      `${context.rows('sus_episodes')} s ${patientKey}`,
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
        reattended_7d: reattended('s.patient_id'),
        reattended_7d_same_trust: reattended('s.patient_id, s.trust_code'),
        referred_to_specialist: 's.referred_to_specialist',
        age_at_event: ageOn('p.date_of_birth', 'cast(s.arrival_datetime as date)'),
        batch_id: 's._batch',
      },
      `${context.rows('ecds_attendances')} s ${patientKey}`,
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
        care_cluster: coded('mhsds_referrals', 'care_cluster'),
        urgency: coded('mhsds_referrals', 'urgency'),
        initial_honos: 'cast(s.initial_honos_score as integer)',
        latest_honos: 'cast(s.latest_honos_score as integer)',
        total_contacts: 'cast(s.total_contacts as integer)',
        first_contact_date: 's.first_contact_date',
        last_contact_date: 's.last_contact_date',
        discharge_date: 's.discharge_date',
        discharge_reason: codedOrNull('mhsds_referrals', 'discharge_reason'),
        age_at_event: ageOn('p.date_of_birth', 's.referral_date'),
        batch_id: 's._batch',
      },
      `${context.rows('mhsds_referrals')} s ${patientKey}`,
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
        duration_minutes: 'cast(s.contact_duration_mins as integer)',
        professional_sk: keyed('staff', localNamespace, 's.care_professional'),
        age_at_event: ageOn('p.date_of_birth', 's.contact_date'),
        batch_id: 's._batch',
      },
      `${context.rows('csds_contacts')} s ${patientKey}`,
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
        net_ingredient_cost: 's.net_ingredient_cost',
        actual_cost: 's.actual_cost',
        items: 'cast(coalesce(s.prescription_items, 1) as integer)',
        prescriber_sk: keyed('staff', localNamespace, 's.prescriber_code'),
        age_at_event: ageOn('p.date_of_birth', 's.prescription_date'),
        batch_id: 's._batch',
      },
      `${context.rows('prescriptions')} s ${patientKey}`,
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
      `${context.rows('social_care')} s ${patientKey}`,
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
      `${context.rows('patient_journeys')} s ${patientKey}`,
      {
        dataset: 'patient_journeys',
        column: 'patient_no',
        key: '(select k.patient_no from patient_number k where k.patient_id = s.patient_id)',
        day: 'journey_start_date',
      },
    ),
    fill(
      factCondition,
      {
        condition_sk: event('conditions', 'condition_id'),
        patient_no: 'p.patient_no',
        visit_sk: visit,
        code_system: coded('conditions', 'code_system'),
        code: `coalesce(${plainCode('s.code')}, 'unknown')`,
        clinical_status: codedOrNull('conditions', 'clinical_status'),
        verification_status: codedOrNull('conditions', 'verification_status'),
        onset_date: 's.onset_date',
        abatement_date: 's.abatement_date',
        recorded_date: 's.recorded_date',
        age_at_event: ageOn('p.date_of_birth', 'coalesce(s.onset_date, s.recorded_date)'),
        batch_id: 's._batch',
      },
      `${context.rows('conditions')} s ${patientKey}`,
      {
        dataset: 'conditions',
        column: 'condition_sk',
        key: event('conditions', 'condition_id'),
        day: 'recorded_date',
      },
    ),
    fill(
      factProcedure,
      {
        procedure_sk: event('procedures', 'procedure_id'),
        patient_no: 'p.patient_no',
        visit_sk: visit,
        code_system: coded('procedures', 'code_system'),
        code: `coalesce(${plainCode('s.code')}, 'unknown')`,
        status: codedOrNull('procedures', 'status'),
        performed_date: 's.performed_date',
        performed_end_date: 's.performed_end_date',
        age_at_event: ageOn('p.date_of_birth', 's.performed_date'),
        batch_id: 's._batch',
      },
      `${context.rows('procedures')} s ${patientKey}`,
      {
        dataset: 'procedures',
        column: 'procedure_sk',
        key: event('procedures', 'procedure_id'),
        day: 'performed_date',
      },
    ),
    fill(
      factObservation,
      {
        observation_sk: event('observations', 'observation_id'),
        patient_no: 'p.patient_no',
        visit_sk: visit,
        code_system: coded('observations', 'code_system'),
        code: `coalesce(${plainCode('s.code')}, 'unknown')`,
        value: 's.value',
        unit: unit('s.unit'),
        observed_at: utc('s.effective_datetime'),
        observed_date: 'cast(s.effective_datetime as date)',
        age_at_event: ageOn('p.date_of_birth', 'cast(s.effective_datetime as date)'),
        batch_id: 's._batch',
      },
      `${context.rows('observations')} s ${patientKey}`,
      {
        dataset: 'observations',
        column: 'observation_sk',
        key: event('observations', 'observation_id'),
        day: 'observed_date',
      },
    ),
  ];
}
