import type { SynthPlan } from './options.js';
import { commonFaults, type QuarantineFault, spoil } from './quarantine-faults.js';
import { literal, pick } from './random.js';

/** Days that one repeat prescription lasts. */
const repeatDays = 56;

const shortCourses: ReadonlyArray<readonly [string, number]> = [
  ['0501013B0AAABAB', 30],
  ['0501030I0AAABAB', 15],
  ['0501012G0AAABAB', 14],
  ['0501050B0AAADAD', 8],
  ['0501130R0AAAGAG', 12],
  ['0501080W0AAAEAE', 9],
  ['0603020T0AAACAC', 6],
  ['0407020C0AAAEAE', 6],
  ['1001010P0AAAEAE', 8],
  ['0304010I0AAAAAA', 5],
];

/** Pieces a day of one person's strong opioid, of a weak one, and of a short course of anything else. */
const strongOpioid: ReadonlyArray<readonly [number, number]> = [
  [2, 35],
  [4, 25],
  [6, 20],
  [12, 20],
];
const weakOpioid: ReadonlyArray<readonly [number, number]> = [
  [2, 25],
  [4, 55],
  [8, 20],
];
const shortCourseDoses = 3;
/** Taken once a week: a dose a day says nothing. */
const weekly = "('0606020A0', '1001030U0')";
/** Milligrams of a tablet or capsule by its name; null for what is measured otherwise, and for two in one. */
const strength =
  "TRY_CAST(regexp_extract(bnf_name, '^[A-Za-z ]+ ([0-9.]+)mg ([a-z-]+ )?(tablets|capsules)$', 1) AS DOUBLE)";

/**
 * Table `medicine(n, bnf_code, kind)`: what a person takes for long, from conditions and the hazardous pairs. A
 * person takes a medicine once, whatever the number of reasons for it.
 */
export const medicineTable = `CREATE OR REPLACE TEMP TABLE medicine AS
  SELECT DISTINCT n, bnf_code FROM (
    SELECT c.n, m.bnf_code FROM has_condition c JOIN medicine_rule m USING (condition_id)
    WHERE u(m.bnf_code, c.n, c.condition_id) < m.share
    UNION ALL
    SELECT p.n, unnest([h.first_code, h.second_code]) FROM person p CROSS JOIN hazardous_pair h
    WHERE p.age >= 30 AND (u('hazard', p.n, h.pair_id) < h.share OR p.n = 37 + 10 * h.pair_id)
  )`;

/** Rows of `prescriptions` for the chunk: repeats every eight weeks, and short courses. */
export function insertPrescriptions(plan: SynthPlan, rowsBefore: number): string {
  const first = `DATE ${literal(plan.start)}`;
  const last = `DATE ${literal(plan.end)}`;
  const source = `
    WITH course AS (
      SELECT n, bnf_code, 1 AS repeats, unnest(range(CAST(0 AS BIGINT), (${last} - ${first} + 1) // ${repeatDays} + 1)) AS i FROM medicine
      UNION ALL
      SELECT n, ${pick("u('short-course', n, i)", shortCourses)}, 0, i
      FROM (SELECT n, unnest(range(CAST(floor(${plan.years} * (0.35 + 0.35 * least(frailty, 4)) + u('short-courses', n, 0)) AS BIGINT))) AS i FROM person)
    ), issued AS (
      SELECT n, bnf_code, i, repeats,
             ${first} + CASE repeats WHEN 1 THEN ${repeatDays} * i::INTEGER + CAST(floor(${repeatDays} * u('repeat-day', n, hash(bnf_code) % 1000000)) AS INTEGER)
                             ELSE CAST(floor((${last} - ${first} + 1) * u('course-day', n, i)) AS INTEGER) END AS issue_date
      FROM course
    ), taken AS (
      SELECT s.*, hash(s.bnf_code, s.repeats, s.i) % 1000000007 AS v, b.bnf_name, b.unit_price,
             CASE WHEN s.bnf_code LIKE '0407020Q0%' THEN ${pick("u('strong-doses', n, 0)", strongOpioid)}
                  WHEN s.bnf_code LIKE '040702%' THEN ${pick("u('weak-doses', n, 0)", weakOpioid)}
                  WHEN repeats = 1 THEN 1 ELSE ${shortCourseDoses} END AS doses
      FROM issued s JOIN medicine_price b USING (bnf_code) LEFT JOIN death d USING (n)
      WHERE issue_date <= ${last} AND (d.died IS NULL OR issue_date <= d.died)
    ), priced AS (
      SELECT *, CASE repeats WHEN 1 THEN ${repeatDays} * doses ELSE ${pick("u('quantity', n, v)", [
        [14, 3],
        [21, 4],
        [28, 2],
        [10, 1],
      ])} END AS pieces FROM taken
      WHERE repeats = 0 OR u('collected', n, v) < 0.94
    )
    SELECT n, born,
           ${rowsBefore} + row_number() OVER (ORDER BY n, issue_date, bnf_code, repeats, i) AS row_no,
           'RX' || lpad((${rowsBefore} + row_number() OVER (ORDER BY n, issue_date, bnf_code, repeats, i))::VARCHAR, 10, '0') AS prescription_id,
           patient_id, delivered_number AS nhs_number,
           practice_code_of(CASE WHEN u('other-practice', n, v) < 0.02 THEN CAST(floor(${plan.practices} * u('which-practice', n, v)) AS INTEGER) ELSE practice_no END) AS practice_code,
           CAST(issue_date AS DATE) AS prescription_date, bnf_code, bnf_name, CAST(pieces AS BIGINT) AS quantity,
           round(pieces * unit_price, 2) AS net_ingredient_cost,
           -- Average discount and container allowance: actual cost lies a little below the list price.
           round(pieces * unit_price * 0.935 + 0.03, 2) AS actual_cost,
           'PR' || (100000 + (hash(practice_no, CAST(floor(5 * u('prescriber', n, v)) AS INTEGER)) % 900000)::BIGINT) AS prescriber_code,
           1::BIGINT AS prescription_items,
           CASE WHEN left(bnf_code, 9) NOT IN ${weekly} THEN doses * ${strength} END AS daily_dose_mg,
           CAST(ceil(pieces / doses) AS BIGINT) AS days_supply
    FROM priced JOIN person_number USING (n)`;
  const faults: QuarantineFault[] = [
    ...commonFaults(plan, 'prescription_id', 'quantity'),
    { rule: 'DATE_IMPLAUSIBLE', variant: '9999', set: { prescription_date: "DATE '9999-12-31'" } },
    { rule: 'BIRTH_AFTER_EVENT', set: { prescription_date: 'born - 10' } },
  ];
  return `INSERT INTO prescriptions
    SELECT n, row_no, fault, prescription_id, patient_id, nhs_number, practice_code, prescription_date, bnf_code, bnf_name, quantity,
           net_ingredient_cost, actual_cost, prescriber_code, prescription_items, daily_dose_mg, days_supply
    FROM (${spoil(plan, 'rx', source, faults)}) ORDER BY row_no`;
}
