import { type MartPlan, martTable } from '../../measures/mart.js';
import { goldTables } from '../../warehouse/gold/index.js';
import type { TableDeclaration } from '../../warehouse/table.js';
import { name } from '../sql.js';

/** A check of a finished release, as data. It passes if its SQL gives 0. */
export interface GoldCheck {
  readonly id: string;
  readonly table: string;
  readonly level: 'table' | 'field' | 'cross';
  readonly category: 'conformance' | 'completeness' | 'plausibility';
  readonly severity: 'error' | 'warn';
  readonly description: string;
  /** Violations, and what was looked at. Tables are those of the release. */
  readonly violations: string;
  readonly denominator: string;
  readonly touches: string;
}

/** Facts whose rows must be those of a silver dataset, one for one. */
const factRows: readonly (readonly [fact: string, dataset: string])[] = [
  ['fact_spell', 'sus_episodes'],
  ['fact_ed_attendance', 'ecds_attendances'],
  ['fact_referral', 'mhsds_referrals'],
  ['fact_contact', 'csds_contacts'],
  ['fact_prescription', 'prescriptions'],
  ['fact_care_package', 'social_care'],
  ['fact_patient_journey', 'patient_journeys'],
  ['fact_condition', 'conditions'],
  ['fact_procedure', 'procedures'],
  ['fact_observation', 'observations'],
  ['dim_patient', 'patients'],
  ['dim_trust', 'trusts'],
];

export function goldChecks(marts: readonly MartPlan[]): GoldCheck[] {
  return [
    ...factRows.map(
      ([fact, dataset]): GoldCheck => ({
        id: `${fact}.rows_of_silver`,
        table: fact,
        level: 'table',
        category: 'completeness',
        severity: 'error',
        description: `${fact} has as many rows as silver ${dataset}`,
        violations: `select abs((select count(*) from ${fact}) - (select count(*) from memory.main.silver_${dataset}))`,
        denominator: `select count(*) from ${fact}`,
        touches: dataset,
      }),
    ),
    {
      id: 'dim_patient.pseudonyms_are_distinct',
      table: 'dim_patient',
      level: 'field',
      category: 'conformance',
      severity: 'error',
      description: 'no two patients share a pseudonym',
      violations: 'select count(*) - count(distinct patient_sk) from dim_patient',
      denominator: 'select count(*) from dim_patient',
      touches: 'all datasets',
    },
    ...marts.map(
      (mart): GoldCheck => ({
        id: `${mart.name}.sums_to_events`,
        table: mart.name,
        level: 'cross',
        category: 'plausibility',
        severity: 'error',
        description: `every set of dimensions and grain of ${mart.name} sums to the same number of events`,
        violations: `with sums as (select sum(events) as n from ${mart.name} group by by_set, grain) select count(*) from sums where n <> (select max(n) from sums)`,
        denominator: `select count(*) from (select distinct by_set, grain from ${mart.name})`,
        touches: mart.source.name,
      }),
    ),
    {
      id: 'mart_bed_occupancy.census_invariant',
      table: 'mart_bed_occupancy',
      level: 'cross',
      category: 'plausibility',
      severity: 'error',
      description: 'the daily census sums to the days between admission and discharge of all spells',
      violations:
        "select abs(coalesce((select sum(events) from mart_bed_occupancy where by_set = 0 and grain = 'DAY'), 0) - coalesce((select sum(bed_until - admission_date) from fact_spell where in_census), 0))",
      denominator: 'select count(*) from fact_spell where in_census',
      touches: 'bedOccupancy',
    },
    ...[...goldTables, ...marts.map(martTable)].flatMap(formulaCheck),
  ];
}

/** A text that a spreadsheet would run as a formula must not be in gold. */
function formulaCheck(declared: TableDeclaration): GoldCheck[] {
  const texts = Object.entries(declared.columns).filter(([, column]) => column.type.kind === 'text');
  if (texts.length === 0) return [];
  const test = texts
    .map(([column]) => `left(${name(column)}, 1) in ('=', '+', '-', '@', '|', chr(9), chr(13))`)
    .join(' or ');
  return [
    {
      id: `${declared.name}.no_formula`,
      table: declared.name,
      level: 'table',
      category: 'conformance',
      severity: 'error',
      description: `no text of ${declared.name} begins like a spreadsheet formula`,
      violations: `select count(*) from ${declared.name} where ${test}`,
      denominator: `select count(*) from ${declared.name}`,
      touches: 'exports',
    },
  ];
}
