import type { SynthPlan } from './options.js';
import { literal, pick } from './random.js';

interface District {
  readonly district: string;
  readonly town: string;
  readonly region: string;
  /** Centre of the deprivation deciles of its patients; 1 is most deprived. */
  readonly decile: number;
  readonly weight: number;
}

/** Post districts: the decile of a patient scatters around that of the district, it does not equal it. */
export const districts: readonly District[] = [
  { district: 'B1', town: 'Birmingham', region: 'Midlands', decile: 3.5, weight: 5 },
  { district: 'B15', town: 'Birmingham', region: 'Midlands', decile: 6.5, weight: 5 },
  { district: 'B28', town: 'Birmingham', region: 'Midlands', decile: 5.5, weight: 5 },
  { district: 'B44', town: 'Birmingham', region: 'Midlands', decile: 1.5, weight: 6 },
  { district: 'CV1', town: 'Coventry', region: 'Midlands', decile: 3, weight: 5 },
  { district: 'CV21', town: 'Rugby', region: 'Midlands', decile: 6, weight: 4 },
  { district: 'CV31', town: 'Leamington Spa', region: 'Midlands', decile: 7.5, weight: 4 },
  { district: 'DE1', town: 'Derby', region: 'Midlands', decile: 2.5, weight: 5 },
  { district: 'LE1', town: 'Leicester', region: 'Midlands', decile: 2, weight: 5 },
  { district: 'LE2', town: 'Leicester', region: 'Midlands', decile: 5.5, weight: 6 },
  { district: 'LE4', town: 'Leicester', region: 'Midlands', decile: 3.5, weight: 6 },
  { district: 'LE5', town: 'Leicester', region: 'Midlands', decile: 3, weight: 6 },
  { district: 'M1', town: 'Manchester', region: 'North', decile: 3, weight: 5 },
  { district: 'M14', town: 'Manchester', region: 'North', decile: 1.5, weight: 6 },
  { district: 'M20', town: 'Manchester', region: 'North', decile: 8, weight: 5 },
  { district: 'NG1', town: 'Nottingham', region: 'Midlands', decile: 4, weight: 4 },
  { district: 'NG7', town: 'Nottingham', region: 'Midlands', decile: 2, weight: 6 },
  { district: 'NG11', town: 'Nottingham', region: 'Midlands', decile: 8.5, weight: 5 },
  { district: 'OX1', town: 'Oxford', region: 'South', decile: 7.5, weight: 4 },
  { district: 'OX2', town: 'Oxford', region: 'South', decile: 9.5, weight: 3 },
];

/** Macros that turn ordinals into codes: trust RAA, RAB …; practice M81001 … */
export const codeMacros: readonly string[] = [
  `CREATE OR REPLACE MACRO trust_code_of(i) AS 'R' || chr((65 + i // 26)::INTEGER) || chr((65 + i % 26)::INTEGER)`,
  `CREATE OR REPLACE MACRO practice_code_of(i) AS 'M' || (81001 + i)`,
];

/** Table `district(district_no, district, town, region, centre)`. */
export function districtTable(): string {
  const rows = districts.map(
    (d, i) => `(${i}, ${literal(d.district)}, ${literal(d.town)}, ${literal(d.region)}, ${d.decile})`,
  );
  return `CREATE OR REPLACE TABLE district AS
    FROM (VALUES ${rows.join(', ')}) AS t(district_no, district, town, region, centre)`;
}

/** Draws a district's ordinal. */
export const pickDistrict = (draw: string): string =>
  pick(
    draw,
    districts.map((d, i) => [i, d.weight]),
  );

const surnames = [
  'Ahmed',
  'Baker',
  'Begum',
  'Clarke',
  'Davies',
  'Evans',
  'Foster',
  'Green',
  'Hughes',
  'Iqbal',
  'Jones',
  'Khan',
  'Lewis',
  'Morgan',
  'Nolan',
  'Osborne',
  'Patel',
  'Quinn',
  'Roberts',
  'Shah',
  'Taylor',
  'Usman',
  'Vaughan',
  'Wilson',
  'Young',
];

/**
 * Table `practice`: a practice belongs to the district of its ordinal modulo the number of districts, so that
 * a patient's practice follows from the patient's district by arithmetic. `fault` marks rows that are
 * faulty on purpose; they have codes that no patient is registered with.
 */
export function practiceTable(plan: SynthPlan): string {
  const names = `[${surnames.map(literal).join(', ')}]`;
  const faulty =
    plan.faultRate === 0
      ? ''
      : `
    UNION ALL
    SELECT 1, i, practice_code, 'Dr ' || ${names}[1 + (i * 7 % ${surnames.length})] || ' & Colleagues', list_size,
           partners, commissioning_region, postcode_district, NULL
    FROM clean WHERE i = 0 OR u('practice-duplicate', i, 0) < ${0.02 * plan.faultScale}
    UNION ALL
    SELECT 2, 0, NULL, 'Dr Unknown & Partners', 5000, 3, 'Leicester', 'LE1', 'KEY_MISSING'
    UNION ALL
    SELECT 2, 1, 'Y99001', 'Dr Minus & Partners', -5000, 3, 'Leicester', 'LE1', 'NEGATIVE_VALUE'`;
  return `CREATE OR REPLACE TABLE practices AS
    WITH clean AS (
      SELECT i, practice_code_of(i) AS practice_code,
             'Dr ' || ${names}[1 + CAST(floor(${surnames.length} * u('practice-name', i, 0)) AS INTEGER)] || ' & Partners' AS practice_name,
             CAST(2500 + floor(12000 * u('list-size', i, 0)) AS BIGINT) AS list_size,
             CAST(1 + floor(8 * u('partners', i, 0)) AS BIGINT) AS partners,
             d.town AS commissioning_region, d.district AS postcode_district
      FROM range(${plan.practices}) AS r(i) JOIN district d ON d.district_no = i % ${districts.length}
    ), delivered(section, i, practice_code, practice_name, list_size, partners, commissioning_region, postcode_district, fault) AS (
      SELECT 0, i, practice_code, practice_name, list_size, partners, commissioning_region, postcode_district, NULL::VARCHAR
      FROM clean${faulty}
    )
    SELECT * FROM delivered ORDER BY section, i`;
}
