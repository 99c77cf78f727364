import { type RawBuilder, sql } from 'kysely';
import { dimPatient } from '../../warehouse/gold/dimensions.js';
import { Column, RowDataset } from '../declare/decorators.js';
import type { RowColumn, RowOfPerson, ShownTo } from '../declare/metadata.js';
import { ageBand, deprivationQuintile, ethnicGroup, gender, patientId, pounds, whole } from './columns.js';
import { highCostCohort } from './high-cost-cohort.js';
import { forRoles } from './shown.js';
import { windows } from './window.js';

const roles = ['analyst', 'finance'] as const;
const ofCohort =
  (column: string) =>
  (row: RowOfPerson): RawBuilder<unknown> =>
    row.cohort(column);

/** Pounds as the cohort has them for the role. */
const amount = (column: string): ShownTo => ({
  analyst: {
    value: ofCohort(column),
    as: 'Rounded to £10. Above the 99.5th percentile of the population that percentile.',
  },
  finance: { value: ofCohort(column) },
});

const setting = (name: string, what: string): RowColumn => ({
  type: pounds,
  unit: 'pounds',
  sensitivity: 'S',
  description: `What of it is ${what}.`,
  shown: amount(name),
});

const optional = (name: string, what: string, argument: string): RowColumn => ({
  ...setting(name, what),
  nullable: true,
  description: `What of it is ${what}; null where it does not count (${argument}).`,
});

const count = (column: string, unit: string, description: string): RowColumn => ({
  type: whole,
  unit,
  sensitivity: 'Q',
  description,
  shown: forRoles(roles, { value: (row) => sql`coalesce(${row.cohort(column)}, 0)` }),
});

const score = (value: (row: RowOfPerson) => RawBuilder<unknown>, description: string): RowColumn => ({
  type: { kind: 'double' },
  nullable: true,
  sensitivity: 'S',
  description: `${description} At the latest discharge alive in the window; null without one.`,
  shown: { analyst: { value } },
});

const fraction = (column: string, description: string): RowColumn => ({
  type: { kind: 'double' },
  unit: 'fraction',
  sensitivity: 'S',
  description,
  shown: {
    analyst: { value: ofCohort(column), as: 'Both from the pounds that you see.' },
    finance: { value: ofCohort(column) },
  },
});

@RowDataset({
  key: 'highCostPatients',
  title: 'High-cost patients',
  description:
    'The patients whose care cost most in a closed window: the first topPercent percent, rounded up, of all who cost anything in it, by total cost. Costs are those of the dataset costs. Patients whose records are restricted are not among them. With trusts in scope only what happened there counts.',
  table: dimPatient,
  roles,
  order: ['rank'],
  arguments: {
    topPercent: {
      type: { kind: 'int', least: 1, most: 100 },
      default: 5,
      description: 'Percent of the population to return, 1 to 100.',
    },
    window: {
      type: { kind: 'enum', name: 'CostWindow', values: windows },
      default: 'LAST_CALENDAR_YEAR',
      description: 'Closed twelve months that end with the data, or all of the data.',
    },
    includePrescribing: {
      type: { kind: 'boolean' },
      default: true,
      description: 'Count the actual cost of prescriptions.',
    },
    includeSocialCare: {
      type: { kind: 'boolean' },
      default: false,
      description: 'Count social care packages, which the NHS does not pay for.',
    },
  },
  people: { key: 'patient_sk', joins: {}, listedFor: roles, cohort: highCostCohort },
})
export abstract class HighCostPatient {
  @Column({
    type: whole,
    sensitivity: 'S',
    description: 'Place by total cost, from 1; equal costs are ranked by a key of the patient.',
    shown: forRoles(roles, { value: ofCohort('rank') }),
  })
  readonly rank!: number;

  @Column(patientId(roles))
  readonly patientId!: string;

  @Column(ageBand(roles))
  readonly ageBand!: string | null;

  @Column(gender(['analyst']))
  readonly gender!: string | null;

  @Column(ethnicGroup(['analyst']))
  readonly ethnicGroup!: string | null;

  @Column(deprivationQuintile(roles))
  readonly deprivationQuintile!: number | null;

  @Column({
    type: pounds,
    unit: 'pounds',
    sensitivity: 'S',
    description: 'What the events of the patient in the window cost.',
    shown: amount('total_cost'),
  })
  readonly totalCost!: string;

  @Column(setting('acuteCost', 'spells, by day of discharge')) readonly acuteCost!: string;
  @Column(setting('emergencyCost', 'attendances')) readonly emergencyCost!: string;
  @Column(setting('mentalHealthCost', 'mental health referrals')) readonly mentalHealthCost!: string;
  @Column(setting('communityCost', 'community contacts')) readonly communityCost!: string;
  @Column(optional('prescribingCost', 'prescriptions', 'includePrescribing'))
  readonly prescribingCost!: string | null;
  @Column(optional('socialCareCost', 'social care', 'includeSocialCare'))
  readonly socialCareCost!: string | null;

  @Column(count('admissions', 'spells', 'Spells that ended in the window.')) readonly admissions!: number;
  @Column(count('attendances', 'attendances', 'Emergency attendances in the window.'))
  readonly attendances!: number;
  @Column(count('items', 'items', 'Items prescribed in the window, whether they count as costs or not.'))
  readonly prescriptions!: number;

  @Column(score(ofCohort('lace'), 'LACE score, 0 to 19; adults only.')) readonly laceScore!: number | null;
  @Column(
    score(
      (row) => sql`${row.dialect.toDouble(row.cohort('hfrs_x10'))} / 10`,
      'Hospital Frailty Risk Score; from 75 years on.',
    ),
  )
  readonly frailtyScore!: number | null;
  @Column(score(ofCohort('charlson'), 'Charlson comorbidity index, without points for age.'))
  readonly charlsonScore!: number | null;

  @Column(fraction('share', 'Total cost over that of the whole population.'))
  readonly shareOfTotal!: number;

  @Column({
    type: { kind: 'boolean' },
    sensitivity: 'S',
    description:
      'Not among the first 5 percent, but the last six whole months of the window cost at least twice the six before, and at least the 75th percentile of the population in these months.',
    shown: forRoles(roles, {
      value: (row) =>
        sql`cast(${row.cohort('rising_risk')} as ${sql.raw(row.dialect.columnType({ kind: 'boolean' }))})`,
    }),
  })
  readonly risingRisk!: boolean;

  @Column({
    type: whole,
    unit: 'patients',
    sensitivity: 'Q',
    beside: true,
    description: 'Of the whole answer: patients who cost anything in the window. Null where no row is shown.',
    shown: forRoles(roles, { value: ofCohort('population') }),
  })
  readonly population!: number | null;

  @Column({
    type: pounds,
    unit: 'pounds',
    sensitivity: 'S',
    beside: true,
    description:
      'Of the whole answer: the least total cost among the first topPercent percent. Null where no row is shown.',
    shown: amount('threshold'),
  })
  readonly threshold!: string | null;

  @Column({
    ...fraction(
      'group_share',
      'Of the whole answer: total cost of the first topPercent percent over that of the whole population. Null where no row is shown.',
    ),
    beside: true,
  })
  readonly groupShare!: number | null;
}
