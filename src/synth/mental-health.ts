import type { SynthPlan } from './options.js';
import { commonFaults, type QuarantineFault, spoil } from './quarantine-faults.js';
import { literal, pick } from './random.js';

/**
 * Rows of `mhsds_referrals` for the chunk. HoNOS improves by about five points, but one referral in five gets
 * worse. What lies behind the period or a death is not known yet, or did not happen.
 */
export function insertReferrals(plan: SynthPlan, rowsBefore: number): string {
  const first = `DATE ${literal(plan.start)}`;
  const last = `DATE ${literal(plan.end)}`;
  const share = (p: number): number => Math.min(0.9, p * plan.faultScale);
  const source = `
    WITH troubled AS (
      SELECT p.n, p.age, p.frailty, least(1.2, 0.035 * (1 + 0.06 * (5.5 - p.decile)) + 0.28 * coalesce(c.mental, 0)) AS yearly
      FROM person p LEFT JOIN (SELECT n, count(*) AS mental FROM has_condition WHERE icd10 IN ('F329', 'F419', 'F319', 'F102') GROUP BY n) c USING (n)
      WHERE age >= 10
    ), referred AS (
      SELECT n, v, ${first} + CAST(floor((${last} - ${first} + 1) * u('referral', n, v)) AS INTEGER) AS referral_date,
             ${pick("u('urgency', n, v)", [
               ['Routine', 70],
               ['Urgent', 22],
               ['Emergency', 8],
             ])} AS urgency,
             ${pick("u('mh-diagnosis', n, v)", [
               ['F322', 18],
               ['F411', 20],
               ['F419', 16],
               ['F431', 12],
               ['F319', 9],
               ['F209', 8],
               ['F102', 9],
               ['F603', 8],
             ])} AS icd10,
             CAST(greatest(6, least(40, round(17 + 5.5 * z('honos', n, v)))) AS BIGINT) AS initial_score
      FROM (SELECT n, unnest(range(CAST(floor(${plan.years} * yearly + u('referrals', n, 0)) AS BIGINT))) AS v FROM troubled)
    ), treated AS (
      SELECT r.*, d.died,
             referral_date + CAST(least(200, floor(CASE urgency WHEN 'Emergency' THEN 1 WHEN 'Urgent' THEN 7 ELSE 28 END
                                              * exp(0.6 * z('mh-wait', n, v)))) AS INTEGER) AS first_seen,
             CAST(1 + floor(-9 * ln(1 - u('mh-contacts', n, v))) AS BIGINT) AS planned_contacts,
             CAST(greatest(0, least(48, initial_score + round(-4.5 + 5.3 * z('honos-change', n, v)))) AS BIGINT) AS later_score
      FROM referred r LEFT JOIN death d USING (n)
      WHERE d.died IS NULL OR referral_date <= d.died
    ), followed AS (
      SELECT *, least(${last}, coalesce(died, ${last})) AS known_until, CAST(first_seen + 12 * (planned_contacts - 1)::INTEGER AS DATE) AS planned_last FROM treated
    ), known AS (
      SELECT *, first_seen <= known_until AS seen,
             CASE WHEN planned_last <= known_until THEN planned_contacts ELSE 1 + (known_until - first_seen) // 12 END AS had_contacts,
             planned_last + 14 + CAST(floor(30 * u('mh-closing', n, v)) AS INTEGER) AS closing,
             died IS NULL AND u('late-referral', n, v) < ${share(0.004)} AS late
      FROM followed
    ), delivered AS (
      SELECT *, CASE WHEN late THEN ${last} + 1 + (n % 5)::INTEGER ELSE referral_date END AS given_referral,
             closing <= known_until OR (died IS NULL AND NOT late AND seen AND u('mh-late-discharge', n, v) < ${share(0.4)}) AS closed
      FROM known
    )
    SELECT n, v, born,
           ${rowsBefore} + row_number() OVER (ORDER BY n, given_referral, v) AS row_no,
           'MH' || lpad((${rowsBefore} + row_number() OVER (ORDER BY n, given_referral, v))::VARCHAR, 9, '0') AS referral_id,
           patient_id, delivered_number AS nhs_number, CAST(given_referral AS DATE) AS referral_date,
           ${pick("u('mh-source', n, v)", [
             ['A01', 62],
             ['A02', 16],
             ['A03', 10],
             ['A04', 6],
             ['A05', 3],
             ['A06', 3],
           ])} AS referral_source,
           CASE WHEN u('mh-truncated', n, v) < ${share(0.85)} THEN left(icd10, 3) ELSE icd10 END AS primary_diagnosis,
           CAST(${pick("u('cluster', n, v)", [
             [1, 20],
             [2, 24],
             [3, 26],
             [4, 15],
             [11, 9],
             [12, 6],
           ])} AS BIGINT) AS care_cluster, urgency,
           initial_score AS initial_honos_score, CASE WHEN seen AND NOT late AND had_contacts >= 2 THEN later_score END AS latest_honos_score,
           CAST(CASE WHEN seen AND NOT late THEN had_contacts ELSE 0 END AS BIGINT) AS total_contacts,
           CAST(CASE WHEN seen AND NOT late THEN first_seen END AS DATE) AS first_contact_date,
           CAST(CASE WHEN seen AND NOT late THEN first_seen + 12 * (had_contacts - 1)::INTEGER END AS DATE) AS last_contact_date,
           CAST(CASE WHEN closed AND NOT late THEN closing END AS DATE) AS discharge_date,
           CASE WHEN closed AND NOT late THEN ${pick("u('mh-reason', n, v)", [
             ['Treatment completed', 55],
             ['Stepped down', 20],
             ['DNA', 17],
             ['Moved area', 8],
           ])} END AS discharge_reason,
           ${pick("u('risk', n, v)", [
             ['Low', 50],
             ['Medium', 37],
             ['High', 13],
           ])} AS risk_assessment
    FROM delivered JOIN person_number USING (n)`;
  const noLaterDates = {
    first_contact_date: 'NULL',
    last_contact_date: 'NULL',
    discharge_date: 'NULL',
    discharge_reason: 'NULL',
  };
  const faults: QuarantineFault[] = [
    { rule: 'REFERRAL_DATE_ORDER', variant: 'contact', set: { first_contact_date: 'referral_date - 3' } },
    { rule: 'REFERRAL_DATE_ORDER', variant: 'discharge', set: { discharge_date: 'referral_date - 1' } },
    ...commonFaults(plan, 'referral_id', 'total_contacts'),
    {
      rule: 'DATE_IMPLAUSIBLE',
      variant: '9999',
      set: { referral_date: "DATE '9999-01-01'", ...noLaterDates },
    },
    { rule: 'BIRTH_AFTER_EVENT', set: { referral_date: 'born - 10', ...noLaterDates } },
  ];
  return `INSERT INTO mhsds_referrals
    SELECT n, row_no, fault, referral_id, patient_id, nhs_number, referral_date, referral_source, primary_diagnosis, care_cluster, urgency,
           initial_honos_score, latest_honos_score, total_contacts, first_contact_date, last_contact_date, discharge_date,
           discharge_reason, risk_assessment
    FROM (${spoil(plan, 'mhsds', source, faults)}) ORDER BY row_no`;
}
