import { factCarePackage } from '../../warehouse/gold/facts.js';
import { Column, RowDataset } from '../declare/decorators.js';
import { clinicalRoles, patientId, pounds, rowId, rowRoles, sequenceNumber, text } from './columns.js';
import { cost, day, forRoles, own, sequence } from './shown.js';

@RowDataset({
  key: 'carePackages',
  title: 'Social care packages',
  description: 'Packages of social care, de-identified.',
  table: factCarePackage,
  roles: rowRoles,
  order: ['startDate', 'id'],
  people: { key: 'package_sk', joins: {}, listedFor: ['analyst', 'finance'] },
})
export abstract class CarePackage {
  @Column(rowId('package_sk', rowRoles, 'package'))
  readonly id!: string;

  @Column(patientId(rowRoles))
  readonly patientId!: string;

  @Column(sequenceNumber(sequence('start_date', 'package_sk'), 'package'))
  readonly seq!: number;

  @Column({
    type: text(16),
    sensitivity: 'Q',
    description: 'HOMECARE DAYCARE RESIDENTIAL NURSING EQUIPMENT DIRECT_PAYMENT.',
    shown: forRoles(rowRoles, own('package_type')),
  })
  readonly packageType!: string;

  @Column({
    type: { kind: 'date' },
    sensitivity: 'Q',
    description: 'First day.',
    shown: day('start_date'),
  })
  readonly startDate!: string;

  @Column({
    type: { kind: 'date' },
    nullable: true,
    sensitivity: 'Q',
    description: 'Day on which it ends; null while open.',
    shown: day('end_date'),
  })
  readonly endDate!: string | null;

  @Column({
    type: { kind: 'date' },
    nullable: true,
    sensitivity: 'Q',
    description: 'Day of the next review.',
    shown: day('review_date', clinicalRoles),
  })
  readonly reviewDate!: string | null;

  @Column({
    type: text(16),
    sensitivity: 'Q',
    description: "Active Completed; 'unknown' where none was supplied.",
    shown: forRoles(rowRoles, own('status')),
  })
  readonly status!: string;

  @Column({
    type: text(16),
    nullable: true,
    sensitivity: 'S',
    description: 'Outcome of the assessment: LOW MODERATE SUBSTANTIAL CRITICAL.',
    shown: forRoles(clinicalRoles, own('assessment_outcome')),
  })
  readonly assessmentOutcome!: string | null;

  @Column({
    type: { kind: 'decimal', precision: 9, scale: 2 },
    nullable: true,
    unit: 'hours',
    sensitivity: 'Q',
    description: 'Hours a week; home care only.',
    shown: forRoles(clinicalRoles, own('hours_per_week')),
  })
  readonly hoursPerWeek!: string | null;

  @Column({
    type: pounds,
    nullable: true,
    unit: 'pounds',
    sensitivity: 'S',
    description: 'Cost a week.',
    shown: cost('weekly_cost'),
  })
  readonly weeklyCost!: string | null;
}
