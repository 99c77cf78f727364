import { datasets } from './datasets.js';
import type { SynthPlan } from './options.js';

/** A rule of the domain definition 1.4 as a query: one row (`row_no`) for each violation in the delivered file. */
export interface Rule {
  readonly dataset: string;
  readonly rule: string;
  readonly column?: string;
  readonly rows: string;
  /** Figures that the definition states beside the count; each a query of one number over `found`. */
  readonly parts?: Readonly<Record<string, string>>;
}

const facts = datasets
  .filter((one) => !['patients', 'trusts', 'practices', 'patient_journeys'].includes(one.name))
  .map((one) => one.name);

/** Rules whose rows carry the mark of the spoiler; at most one a row. */
function quarantineRules(plan: SynthPlan): Rule[] {
  const of = (dataset: string, rule: string, column?: string): Rule => ({
    dataset,
    rule,
    ...(column === undefined ? {} : { column }),
    rows: `SELECT row_no, fault AS detail FROM ${dataset} WHERE split_part(fault, '#', 1) = '${rule}'`,
  });
  const everywhere = ['patients', ...facts];
  const keyed = datasets.filter((one) => everywhere.includes(one.name) || one.name === 'practices');
  return [
    ...keyed.map((one) => of(one.name, 'KEY_MISSING', one.key)),
    of('sus_episodes', 'SUS_DISCHARGE_BEFORE_ADMISSION', 'discharge_date'),
    of('ecds_attendances', 'ED_DEPARTURE_NOT_AFTER_ARRIVAL', 'departure_datetime'),
    of('mhsds_referrals', 'REFERRAL_DATE_ORDER'),
    of('social_care', 'PACKAGE_END_BEFORE_START', 'end_date'),
    of('sus_episodes', 'ORPHAN_TRUST', 'trust_code'),
    of('ecds_attendances', 'ORPHAN_TRUST', 'trust_code'),
    ...facts.map((name) => of(name, 'ORPHAN_PATIENT', 'patient_id')),
    ...facts.map((name) => of(name, 'BIRTH_AFTER_EVENT')),
    ...[...everywhere, 'practices'].map((name) => of(name, 'NEGATIVE_VALUE')),
    ...everywhere.map((name) => of(name, 'DATE_IMPLAUSIBLE')),
    ...(plan.format === 'parquet'
      ? []
      : keyed.flatMap((one) =>
          one.mistypedColumn === undefined ? [] : [of(one.name, 'TYPE_INVALID', one.mistypedColumn)],
        )),
  ];
}

const operationCodes = "('H01', 'J27', 'T87', 'W37')";

