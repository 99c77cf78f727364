import { quarantinedRow } from '../warehouse/gold/quality.js';
import { Column, RowDataset } from './declare/decorators.js';

const text = (length: number) => ({ kind: 'text', length }) as const;

@RowDataset({
  key: 'quarantine',
  title: 'Quarantine',
  description: 'Rows and files that were refused, with the reason. Values are never shown, only their shape.',
  table: quarantinedRow,
  roles: ['data-steward'],
  order: ['number'],
})
export abstract class Quarantine {
  @Column({
    type: { kind: 'int32' },
    column: 'quarantine_no',
    sensitivity: 'O',
    description: 'Number within the release.',
  })
  readonly number!: number;

  @Column({ type: text(32), sensitivity: 'O', description: 'Dataset.' })
  readonly dataset!: string;

  @Column({ type: text(400), sensitivity: 'O', description: 'File as delivered.' })
  readonly file!: string;

  @Column({
    type: { kind: 'int32' },
    column: 'batch_id',
    sensitivity: 'O',
    description: 'Batch that the file became.',
  })
  readonly batch!: number;

  @Column({
    type: { kind: 'int64' },
    nullable: true,
    column: 'row_number',
    sensitivity: 'O',
    description: 'Data row in the file, from 1; null where the whole file was refused.',
  })
  readonly row!: number | null;

  @Column({
    type: text(64),
    nullable: true,
    column: 'column_name',
    sensitivity: 'O',
    description: 'Column at fault.',
  })
  readonly column!: string | null;

  @Column({ type: text(60), sensitivity: 'O', description: 'Rule that refused it.' })
  readonly rule!: string;

  @Column({ type: text(400), sensitivity: 'O', description: 'What is wrong.' })
  readonly reason!: string;

  @Column({
    type: text(40),
    nullable: true,
    sensitivity: 'O',
    description:
      'Shape of the value, letters as A and a, digits as 9; of identifiers only whether there was one.',
  })
  readonly valueShape!: string | null;
}
