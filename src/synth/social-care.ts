import type { SynthPlan } from './options.js';
import { commonFaults, type QuarantineFault, spoil } from './quarantine-faults.js';
import { literal, pick } from './random.js';

/** Rows of `social_care` for the chunk: packages of frail people; a package ends with a death. */
export function insertPackages(plan: SynthPlan, rowsBefore: number): string {
  const first = `DATE ${literal(plan.start)}`;
  const last = `DATE ${literal(plan.end)}`;
  const late = Math.min(0.9, 0.2 * plan.faultScale);
  const names: ReadonlyArray<readonly [string, string, number]> = [
    ['HOMECARE', 'Home care', 420],
    ['DAYCARE', 'Day care', 180],
    ['RESIDENTIAL', 'Residential care', 850],
    ['NURSING', 'Nursing care', 1050],
    ['EQUIPMENT', 'Equipment', 25],
    ['DIRECT_PAYMENT', 'Direct payment', 340],
  ];
  const caseOf = (value: (row: (typeof names)[number]) => string): string =>
    `CASE package_type ${names.map((row) => `WHEN ${literal(row[0])} THEN ${value(row)}`).join(' ')} END`;
  const source = `
    WITH needed AS (
      SELECT n, v, frailty, age_group,
             ${pick("u('package', n, v)", [
               ['HOMECARE', 45],
               ['DAYCARE', 12],
               ['RESIDENTIAL', 12],
               ['NURSING', 8],
               ['EQUIPMENT', 15],
               ['DIRECT_PAYMENT', 8],
             ])} AS package_type,
             ${first} + CAST(floor((${last} - ${first} + 1) * u('package-start', n, v)) AS INTEGER) AS start_date,
             CAST(28 + floor(-200 * ln(1 - u('package-length', n, v))) AS INTEGER) AS length
      FROM (SELECT n, frailty, age_group, unnest(range(CAST(floor(${plan.years} * least(1, CASE age_group WHEN 'old' THEN 0.05 * frailty WHEN 'adult' THEN 0.012 * frailty ELSE 0.003 END) + u('packages', n, 0)) AS BIGINT))) AS v
            FROM person)
    ), ended AS (
      SELECT p.*, d.died, least(start_date + length, coalesce(d.died, start_date + length)) AS planned_end
      FROM needed p LEFT JOIN death d USING (n) WHERE d.died IS NULL OR start_date <= d.died
    ), known AS (
      SELECT *, CASE WHEN planned_end <= ${last} OR u('planned-end', n, v) < ${late} THEN planned_end END AS known_end FROM ended
    )
    SELECT n, v, born,
           ${rowsBefore} + row_number() OVER (ORDER BY n, start_date, v) AS row_no,
           'SC' || lpad((${rowsBefore} + row_number() OVER (ORDER BY n, start_date, v))::VARCHAR, 9, '0') AS package_id,
           patient_id, delivered_number AS nhs_number, package_type, ${caseOf(([, name]) => literal(name))} AS package_name,
           CAST(start_date AS DATE) AS start_date, CAST(known_end AS DATE) AS end_date,
           CASE WHEN known_end <= ${last} THEN 'Completed' ELSE 'Active' END AS status,
           CAST(round(${caseOf(([, , cost]) => String(cost))} * exp(0.2 * z('weekly', n, v))) AS BIGINT) AS weekly_cost,
           ${pick("u('need', n, v)", [
             ['LOW', 15],
             ['MODERATE', 35],
             ['SUBSTANTIAL', 35],
             ['CRITICAL', 15],
           ])} AS assessment_outcome,
           'Provider_' || (1 + CAST(floor(50 * u('provider', n, v)) AS INTEGER)) AS care_provider,
           CASE WHEN package_type = 'HOMECARE' THEN floor(4 + 30 * u('hours', n, v)) END AS hours_per_week,
           -- Some reviews are done late: the date of the next one then lies in the past.
           CAST(CASE WHEN known_end IS NOT NULL THEN start_date + 84
                WHEN u('overdue', n, v) < 0.3 THEN ${last} - 1 - CAST(floor(90 * u('overdue-days', n, v)) AS INTEGER)
                ELSE ${last} + 1 + CAST(floor(180 * u('review', n, v)) AS INTEGER) END AS DATE) AS review_date
    FROM known JOIN person_number USING (n)`;
  const faults: QuarantineFault[] = [
    { rule: 'PACKAGE_END_BEFORE_START', set: { end_date: 'start_date - 7' } },
    ...commonFaults(plan, 'package_id', 'weekly_cost'),
    { rule: 'DATE_IMPLAUSIBLE', variant: '0001', set: { review_date: "DATE '0001-01-01'" } },
    { rule: 'DATE_IMPLAUSIBLE', variant: '9999', set: { start_date: "DATE '9999-01-01'", end_date: 'NULL' } },
    { rule: 'BIRTH_AFTER_EVENT', set: { start_date: 'born - 30', end_date: 'born - 10' } },
  ];
  return `INSERT INTO social_care
    SELECT n, row_no, fault, package_id, patient_id, nhs_number, package_type, package_name, start_date, end_date, status, weekly_cost,
           assessment_outcome, care_provider, hours_per_week, review_date
    FROM (${spoil(plan, 'social', source, faults)}) ORDER BY row_no`;
}
