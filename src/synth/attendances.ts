import type { SynthPlan } from './options.js';
import { commonFaults, type QuarantineFault, spoil } from './quarantine-faults.js';
import { literal, pick } from './random.js';

const complaints: ReadonlyArray<readonly [string, number]> = [
  ['Abdominal pain', 12],
  ['Chest pain', 13],
  ['Shortness of breath', 9],
  ['Limb problems', 12],
  ['Wounds', 8],
  ['Head injury', 7],
  ['Back pain', 5],
  ['Collapse', 5],
  ['Mental health', 5],
  ['Fever', 6],
  ['Fall', 6],
  ['Headache', 3],
  ['Urinary problems', 3],
  ['Allergic reaction', 1],
  ['Other', 12],
];
const investigations: ReadonlyArray<readonly [string, number]> = [
  ['', 40],
  ['Blood tests', 20],
  ['X-ray', 12],
  ['Blood tests,X-ray', 10],
  ['Blood tests,ECG', 8],
  ['Blood tests,CT scan', 5],
  ['CT scan', 2],
  ['Blood tests,X-ray,CT scan', 2],
  ['ECG', 1],
];

/** Rows of `ecds_attendances` for the chunk. */
export function insertAttendances(plan: SynthPlan, rowsBefore: number): string {
  const share = (p: number): number => Math.min(0.9, p * plan.faultScale);
  const extra =
    plan.faultRate === 0
      ? ''
      : `
      UNION ALL
      -- A second arrival during a stay in the department.
      SELECT * REPLACE (v + 500000 AS v, arrival + to_minutes(total_mins // 2) AS arrival, departure + to_minutes(total_mins // 2) AS departure, FALSE AS admitted)
      FROM clean WHERE NOT fatal AND u('ed-overlap', n, v) < ${share(0.0024)}
      UNION ALL
      -- An arrival at a local time that the clocks skip.
      SELECT c.* REPLACE (v + 600000 AS v, day + INTERVAL 75 MINUTE AS arrival, day + INTERVAL 75 MINUTE + to_minutes(total_mins) AS departure, FALSE AS admitted, FALSE AS fatal)
      FROM clean c JOIN clock_change ON spring AND day BETWEEN DATE ${literal(plan.start)} AND DATE ${literal(plan.end)}
      WHERE NOT EXISTS (FROM death d WHERE d.n = c.n) AND NOT EXISTS (FROM clean o WHERE o.n = c.n AND o.v < c.v)
        AND (c.n % 1000 = 11 OR u('skipped-hour', c.n, 0) < ${share(0.0004)})`;
  const source = `
    WITH clean AS (
      SELECT n, v, arrival, departure, total_mins, triage, admitted, fatal, trust_no, frailty FROM visit
      WHERE kind = 'ed' AND CAST(arrival AS DATE) >= DATE ${literal(plan.start)}
    ), attended AS (
      SELECT * FROM clean${extra}
    ), ended AS (
      SELECT a.*, p.patient_id, p.born, p.delivered_number AS nhs_number,
             CASE WHEN admitted THEN '02' WHEN fatal THEN '04' WHEN u('ed-left', n, v) < 0.05 THEN '05'
                  WHEN u('ed-transfer', n, v) < 0.02 THEN '03' ELSE '01' END AS destination,
             CAST(least(total_mins, round([4, 22, 62, 70, 75][triage] * exp(0.7 * z('treated', n, v)))) AS BIGINT) AS treated_mins,
             ${pick("u('investigations', n, v)", investigations)} AS tests
      FROM attended a JOIN person_number p USING (n)
    )
    SELECT n, v, born,
           ${rowsBefore} + row_number() OVER (ORDER BY n, arrival, v) AS row_no,
           'ATT' || lpad((${rowsBefore} + row_number() OVER (ORDER BY n, arrival, v))::VARCHAR, 9, '0') AS attendance_id,
           patient_id, nhs_number, trust_code_of(trust_no) AS trust_code, arrival AS arrival_datetime, departure AS departure_datetime,
           CAST(triage AS BIGINT) AS triage_category, ${pick("u('complaint', n, v)", complaints)} AS presenting_complaint,
           destination AS discharge_destination,
           CASE WHEN u('treated-fault', n, v) < ${share(0.168)} THEN total_mins + 1 + CAST(floor(60 * u('treated-late', n, v)) AS BIGINT)
                WHEN destination = '05' AND u('untreated', n, v) < 0.6 THEN NULL
                ELSE treated_mins END AS time_to_treatment_mins,
           total_mins AS total_time_mins, nullif(tests, '') AS investigations,
           u('specialist', n, v) < CASE WHEN destination = '02' THEN 0.7 ELSE 0.12 END AS referred_to_specialist,
           u('safeguarding', n, v) < 0.03 AS safeguarding_concern
    FROM ended`;
  const faults: QuarantineFault[] = [
    {
      rule: 'ED_DEPARTURE_NOT_AFTER_ARRIVAL',
      set: { departure_datetime: 'arrival_datetime - INTERVAL 30 MINUTE' },
    },
    ...commonFaults(plan, 'attendance_id', 'time_to_treatment_mins'),
    { rule: 'ORPHAN_TRUST', set: { trust_code: "'RZZ'" } },
    {
      rule: 'DATE_IMPLAUSIBLE',
      variant: '9999',
      set: {
        arrival_datetime: "TIMESTAMP '9999-01-01 10:00:00'",
        departure_datetime: "TIMESTAMP '9999-01-01 10:00:00' + to_minutes(total_time_mins)",
      },
    },
    {
      rule: 'BIRTH_AFTER_EVENT',
      set: {
        arrival_datetime: 'CAST(born AS TIMESTAMP) - INTERVAL 240 HOUR',
        departure_datetime: 'CAST(born AS TIMESTAMP) - INTERVAL 240 HOUR + to_minutes(total_time_mins)',
      },
    },
  ];
  return `INSERT INTO ecds_attendances
    SELECT n, row_no, fault, attendance_id, patient_id, nhs_number, trust_code, arrival_datetime, departure_datetime, triage_category,
           presenting_complaint, discharge_destination, time_to_treatment_mins, total_time_mins, investigations,
           referred_to_specialist, safeguarding_concern
    FROM (${spoil(plan, 'ecds', source, faults)}) ORDER BY row_no`;
}
