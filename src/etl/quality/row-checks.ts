import { dimPatient, rowColumns } from '../../warehouse/gold/dimensions.js';
import { levels, suppressed } from '../gold/generalise.js';
import { type Check, check } from './check.js';
import type { CheckLimits } from './limits.js';

/** Share of patients whose rows show nothing, in percent, above which rows are of little use. */
const mostSuppressedPct = 5;

/** Patients with rows. */
const patients = `(select * from ${dimPatient.name} where not is_restricted)`;
const shown = Object.keys(rowColumns).filter((column) => column !== 'row_level');
/** One row a set of patients who show the same. */
const classes = `(select ${shown.join(', ')}, max(row_level) as row_level, count(*) as persons from ${patients} group by ${shown.join(', ')})`;

/** The id of the check that tells how many patients are at a level. */
export const levelCheck = (level: number): string => `${dimPatient.name}.rows_at_level_${level}`;

/** The last level at which a row column is shown. */
const shownTo: readonly (readonly [column: string, level: number])[] = [
  ['row_postcode_area', 0],
  ['row_ethnic_group', 1],
  ['row_deprivation_quintile', 2],
  ['row_age_band', 3],
  ['row_age_band_10', 3],
  ['row_gender', 3],
];

/** Checks of what rows of patients show: enough who show the same, no more than the level allows, not too little. */
export function rowChecks({ k, suppressionPatients }: CheckLimits): Check[] {
  const ofPatients = { subject: dimPatient.name, touches: ['patients', 'highCostPatients'] };
  const hidden = `count(*) filter (row_level = ${suppressed})`;
  const nothing = {
    ...ofPatients,
    level: 'table',
    category: 'completeness',
    thresholdPct: mostSuppressedPct,
    violations: hidden,
    detail: `${hidden} || ' of ' || count(*) || ' patients'`,
  } as const;
  const counted = `(select count(*) from ${patients})`;
  return [
    check({
      ...ofPatients,
      id: `${dimPatient.name}.row_classes`,
      level: 'table',
      category: 'conformance',
      severity: 'error',
      description: `patients who show what fewer than ${k} show; where all show nothing they may be fewer`,
      from: classes,
      violations: `case when count(*) > 1 or max(row_level) is distinct from ${suppressed} then sum(persons) filter (persons < ${k}) end`,
      denominator: 'sum(persons)',
    }),
    check({
      ...ofPatients,
      id: `${dimPatient.name}.row_levels`,
      level: 'table',
      category: 'conformance',
      severity: 'error',
      description:
        'patients who show more than their level allows, who have none, or who are denied and have one',
      from: dimPatient.name,
      violations: `count(*) filter ((row_level is null) <> is_restricted or ${shownTo.map(([column, level]) => `${column} is not null and coalesce(row_level, ${suppressed}) > ${level}`).join(' or ')})`,
    }),
    check({
      ...nothing,
      id: `${dimPatient.name}.rows_suppressed`,
      severity: 'error',
      description: `patients whose rows show nothing, of ${suppressionPatients} patients or more`,
      from: `(select * from ${patients} where ${counted} >= ${suppressionPatients})`,
    }),
    check({
      ...nothing,
      id: `${dimPatient.name}.rows_suppressed_of_few`,
      severity: 'warn',
      description: `patients whose rows show nothing, of fewer than ${suppressionPatients} patients`,
      from: `(select * from ${patients} where ${counted} < ${suppressionPatients})`,
    }),
    ...levels.map((level) =>
      check({
        ...ofPatients,
        id: levelCheck(level),
        level: 'table',
        category: 'completeness',
        severity: 'info',
        thresholdPct: 100,
        description: `patients whose rows are generalised to level ${level}, of 0 (finest) to ${suppressed} (nothing shown)`,
        from: patients,
        violations: `count(*) filter (row_level = ${level})`,
      }),
    ),
  ];
}
