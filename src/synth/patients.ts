import { districts, pickDistrict } from './geography.js';
import type { SynthPlan } from './options.js';
import { literal, pick } from './random.js';

/** Ages of the resident population of England, in bands of `[first, width]` and per mille. */
const ageBands = [
  [0, 5, 55],
  [5, 10, 118],
  [15, 10, 118],
  [25, 10, 135],
  [35, 10, 132],
  [45, 10, 129],
  [55, 10, 126],
  [65, 10, 99],
  [75, 10, 64],
  [85, 10, 22],
  [95, 6, 2],
] as const;

const ethnicityDeprived: ReadonlyArray<readonly [string, number]> = [
  ['A', 60],
  ['B', 1],
  ['C', 6],
  ['D', 2],
  ['E', 1],
  ['F', 1],
  ['G', 1],
  ['H', 3],
  ['J', 7],
  ['K', 3],
  ['L', 2],
  ['M', 3],
  ['N', 4],
  ['P', 1],
  ['R', 0.5],
  ['S', 2.5],
  ['Z', 2],
];
const ethnicityOther: ReadonlyArray<readonly [string, number]> = [
  ['A', 80],
  ['B', 1],
  ['C', 5],
  ['D', 0.7],
  ['E', 0.4],
  ['F', 0.8],
  ['G', 0.6],
  ['H', 3.5],
  ['J', 1.2],
  ['K', 0.5],
  ['L', 1.2],
  ['M', 0.8],
  ['N', 1],
  ['P', 0.3],
  ['R', 0.8],
  ['S', 0.7],
  ['Z', 1.5],
];

const faulty = (plan: SynthPlan, share: number): number => Math.min(1, share * plan.faultScale);

/**
 * Table `person` of one chunk of patients: who they are and the latent `frailty` (1 = average) that drives
 * stays, attendances, medicines and contacts alike, so that comorbid and frequent patients arise.
 */
export function personTable(plan: SynthPlan, from: number, to: number): string {
  const band = pick(
    "u('age-band', n, 0)",
    ageBands.map(([, , weight], i) => [i, weight]),
  );
  const firstAge = `[${ageBands.map(([first]) => first).join(', ')}]`;
  const width = `[${ageBands.map(([, years]) => years).join(', ')}]`;
  const towns = districts.length;
  return `CREATE OR REPLACE TEMP TABLE person AS
    WITH drawn AS (
      SELECT n, ${band} AS band, ${pickDistrict("u('district', n, 0)")} AS district_no FROM range(${from}, ${to}) AS r(n)
    ), placed AS (
      SELECT n, d.district_no, d.district,
             CAST(${firstAge}[1 + band] + floor(${width}[1 + band] * u('age', n, 0)) AS BIGINT) AS age,
             CAST(greatest(1, least(10, round(d.centre + 1.7 * z('decile', n, 0)))) AS BIGINT) AS decile
      FROM drawn JOIN district d USING (district_no)
    ), latent AS (
      SELECT *,
             ${pick("u('gender', n, 0)", [
               ['F', 505],
               ['M', 490],
               ['U', 5],
             ])} AS gender,
             DATE ${literal(plan.start)} - to_years(age::INTEGER) - to_days(CAST(floor(365 * u('birthday', n, 0)) AS INTEGER)) AS born,
             exp(0.6 * z('frailty', n, 0) - 0.18) * (1 + 0.05 * (5.5 - decile))
               * CASE WHEN age < 5 THEN 1.15 WHEN age < 16 THEN 0.5 WHEN age < 45 THEN 0.62 WHEN age < 65 THEN 0.85
                      WHEN age < 75 THEN 1.35 WHEN age < 85 THEN 2.2 ELSE 3.4 END
               * CASE WHEN u('frequent', n, 0) < 0.008 THEN 5 ELSE 1 END AS frailty
      FROM placed
    )
    SELECT n, 'PAT_' || lpad(n::VARCHAR, ${plan.idDigits}, '0') AS patient_id,
           nhs_number(n) AS true_nhs_number, CAST(born AS DATE) AS born, gender, age, decile, district, frailty,
           CASE WHEN age < 16 THEN 'child' WHEN age < 65 THEN 'adult' ELSE 'old' END AS age_group,
           CASE WHEN decile <= 4 THEN ${pick("u('ethnicity', n, 0)", ethnicityDeprived)}
                ELSE ${pick("u('ethnicity', n, 0)", ethnicityOther)} END AS ethnicity,
           -- Most people go to the trust of their district, one in eight elsewhere.
           CASE WHEN u('away', n, 0) < 0.12 THEN CAST(floor(${plan.trusts} * u('other-trust', n, 0)) AS INTEGER)
                ELSE CAST(floor((district_no + u('trust', n, 0)) * ${plan.trusts} / ${towns}) AS INTEGER) END AS home_trust,
           district_no + ${towns} * CAST(floor(((${plan.practices} - district_no + ${towns - 1}) // ${towns}) * u('practice', n, 0)) AS INTEGER) AS practice_no
    FROM latent`;
}

