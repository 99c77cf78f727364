import { specialties } from './case-mix.js';
import type { SynthPlan } from './options.js';
import { commonFaults, type QuarantineFault, spoil } from './quarantine-faults.js';
import { literal, pick } from './random.js';
import { warmUpDays } from './visits.js';

/** Values of `secondary_diagnoses`: long-term conditions of the person, and complications of long stays. */
const secondaryCodes = `
  SELECT s.n, s.v, list(code ORDER BY rank, code) AS codes
  FROM (
    SELECT s.n, s.v, c.icd10 AS code, u('secondary', s.n, s.v + 1000000 * c.condition_id) AS rank
    FROM stay s JOIN has_condition c ON c.n = s.n AND c.icd10 <> s.icd10
    WHERE u('coded', s.n, s.v + 1000000 * c.condition_id) < 0.75
    UNION ALL
    SELECT s.n, s.v, x.code, 0.1 + x.share AS rank
    FROM stay s, (VALUES ('N179', 0.12), ('F059', 0.1), ('E871', 0.08), ('L970', 0.03), ('J690', 0.03)) AS x(code, share)
    WHERE s.nights >= 5 AND s.icd10 <> x.code AND u(x.code, s.n, s.v) < x.share * least(2.5, s.frailty)
  ) AS s GROUP BY s.n, s.v`;

/**
 * Table `stay`: hospital stays of the chunk, and, at a fault rate, stays that should not be there: overlapping
 * ones, second admissions on a day, admissions after death. `v` above 500,000 marks them.
 */
export function stayTable(plan: SynthPlan): string {
  const share = (p: number): number => Math.min(0.9, p * plan.faultScale);
  const last = `DATE ${literal(plan.end)}`;
  const extra =
    plan.faultRate === 0
      ? ''
      : `
      UNION ALL
      SELECT * REPLACE (v + 500000 AS v, admission_date + 1 AS admission_date, discharge_date + 1 AS discharge_date,
                        CASE WHEN u('overlap-trust', n, v) < 0.9 THEN (trust_no + 1) % ${plan.trusts} ELSE trust_no END AS trust_no)
      FROM clean WHERE nights >= 2 AND NOT fatal AND discharge_date + 1 <= ${last} AND u('overlap', n, v) < ${share(0.12)}
      UNION ALL
      SELECT * REPLACE (v + 600000 AS v, admission_date AS discharge_date, 0 AS nights)
      FROM clean WHERE nights >= 1 AND NOT fatal AND u('same-day-again', n, v) < ${share(0.014)}
      UNION ALL
      SELECT * REPLACE (v + 700000 AS v, discharge_date + 9 AS admission_date, discharge_date + 9 + nights AS discharge_date, FALSE AS fatal)
      FROM clean WHERE fatal AND discharge_date + 9 <= ${last} AND u('after-death', n, v) < ${share(0.6)}`;
  return `CREATE OR REPLACE TEMP TABLE stay AS
    WITH clean AS (
      SELECT n, v, kind, trust_no, admission_date, discharge_date, nights, admission_type, icd10, specialty, hrg, procedure, fatal, frailty
      FROM visit
      -- As in a real extract, stays that began before the first day are missing.
      WHERE admitted AND admission_date BETWEEN DATE ${literal(plan.start)} AND ${last}
    )
    SELECT * FROM clean${extra}`;
}