function spellRules(): Rule[] {
  const of = (rule: string, column: string, condition: string): Rule => ({
    dataset: 'sus_episodes',
    rule,
    column,
    rows: `SELECT row_no FROM sus_episodes WHERE ${condition}`,
  });
  return [
    of('DIAGNOSIS_INVALID', 'primary_diagnosis', "primary_diagnosis = 'INVALID'"),
    of(
      'ICD10_LOOKS_LIKE_OPCS4',
      'primary_diagnosis',
      `admission_method LIKE '1%' AND primary_diagnosis IN ${operationCodes}`,
    ),
    of(
      'ICD10_TRUNCATED',
      'primary_diagnosis',
      `length(primary_diagnosis) = 3 AND primary_diagnosis NOT IN ${operationCodes}`,
    ),
    of('HRG_ROOT', 'hrg_code', "regexp_full_match(hrg_code, '[A-Z]{2}[0-9]{2}')"),
    of('ADMISSION_SOURCE_UNKNOWN', 'admission_source', "admission_source = '01'"),
    of(
      'SECONDARY_REPEATED',
      'secondary_diagnoses',
      "len(string_split(secondary_diagnoses, ',')) > len(list_distinct(string_split(secondary_diagnoses, ',')))",
    ),
    of(
      'PROCEDURE_REPEATED',
      'secondary_procedures',
      "list_contains(string_split(secondary_procedures, ','), primary_procedure)",
    ),
    of('SECONDARY_EMPTY', 'secondary_diagnoses', "secondary_diagnoses = ''"),
    of('SECONDARY_MISSING', 'secondary_diagnoses', 'secondary_diagnoses IS NULL'),
    of('WARD_MISSING', 'ward_code', 'ward_code IS NULL'),
    of('PROCEDURE_MISSING', 'primary_procedure', 'primary_procedure IS NULL'),
    of(
      'SUS_DISCHARGE_BEFORE_FIRST_DAY',
      'discharge_date',
      'discharge_date < (SELECT min(admission_date) FROM sus_episodes WHERE fault IS NULL)',
    ),
    of(
      'SPELL_SAME_DAY',
      'admission_date',
      'row_no IN (SELECT row_no FROM sus_episodes QUALIFY row_number() OVER (PARTITION BY patient_id, admission_date ORDER BY row_no) > 1)',
    ),
    {
      dataset: 'sus_episodes',
      rule: 'SPELL_OVERLAP',
      rows: `SELECT b.row_no, a.row_no AS other_row, a.patient_id, a.trust_code <> b.trust_code AS two_trusts
             FROM sus_episodes a JOIN sus_episodes b ON a.patient_id = b.patient_id AND a.row_no < b.row_no
             WHERE a.discharge_date >= a.admission_date AND b.discharge_date >= b.admission_date
               AND a.admission_date < b.discharge_date AND b.admission_date < a.discharge_date`,
      parts: {
        patients: 'count(DISTINCT patient_id)',
        pairsInTwoTrusts: 'count(*) FILTER (WHERE two_trusts)',
      },
    },
    {
      dataset: 'sus_episodes',
      rule: 'EVENT_AFTER_DEATH',
      column: 'admission_date',
      rows: `SELECT row_no FROM sus_episodes JOIN (
               SELECT patient_id, min(discharge_date) AS died FROM sus_episodes
               WHERE discharge_destination = '79' AND discharge_date >= admission_date GROUP BY patient_id
             ) USING (patient_id) WHERE admission_date > died`,
    },
  ];
}

function attendanceRules(): Rule[] {
  const of = (rule: string, column: string, rows: string): Rule => ({
    dataset: 'ecds_attendances',
    rule,
    column,
    rows,
  });
  return [
    of(
      'ED_TREATED_AFTER_LEAVING',
      'time_to_treatment_mins',
      'SELECT row_no FROM ecds_attendances WHERE time_to_treatment_mins > total_time_mins',
    ),
    of(
      'ED_OVERLAP',
      'arrival_datetime',
      `SELECT row_no FROM (
        SELECT row_no, arrival_datetime, max(departure_datetime) OVER (PARTITION BY patient_id ORDER BY arrival_datetime, row_no
          ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS latest FROM ecds_attendances) WHERE arrival_datetime < latest`,
    ),
    // On the days of change the clocks move at 01:00 UTC; wall-clock times are compared, as the source gives no zone.
    of(
      'ED_CROSSES_CLOCK_CHANGE',
      'departure_datetime',
      `SELECT row_no FROM ecds_attendances JOIN clock_change
        ON day BETWEEN CAST(arrival_datetime AS DATE) AND CAST(departure_datetime AS DATE)
        WHERE arrival_datetime < day + INTERVAL 1 HOUR AND departure_datetime > day + INTERVAL 1 HOUR`,
    ),
    of(
      'ED_LOCAL_TIME_MISSING',
      'arrival_datetime',
      `SELECT row_no FROM ecds_attendances JOIN clock_change
        ON spring AND day = CAST(arrival_datetime AS DATE) WHERE hour(arrival_datetime) = 1`,
    ),
  ];
}