/** Table `has_condition(n, condition_id, icd10)`: long-term conditions by age, frailty and deprivation. */
export const conditionTable = `CREATE OR REPLACE TEMP TABLE has_condition AS
  SELECT p.n, c.condition_id, c.icd10
  FROM person p CROSS JOIN condition_rule c
  WHERE u('condition', p.n, c.condition_id)
        < least(0.9, c.prevalence / (1 + exp((c.onset - p.age) / 7.0))
                     * (0.55 + 0.45 * least(3, p.frailty)) * greatest(0.2, 1 + c.deprivation * (5.5 - p.decile)))
    AND NOT (c.icd10 IN ('N40X', 'C61X') AND p.gender <> 'M')`;

/** Rows of `patients` as delivered for the chunk: NHS numbers and practices may be lost or wrong. */
export function insertPatients(plan: SynthPlan): string {
  return `INSERT INTO patients
    SELECT 0 AS section, n, patient_id,
           CASE WHEN u('nhs-lost', n, 0) < ${faulty(plan, 0.025)} THEN 'INVALID'
                WHEN u('nhs-lost', n, 0) > ${1 - faulty(plan, 0.025)} THEN NULL
                ELSE true_nhs_number END AS nhs_number,
           born, gender, ethnicity, decile,
           CASE WHEN u('practice-lost', n, 0) < ${faulty(plan, 0.02)} THEN NULL
                WHEN u('practice-lost', n, 0) > ${1 - faulty(plan, 0.3)}
                  THEN 'Y' || lpad((practice_no % 1000)::VARCHAR, 5, '0')
                ELSE practice_code_of(practice_no) END AS registered_practice,
           age, DATE ${literal(plan.start)}, district, NULL AS fault
    FROM person`;
}

/** Surplus copies of patients, and patients that nobody can load; neither kind has events of its own. */
export function faultyPatients(plan: SynthPlan): string[] {
  if (plan.faultRate === 0) return [];
  const each = Math.max(1, Math.round(plan.patients * 0.0001 * plan.faultScale));
  const damaged: ReadonlyArray<readonly [fault: string, changes: string]> = [
    ['KEY_MISSING', 'NULL AS patient_id'],
    ['NEGATIVE_VALUE', '-1 AS age_at_start'],
    ['DATE_IMPLAUSIBLE#0001', "DATE '0001-01-01' AS date_of_birth"],
    ['DATE_IMPLAUSIBLE#1066', "DATE '1066-10-14' AS date_of_birth"],
    ...(plan.format === 'parquet' ? [] : ([['TYPE_INVALID', 'NULL AS deprivation_decile']] as const)),
  ];
  return [
    ...damaged.map(
      ([fault, change], i) => `INSERT INTO patients
        SELECT * REPLACE (${change})
        FROM (SELECT 1 AS section, ${i * each} + k AS n,
                     'PAT_8' || lpad((${i * each} + k)::VARCHAR, ${plan.idDigits}, '0') AS patient_id,
                     NULL::VARCHAR AS nhs_number, DATE ${literal(plan.start)} - to_years(40) AS date_of_birth,
                     'F' AS gender, 'A' AS ethnicity, 5::BIGINT AS deprivation_decile,
                     practice_code_of(0) AS registered_practice, 40::BIGINT AS age_at_start,
                     DATE ${literal(plan.start)} AS created_date, 'B1' AS postcode_district, '${fault}' AS fault
              FROM range(${each}) AS r(k))`,
    ),
    `INSERT INTO patients
     SELECT 2, n, patient_id,
            -- Half of the copies carry a mistyped number: an X behind it, as found in the field.
            CASE WHEN u('copy-conflict', n, 0) < 0.5 AND nhs_number <> 'INVALID' THEN nhs_number || 'X' ELSE nhs_number END,
            date_of_birth, gender, ethnicity, deprivation_decile, registered_practice, age_at_start, created_date,
            postcode_district, NULL
     FROM patients WHERE section = 0 AND (u('copy', n, 0) < ${faulty(plan, 0.08)} OR n IN (1, 2))
     ORDER BY n`,
  ];
}

/** Table `person_number`: the chunk with the NHS number as delivered, which every event of the person repeats. */
export const personNumberTable = `CREATE OR REPLACE TEMP TABLE person_number AS
  SELECT p.*, d.nhs_number AS delivered_number FROM person p JOIN patients d ON d.section = 0 AND d.n = p.n`;
