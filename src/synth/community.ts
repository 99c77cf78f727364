import type { SynthPlan } from './options.js';
import { commonFaults, type QuarantineFault, spoil } from './quarantine-faults.js';
import { literal, pick } from './random.js';

const services: ReadonlyArray<readonly [code: string, name: string]> = [
  ['N01', 'District nursing'],
  ['N02', 'Health visiting'],
  ['N03', 'Community mental health'],
  ['N04', 'Specialist nursing'],
  ['A01', 'Physiotherapy'],
  ['A02', 'Occupational therapy'],
  ['A03', 'Speech and language therapy'],
  ['A04', 'Dietitian'],
];

/**
 * Rows of `csds_contacts` for the chunk: a caseload is a run of contacts of one service, mostly for frail people
 * and infants, with a few professionals in charge.
 */
export function insertContacts(plan: SynthPlan, rowsBefore: number): string {
  const first = `DATE ${literal(plan.start)}`;
  const last = `DATE ${literal(plan.end)}`;
  const serviceName = `CASE service ${services.map(([code, name]) => `WHEN ${literal(code)} THEN ${literal(name)}`).join(' ')} END`;
  const late = Math.min(0.2, 0.003 * plan.faultScale);
  const source = `
    WITH caseload AS (
      SELECT n, v, CASE age_group
               WHEN 'old' THEN ${pick("u('service', n, v)", [
                 ['N01', 50],
                 ['A01', 20],
                 ['A02', 15],
                 ['N04', 8],
                 ['A04', 5],
                 ['A03', 2],
               ])}
               WHEN 'child' THEN ${pick("u('service', n, v)", [
                 ['N02', 60],
                 ['A03', 25],
                 ['A01', 5],
                 ['A04', 10],
               ])}
               ELSE ${pick("u('service', n, v)", [
                 ['A01', 45],
                 ['N03', 20],
                 ['A04', 12],
                 ['N04', 13],
                 ['A02', 10],
               ])} END AS service,
             ${first} + CAST(floor((${last} - ${first} + 1) * u('caseload', n, v)) AS INTEGER) AS began,
             CAST(1 + floor(-3 * ln(1 - u('contacts', n, v)) * least(3, 0.5 + frailty / 2)) AS BIGINT) AS contacts
      FROM (SELECT n, age_group, frailty, unnest(range(CAST(floor(${plan.years} * least(2, CASE WHEN age < 2 THEN 0.8 ELSE 0.055 * frailty END) + u('caseloads', n, 0)) AS BIGINT))) AS v
            FROM person)
    ), contact AS (
      SELECT n, 1000 * v + i AS v, service, began + to_days(CAST(i * 9 + floor(5 * u('contact-day', n, 1000 * v + i)) AS INTEGER)) AS day,
             CAST(floor(3 * u('professional', n, 1000 * v + i)) AS INTEGER) AS professional
      FROM (SELECT n, v, service, began, unnest(range(contacts)) AS i FROM caseload)
    ), dated AS (
      SELECT c.* REPLACE (CAST(CASE WHEN d.died IS NULL AND u('late-contact', c.n, v) < ${late} THEN ${last} + 1 + (v % 3)::INTEGER ELSE day END AS DATE) AS day), d.died, CAST(c.day AS DATE) AS planned
      FROM contact c LEFT JOIN death d ON d.n = c.n
    )
    SELECT n, v, born,
           ${rowsBefore} + row_number() OVER (ORDER BY n, day, v) AS row_no,
           'CS' || lpad((${rowsBefore} + row_number() OVER (ORDER BY n, day, v))::VARCHAR, 9, '0') AS contact_id,
           patient_id, delivered_number AS nhs_number, day AS contact_date, service AS service_type, ${serviceName} AS service_name,
           'CP' || (1000 + (hash(practice_no, service, professional) % 9000)::BIGINT) AS care_professional,
           CASE age_group WHEN 'child' THEN ${pick("u('setting', n, v)", [
             ['01', 45],
             ['02', 35],
             ['04', 20],
           ])}
                ELSE ${pick("u('setting', n, v)", [
                  ['01', 50],
                  ['02', 30],
                  ['03', 15],
                  ['05', 5],
                ])} END AS contact_setting,
           CAST(15 + 5 * floor(15 * pow(u('duration', n, v), 2)) AS BIGINT) AS contact_duration_mins,
           ${pick("u('mode', n, v)", [
             ['Face to face', 75],
             ['Telephone', 18],
             ['Video call', 7],
           ])} AS contact_mode,
           ${pick("u('activity', n, v)", [
             ['Treatment', 50],
             ['Assessment', 20],
             ['Review', 22],
             ['Discharge planning', 8],
           ])} AS care_activity,
           u('onward', n, v) < 0.12 AS onward_referral, u('contact-safeguarding', n, v) < 0.02 AS safeguarding_concern
    FROM dated JOIN person_number USING (n)
    WHERE planned <= ${last} AND (died IS NULL OR planned <= died)`;
  const faults: QuarantineFault[] = [
    ...commonFaults(plan, 'contact_id', 'contact_duration_mins'),
    { rule: 'DATE_IMPLAUSIBLE', variant: '9999', set: { contact_date: "DATE '9999-12-31'" } },
    { rule: 'BIRTH_AFTER_EVENT', set: { contact_date: 'born - 10' } },
  ];
  return `INSERT INTO csds_contacts
    SELECT n, row_no, fault, contact_id, patient_id, nhs_number, contact_date, service_type, service_name, care_professional,
           contact_setting, contact_duration_mins, contact_mode, care_activity, onward_referral, safeguarding_concern
    FROM (${spoil(plan, 'csds', source, faults)}) ORDER BY row_no`;
}