function referenceRules(): Rule[] {
  const numbers = ['patients', ...facts].flatMap((dataset): Rule[] => {
    const parts = dataset === 'patients' ? { parts: { keptRows: 'count(*) FILTER (WHERE kept)' } } : {};
    const column = dataset === 'patients' ? ', section = 0 AS kept' : '';
    return [
      {
        dataset,
        rule: 'NHS_NUMBER_INVALID',
        column: 'nhs_number',
        rows: `SELECT row_no${column} FROM ${dataset} WHERE nhs_number = 'INVALID'`,
        ...parts,
      },
      {
        dataset,
        rule: 'NHS_NUMBER_MISSING',
        column: 'nhs_number',
        rows: `SELECT row_no${column} FROM ${dataset} WHERE nhs_number IS NULL`,
        ...parts,
      },
    ];
  });
  const kept = { keptRows: 'count(*) FILTER (WHERE kept)' };
  return [
    ...numbers,
    {
      dataset: 'patients',
      rule: 'PATIENT_DUPLICATE',
      column: 'nhs_number',
      rows: `SELECT c.row_no, c.nhs_number IS DISTINCT FROM p.nhs_number AS conflicting
             FROM patients c JOIN patients p ON p.section = 0 AND p.n = c.n WHERE c.section = 2`,
      parts: {
        identical: 'count(*) FILTER (WHERE NOT conflicting)',
        conflicting: 'count(*) FILTER (WHERE conflicting)',
      },
    },
    {
      dataset: 'patients',
      rule: 'PRACTICE_ORPHAN',
      column: 'registered_practice',
      parts: kept,
      rows: `SELECT row_no, section = 0 AS kept FROM patients WHERE registered_practice IS NOT NULL
             AND registered_practice NOT IN (SELECT practice_code FROM practices WHERE practice_code IS NOT NULL)`,
    },
    {
      dataset: 'patients',
      rule: 'PRACTICE_MISSING',
      column: 'registered_practice',
      parts: kept,
      rows: 'SELECT row_no, section = 0 AS kept FROM patients WHERE registered_practice IS NULL',
    },
    {
      dataset: 'practices',
      rule: 'PRACTICE_DUPLICATE',
      column: 'practice_name',
      rows: 'SELECT row_no FROM practices WHERE section = 1',
    },
    {
      dataset: 'prescriptions',
      rule: 'PRESCRIPTION_OTHER_PRACTICE',
      column: 'practice_code',
      rows: 'SELECT r.row_no FROM prescriptions r JOIN patients p ON p.section = 0 AND p.patient_id = r.patient_id WHERE r.practice_code IS DISTINCT FROM p.registered_practice',
    },
  ];
}

function dataEndRules(): Rule[] {
  const columns: Readonly<Record<string, readonly string[]>> = {
    sus_episodes: ['discharge_date'],
    mhsds_referrals: ['discharge_date', 'referral_date'],
    csds_contacts: ['contact_date'],
    social_care: ['end_date'],
  };
  return Object.entries(columns).map(([dataset, dates]) => ({
    dataset,
    rule: 'EVENT_AFTER_DATA_END',
    rows: dates
      .map(
        (date) =>
          `SELECT row_no, '${date}' AS detail FROM ${dataset} WHERE ${date} > (SELECT day FROM data_end)`,
      )
      .join(' UNION ALL '),
    ...(dates.length > 1
      ? {
          parts: Object.fromEntries(
            dates.map((date) => [date, `count(*) FILTER (WHERE detail = '${date}')`]),
          ),
        }
      : {}),
  }));
}

/** Every rule that a load must find in the delivery, quarantine rules first. */
export function rules(plan: SynthPlan): Rule[] {
  return [
    ...quarantineRules(plan),
    ...spellRules(),
    ...attendanceRules(),
    ...referenceRules(),
    ...dataEndRules(),
  ];
}

/** The latest admission or arrival of the delivery; the definitions call it dataEnd. */
export const dataEndTable = `CREATE OR REPLACE TABLE data_end AS
  SELECT greatest(
    (SELECT max(admission_date) FROM sus_episodes WHERE fault IS NULL),
    (SELECT max(CAST(arrival_datetime AS DATE)) FROM ecds_attendances WHERE fault IS NULL)) AS day`;
