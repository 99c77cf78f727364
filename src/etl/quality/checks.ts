import { type MartPlan, martTable } from '../../measures/mart.js';
import { dimensionTables } from '../../warehouse/gold/dimensions.js';
import { factTables } from '../../warehouse/gold/facts.js';
import type { TableDeclaration } from '../../warehouse/table.js';
import { name } from '../sql.js';
import { balanceChecks } from './balance-checks.js';
import { type Check, check } from './check.js';
import { distributionChecks } from './distribution.js';
import { fileChecks } from './file-checks.js';
import { keyChecks } from './keys.js';
import { type CheckLimits, defaultLimits } from './limits.js';
import { rowChecks } from './row-checks.js';
import { silverChecks } from './sums.js';

/** Checks of a finished release. Tables are those of the release, `memory.main.silver_<dataset>` what it was made from. */
export function goldChecks(marts: readonly MartPlan[], limits: CheckLimits = defaultLimits): Check[] {
  return [
    ...silverChecks(),
    ...keyChecks(),
    check({
      id: 'dim_patient.pseudonyms_are_distinct',
      subject: 'dim_patient',
      level: 'field',
      category: 'conformance',
      severity: 'error',
      description: 'no two patients share a pseudonym',
      from: 'dim_patient',
      violations: 'count(*) - count(distinct patient_sk)',
      touches: ['all datasets'],
    }),
    ...marts.map(sumsToEvents),
    check({
      id: 'mart_bed_occupancy.census_invariant',
      subject: 'mart_bed_occupancy',
      level: 'cross',
      category: 'plausibility',
      severity: 'error',
      description: 'the daily census sums to the days between admission and discharge of all spells',
      from: 'fact_spell',
      violations:
        "abs(coalesce((select sum(events) from mart_bed_occupancy where by_set = 0 and grain = 'DAY'), 0) - coalesce(sum(bed_until - admission_date) filter (in_census), 0))",
      denominator: 'count(*) filter (in_census)',
      touches: ['bedOccupancy'],
    }),
    check({
      id: 'quality_item.sums_to_values',
      subject: 'quality_item',
      level: 'cross',
      category: 'conformance',
      severity: 'error',
      description:
        'items whose valid, other, default, invalid and missing values are not all of their values',
      from: 'quality_item',
      violations: 'count(*) filter (valid + other + defaulted + invalid + missing <> denominator)',
      touches: ['dataQualityItems'],
    }),
    ...[...dimensionTables, ...factTables, ...marts.map(martTable)].flatMap(formulaCheck),
    ...rowChecks(limits),
    ...distributionChecks(limits),
  ];
}

/** What is checked of a mart by itself. */
export const martChecks = (mart: MartPlan): Check[] => [sumsToEvents(mart), ...formulaCheck(martTable(mart))];

const sumsToEvents = (mart: MartPlan): Check =>
  check({
    id: `${mart.name}.sums_to_events`,
    subject: mart.name,
    level: 'cross',
    category: 'plausibility',
    severity: 'error',
    description: `every set of dimensions and grain of ${mart.name} sums to the same number of events`,
    from: `(select n, max(n) over () as most from (select sum(events) as n from ${mart.name} group by by_set, grain))`,
    violations: 'count(*) filter (n <> most)',
    touches: [mart.source.name],
  });

/** Every check that there is, by severity: what `--accept` and the configuration may name. */
export function checkNames(marts: readonly MartPlan[]): {
  readonly all: ReadonlySet<string>;
  readonly stopping: ReadonlySet<string>;
} {
  const checks = [...fileChecks(defaultLimits), ...balanceChecks(), ...goldChecks(marts)];
  return {
    all: new Set(checks.map(({ id }) => id)),
    stopping: new Set(checks.filter(({ severity }) => severity === 'error').map(({ id }) => id)),
  };
}

/** First characters that make a spreadsheet run a text as a formula: = + - @ | tab, carriage return. */
const formulaStarts = [61, 43, 45, 64, 124, 9, 13].join(', ');

/** A text that a spreadsheet would run as a formula must not be in gold. */
function formulaCheck(declared: TableDeclaration): Check[] {
  const texts = Object.entries(declared.columns).filter(([, column]) => column.type.kind === 'text');
  if (texts.length === 0) return [];
  const test = texts.map(([column]) => `ascii(${name(column)}) in (${formulaStarts})`).join(' or ');
  return [
    check({
      id: `${declared.name}.no_formula`,
      subject: declared.name,
      level: 'table',
      category: 'conformance',
      severity: 'error',
      description: `no text of ${declared.name} begins like a spreadsheet formula`,
      from: declared.name,
      violations: `count(*) filter (${test})`,
      touches: ['exports'],
    }),
  ];
}
