import { schemaDrift } from '../warehouse/gold/quality.js';
import { Column, RowDataset } from './declare/decorators.js';

const text = (length: number) => ({ kind: 'text', length }) as const;

@RowDataset({
  key: 'schemaDrift',
  title: 'Schema drift',
  description: 'How the columns of delivered files differ from the contract under which they were read.',
  table: schemaDrift,
  roles: ['data-steward'],
  order: ['number'],
})
export abstract class SchemaDrift {
  @Column({
    type: { kind: 'int32' },
    column: 'drift_no',
    sensitivity: 'O',
    description: 'Number within the release.',
  })
  readonly number!: number;

  @Column({
    type: { kind: 'int32' },
    column: 'batch_id',
    sensitivity: 'O',
    description: 'Batch that the file became.',
  })
  readonly batch!: number;

  @Column({ type: text(32), sensitivity: 'O', description: 'Dataset.' })
  readonly dataset!: string;

  @Column({ type: text(400), sensitivity: 'O', description: 'File as delivered.' })
  readonly file!: string;

  @Column({ type: { kind: 'int32' }, sensitivity: 'O', description: 'Version of the contract.' })
  readonly contractVersion!: number;

  @Column({
    type: text(16),
    sensitivity: 'O',
    description:
      'added (kept in bronze, never served), missing, renamed, type_changed, duplicate or reordered.',
  })
  readonly kind!: string;

  @Column({
    type: text(64),
    nullable: true,
    column: 'column_name',
    sensitivity: 'O',
    description: 'Column of the contract; of an added one its name, where that looks like a name.',
  })
  readonly column!: string | null;

  @Column({
    type: text(128),
    nullable: true,
    sensitivity: 'O',
    description: 'Declared other name under which the column came.',
  })
  readonly deliveredName!: string | null;

  @Column({
    type: text(64),
    nullable: true,
    sensitivity: 'O',
    description: 'Type in the file, where the format has types.',
  })
  readonly deliveredType!: string | null;

  @Column({
    type: { kind: 'boolean' },
    sensitivity: 'O',
    description: 'The whole file is quarantined for it.',
  })
  readonly refused!: boolean;

  @Column({
    type: { kind: 'instant' },
    sensitivity: 'O',
    description: 'Load in which the dataset first differed so.',
  })
  readonly firstSeen!: string;
}
