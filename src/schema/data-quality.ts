import { qualityResult } from '../warehouse/gold/quality.js';
import { Column, RowDataset } from './declare/decorators.js';

const text = (length: number) => ({ kind: 'text', length }) as const;

@RowDataset({
  key: 'dataQuality',
  title: 'Data quality',
  description:
    'Results of every rule and check of the run that made the release: what was looked at, how much violates it.',
  table: qualityResult,
  roles: ['data-steward'],
  order: ['id'],
})
export abstract class DataQuality {
  @Column({ type: text(80), sensitivity: 'O', description: 'Dataset, rule and column: unique.' })
  readonly id!: string;

  @Column({ type: text(60), sensitivity: 'O', description: 'Rule or check.' })
  readonly rule!: string;

  @Column({ type: text(32), sensitivity: 'O', description: 'Source dataset, or table of the release.' })
  readonly dataset!: string;

  @Column({
    type: text(64),
    nullable: true,
    column: 'column_name',
    sensitivity: 'O',
    description: 'Column that the rule is about.',
  })
  readonly column!: string | null;

  @Column({
    type: text(8),
    sensitivity: 'O',
    description: 'file (a delivered file), table, field or cross (several rows or tables).',
  })
  readonly level!: string;

  @Column({
    type: text(16),
    sensitivity: 'O',
    description: 'Kahn category: conformance, completeness or plausibility.',
  })
  readonly category!: string;

  @Column({
    type: text(8),
    nullable: true,
    sensitivity: 'O',
    description: 'Class of the values that it counts (VODIM): other, default, invalid or missing.',
  })
  readonly vodim!: string | null;

  @Column({
    type: text(8),
    sensitivity: 'O',
    description:
      'error stops the publish unless accepted, reject quarantines the row, warn and info keep it.',
  })
  readonly severity!: string;

  @Column({
    type: { kind: 'int64' },
    unit: 'rows',
    sensitivity: 'O',
    description: 'Rows that violate it, of all rows received.',
  })
  readonly violated!: number;

  @Column({
    type: { kind: 'int64' },
    nullable: true,
    unit: 'rows',
    sensitivity: 'O',
    description: 'The same among the rows that were kept.',
  })
  readonly violatedKept!: number | null;

  @Column({ type: { kind: 'int64' }, unit: 'rows', sensitivity: 'O', description: 'Rows looked at.' })
  readonly denominator!: number;

  @Column({
    type: { kind: 'double' },
    nullable: true,
    unit: 'percent',
    sensitivity: 'O',
    description: 'Violated share above which it fails.',
  })
  readonly thresholdPct!: number | null;

  @Column({
    type: text(16),
    sensitivity: 'O',
    description: 'pass, fail, error (it could not be computed) or not_applicable (nothing to look at).',
  })
  readonly status!: string;

  @Column({ type: text(400), nullable: true, sensitivity: 'O', description: 'Datasets that it guards.' })
  readonly touches!: string | null;

  @Column({ type: text(400), sensitivity: 'O', description: 'What is counted.' })
  readonly description!: string;

  @Column({
    type: text(400),
    nullable: true,
    sensitivity: 'O',
    description: 'What was found: files, figures.',
  })
  readonly detail!: string | null;

  @Column({
    type: text(400),
    nullable: true,
    sensitivity: 'O',
    description: 'Why a check that failed was let pass in the run that made the release.',
  })
  readonly acceptedReason!: string | null;
}