/** Rows of `sus_episodes` for the chunk, with coding faults, then with faults that quarantine a row. */
export function insertSpells(plan: SynthPlan, rowsBefore: number): string {
  const share = (p: number): number => Math.min(0.95, p * plan.faultScale);
  const last = `DATE ${literal(plan.end)}`;
  const beforeFirst = `DATE ${literal(plan.start)} - ${warmUpDays + 1}`;
  const operations = pick("u('opcs-as-icd', n, v)", [
    ['W37', 1],
    ['J27', 1],
    ['H01', 1],
    ['T87', 1],
  ]);
  const source = `
    WITH secondary AS (${secondaryCodes}), known AS (
      SELECT s.*, p.patient_id, p.born, p.delivered_number AS nhs_number,
             -- A stay that outlasts the period is open; at a fault rate some discharges are known in advance.
             CASE WHEN discharge_date <= ${last}
                    OR (discharge_date <= ${last} + 30 AND u('planned-discharge', s.n, s.v) < ${share(0.5)})
                  THEN discharge_date END AS known_discharge,
             list_slice(x.codes, 1, 5) AS codes
      FROM stay s JOIN person_number p ON p.n = s.n LEFT JOIN secondary x ON x.n = s.n AND x.v = s.v
    )
    SELECT n, v, born,
           ${rowsBefore} + row_number() OVER (ORDER BY n, admission_date, v) AS row_no,
           'EP' || lpad((${rowsBefore} + row_number() OVER (ORDER BY n, admission_date, v))::VARCHAR, 9, '0') AS episode_id,
           patient_id, nhs_number, trust_code_of(trust_no) AS trust_code, admission_date, known_discharge AS discharge_date,
           method AS admission_method,
           CASE WHEN method IN ('21', '28') AND u('source-fault', n, v) < ${share(0.5)} THEN '01'
                WHEN method = '2B' THEN '51'
                WHEN u('from-care-home', n, v) < 0.012 * least(frailty, 6) AND admission_type = 'emergency' THEN '65' ELSE '19' END AS admission_source,
           CASE WHEN known_discharge IS NULL THEN NULL WHEN fatal THEN '79'
                ELSE ${pick("u('destination', n, v)", [
                  ['19', 925],
                  ['65', 28],
                  ['54', 10],
                  ['51', 15],
                  ['87', 12],
                  ['88', 4],
                  ['29', 6],
                ])} END AS discharge_destination,
           CAST(CASE WHEN known_discharge IS NOT NULL THEN nights END AS BIGINT) AS length_of_stay,
           CASE WHEN u('diagnosis-fault', n, v) < ${share(0.037)} THEN 'INVALID'
                WHEN admission_type = 'elective' AND u('operation-fault', n, v) < ${share(0.85)} THEN ${operations}
                WHEN u('truncated', n, v) < ${share(0.85)} THEN left(icd10, 3)
                ELSE icd10 END AS primary_diagnosis,
           CASE WHEN codes IS NULL THEN CASE WHEN u('empty-text', n, v) < ${share(0.5)} THEN '' END
                ELSE array_to_string(codes, ',') || CASE WHEN u('repeated-code', n, v) < ${share(0.04)} THEN ',' || codes[1] ELSE '' END END AS secondary_diagnoses,
           operation AS primary_procedure,
           CASE WHEN operation IS NULL THEN NULL
                WHEN u('repeated-operation', n, v) < ${share(0.1)} THEN operation || ',Z943'
                WHEN u('second-operation', n, v) < 0.25 THEN ${pick("u('side', n, v)", [
                  ['Z942', 1],
                  ['Z943', 1],
                  ['Y981', 1],
                ])} END AS secondary_procedures,
           CASE WHEN u('hrg-root', n, v) < ${share(0.85)} THEN left(hrg, 4) ELSE hrg END AS hrg_code,
           'C' || (1000000 + (hash(trust_no, specialty, CAST(floor(6 * u('consultant', n, v)) AS INTEGER)) % 9000000)::BIGINT) AS consultant_code,
           specialty,
           CASE WHEN u('ward-lost', n, v) < ${share(0.16)} THEN NULL
                ELSE 'W' || (5 + 5 * list_position([${specialties.map(literal).join(', ')}], specialty) + CAST(floor(3 * u('ward', n, v)) AS INTEGER)) END AS ward_code
    FROM (
      SELECT *,
             CASE admission_type WHEN 'elective' THEN ${pick("u('elective-method', n, v)", [
               ['11', 55],
               ['12', 30],
               ['13', 15],
             ])}
                  WHEN 'maternity' THEN ${pick("u('maternity-method', n, v)", [
                    ['31', 90],
                    ['32', 10],
                  ])}
                  ELSE CASE WHEN kind = 'ed' THEN '21' ELSE ${pick("u('direct-method', n, v)", [
                    ['22', 50],
                    ['23', 15],
                    ['24', 20],
                    ['28', 8],
                    ['2B', 7],
                  ])} END END AS method,
             CASE WHEN u('operation-lost', n, v) < ${share(0.2)} THEN NULL ELSE procedure END AS operation
      FROM known)`;
  const faults: QuarantineFault[] = [
    {
      rule: 'SUS_DISCHARGE_BEFORE_ADMISSION',
      share: 0.0165,
      set: {
        discharge_date: 'admission_date - 1',
        discharge_destination: "coalesce(discharge_destination, '19')",
      },
    },
    {
      // Admitted before anybody else of the delivery: the stay would also end before its first day.
      rule: 'SUS_DISCHARGE_BEFORE_ADMISSION',
      variant: 'first-day',
      set: {
        admission_date: `CASE WHEN born < ${beforeFirst} - 1 THEN ${beforeFirst} ELSE admission_date END`,
        discharge_date: `CASE WHEN born < ${beforeFirst} - 1 THEN ${beforeFirst} ELSE admission_date END - 1`,
        discharge_destination: "coalesce(discharge_destination, '19')",
      },
    },
    ...commonFaults(plan, 'episode_id', 'length_of_stay'),
    { rule: 'ORPHAN_TRUST', set: { trust_code: "'RZZ'" } },
    {
      rule: 'DATE_IMPLAUSIBLE',
      variant: '9999',
      set: { admission_date: "DATE '9999-01-01'", discharge_date: "DATE '9999-01-05'", length_of_stay: '4' },
    },
    {
      rule: 'BIRTH_AFTER_EVENT',
      set: {
        admission_date: 'CAST(born - 10 - coalesce(length_of_stay, 0)::INTEGER AS DATE)',
        discharge_date: 'born - 10',
        length_of_stay: 'coalesce(length_of_stay, 0)',
      },
    },
  ];
  return `INSERT INTO sus_episodes
    SELECT n, row_no, fault, episode_id, patient_id, nhs_number, trust_code, admission_date, discharge_date, admission_method,
           admission_source, discharge_destination, length_of_stay, primary_diagnosis, secondary_diagnoses, primary_procedure,
           secondary_procedures, hrg_code, consultant_code, specialty, ward_code
    FROM (${spoil(plan, 'sus', source, faults)}) ORDER BY row_no`;
}
