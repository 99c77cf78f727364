/** The ten source tables: delivered columns in order, with their DuckDB types (domain definition 1.1). */
export interface Dataset {
  readonly name: string;
  readonly key: string;
  readonly columns: ReadonlyArray<readonly [name: string, type: string]>;
  /** Column that a text delivery fills with a word where a number belongs (rule TYPE_INVALID). */
  readonly mistypedColumn?: string;
  /** The table ends with `created_timestamp`, a load clock that rises with the row. */
  readonly stamped: boolean;
}

function dataset(
  name: string,
  columns: string,
  options: { stamped?: boolean; mistypedColumn?: string } = {},
): Dataset {
  const list = columns
    .trim()
    .split(/\s*,\s*/)
    .map((column) => {
      const [columnName = '', type = 'VARCHAR'] = column.split(' ');
      return [columnName, type] as const;
    });
  const [key] = list.map(([columnName]) => columnName);
  return { name, key: key ?? '', columns: list, stamped: true, ...options };
}

export const datasets: readonly Dataset[] = [
  dataset(
    'patients',
    `patient_id, nhs_number, date_of_birth DATE, gender, ethnicity, deprivation_decile BIGINT, registered_practice,
     age_at_start BIGINT, created_date DATE, postcode_district`,
    { stamped: false, mistypedColumn: 'deprivation_decile' },
  ),
  dataset(
    'trusts',
    'trust_code, trust_name, trust_type, region, commissioner_code, beds BIGINT, annual_income BIGINT',
    { stamped: false },
  ),
  dataset(
    'practices',
    'practice_code, practice_name, list_size BIGINT, partners BIGINT, commissioning_region, postcode_district',
    { stamped: false },
  ),
  dataset(
    'sus_episodes',
    `episode_id, patient_id, nhs_number, trust_code, admission_date DATE, discharge_date DATE, admission_method, admission_source,
     discharge_destination, length_of_stay BIGINT, primary_diagnosis, secondary_diagnoses, primary_procedure, secondary_procedures,
     hrg_code, consultant_code, specialty, ward_code`,
    { mistypedColumn: 'length_of_stay' },
  ),
  dataset(
    'ecds_attendances',
    `attendance_id, patient_id, nhs_number, trust_code, arrival_datetime TIMESTAMP, departure_datetime TIMESTAMP, triage_category BIGINT,
     presenting_complaint, discharge_destination, time_to_treatment_mins BIGINT, total_time_mins BIGINT, investigations,
     referred_to_specialist BOOLEAN, safeguarding_concern BOOLEAN`,
    { mistypedColumn: 'time_to_treatment_mins' },
  ),
  dataset(
    'mhsds_referrals',
    `referral_id, patient_id, nhs_number, referral_date DATE, referral_source, primary_diagnosis, care_cluster BIGINT, urgency,
     initial_honos_score BIGINT, latest_honos_score BIGINT, total_contacts BIGINT, first_contact_date DATE, last_contact_date DATE,
     discharge_date DATE, discharge_reason, risk_assessment`,
    { mistypedColumn: 'total_contacts' },
  ),
  dataset(
    'csds_contacts',
    `contact_id, patient_id, nhs_number, contact_date DATE, service_type, service_name, care_professional, contact_setting,
     contact_duration_mins BIGINT, contact_mode, care_activity, onward_referral BOOLEAN, safeguarding_concern BOOLEAN`,
    { mistypedColumn: 'contact_duration_mins' },
  ),
  dataset(
    'prescriptions',
    `prescription_id, patient_id, nhs_number, practice_code, prescription_date DATE, bnf_code, bnf_name, quantity BIGINT,
     net_ingredient_cost DOUBLE, actual_cost DOUBLE, prescriber_code, prescription_items BIGINT, daily_dose_mg DOUBLE, days_supply BIGINT`,
    { mistypedColumn: 'quantity' },
  ),
  dataset(
    'social_care',
    `package_id, patient_id, nhs_number, package_type, package_name, start_date DATE, end_date DATE, status, weekly_cost BIGINT,
     assessment_outcome, care_provider, hours_per_week DOUBLE, review_date DATE`,
    { mistypedColumn: 'weekly_cost' },
  ),
  dataset(
    'patient_journeys',
    `patient_id, journey_start_date DATE, journey_end_date DATE, total_events BIGINT, total_cost DOUBLE, care_settings_used,
     care_transitions, integrated_care_episode BOOLEAN, high_intensity BOOLEAN`,
  ),
];

/**
 * Working tables: the delivered columns after the ordinal of the patient, the row number in the file and the
 * fault that quarantines the row. `patients` has its row numbers only when all of it is there.
 */
export function workingTables(): string[] {
  return datasets
    .filter((one) => one.name !== 'trusts' && one.name !== 'practices')
    .map((one) => {
      const columns = one.columns.map(([name, type]) => `${name} ${type}`).join(', ');
      return one.name === 'patients'
        ? `CREATE TABLE patients (section INTEGER, n BIGINT, ${columns}, fault VARCHAR)`
        : `CREATE TABLE ${one.name} (n BIGINT, row_no BIGINT, fault VARCHAR, ${columns})`;
    });
}
