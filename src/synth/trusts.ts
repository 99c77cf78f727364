import { districts } from './geography.js';
import type { SynthPlan } from './options.js';
import { literal } from './random.js';

const commissioners: Readonly<Record<string, string>> = {
  Birmingham: 'QHL',
  Coventry: 'QWU',
  Rugby: 'QWU',
  'Leamington Spa': 'QWU',
  Derby: 'QJ2',
  Leicester: 'QK1',
  Manchester: 'QOP',
  Nottingham: 'QT1',
  Oxford: 'QU9',
};

/**
 * Table `trusts`: acute trusts of the towns. Their beds follow from the delivered spells, so that mean midnight
 * occupancy over the period is 91 to 94 % (but for rounding to whole beds), ordinary weeks run at 85 to 98 % and winter above.
 */
export function trustTable(plan: SynthPlan): string {
  const first = `DATE ${literal(plan.start)}`;
  const last = `DATE ${literal(plan.end)}`;
  const commissioner = Object.entries(commissioners).map(
    ([town, code]) => `WHEN ${literal(town)} THEN ${literal(code)}`,
  );
  return `CREATE OR REPLACE TABLE trusts AS
    WITH bed_days AS (
      SELECT trust_code, sum(greatest(0, least(coalesce(discharge_date, ${last} + 1), ${last} + 1) - greatest(admission_date, ${first}))) AS days
      FROM sus_episodes WHERE fault IS NULL GROUP BY trust_code
    ), needed AS (
      SELECT i, d.town, d.region,
             -- The running sum is rounded, not each trust, so that the beds of small trusts add up to the right whole.
             CAST(round(sum(coalesce(b.days, 0) / (${last} - ${first} + 1) / (0.91 + 0.03 * u('occupancy', i, 0))) OVER (ORDER BY i)) AS BIGINT) AS running
      FROM range(${plan.trusts}) AS r(i)
      JOIN district d ON d.district_no = (i * ${districts.length}) // ${plan.trusts}
      LEFT JOIN bed_days b ON b.trust_code = trust_code_of(i)
    ), based AS (
      SELECT *, trust_code_of(i) AS trust_code, greatest(1, running - coalesce(lag(running) OVER (ORDER BY i), 0)) AS beds FROM needed
    )
    SELECT i + 1 AS row_no, NULL::VARCHAR AS fault, trust_code,
           town || ' ' || ['University Hospitals', 'General Hospitals', 'Teaching Hospitals', 'Royal Infirmary'][1 + i % 4] || ' '
             || ['Foundation Trust', 'Trust'][1 + i % 2] || CASE WHEN i >= 40 THEN ' ' || (i // 40 + 1) ELSE '' END AS trust_name,
           ['Foundation Trust', 'NHS Trust'][1 + i % 2] AS trust_type, region,
           CASE town ${commissioner.join(' ')} END AS commissioner_code, beds,
           beds * 480000 + 1000 * CAST(floor(9000 * u('income', i, 0)) AS BIGINT) AS annual_income
    FROM based ORDER BY i`;
}
