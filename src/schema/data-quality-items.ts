import { qualityItem } from '../warehouse/gold/quality.js';
import { Column, RowDataset } from './declare/decorators.js';

const text = (length: number) => ({ kind: 'text', length }) as const;
const rows = { type: { kind: 'int64' }, unit: 'rows', sensitivity: 'O' } as const;

@RowDataset({
  key: 'dataQualityItems',
  title: 'Data quality of coded items',
  description:
    'Each coded item of the sources by class of its values (VODIM), over all rows received that could be read. The five classes sum to the rows.',
  table: qualityItem,
  roles: ['data-steward'],
  order: ['dataset', 'column'],
})
export abstract class DataQualityItems {
  @Column({ type: text(32), sensitivity: 'O', description: 'Source dataset.' })
  readonly dataset!: string;

  @Column({
    type: text(64),
    column: 'column_name',
    sensitivity: 'O',
    description: 'Column with a code list or a form.',
  })
  readonly column!: string;

  @Column({ ...rows, description: 'Values of the code list or form.' })
  readonly valid!: number;

  @Column({ ...rows, description: 'Values that mean "not stated".' })
  readonly other!: number;

  @Column({ ...rows, description: 'Values that a source writes where it has none.' })
  readonly defaulted!: number;

  @Column({
    ...rows,
    description: 'Values outside the code list or form, and those that mean "invalid".',
  })
  readonly invalid!: number;

  @Column({ ...rows, description: 'Rows without a value.' })
  readonly missing!: number;

  @Column({ ...rows, description: 'Rows looked at.' })
  readonly denominator!: number;
}
