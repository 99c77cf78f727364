import { Float, ID, Int, ObjectType } from 'type-graphql';
import type { Aggregate } from '../../measures/aggregate.js';
import type { ColumnType } from '../../warehouse/table.js';
import { anyAggregate } from './arguments.js';
import { Classed } from './classed.js';
import { type DatasetClass, declareDataset, declareField } from './dataset.js';
import type {
  DimensionColumn,
  MeasureColumn,
  MeasureDatasetDeclaration,
  RowColumn,
  RowDatasetDeclaration,
} from './metadata.js';
import { DateScalar, DateTimeScalar, DecimalScalar } from './scalars.js';

type GraphqlType =
  | StringConstructor
  | BooleanConstructor
  | typeof ID
  | typeof Int
  | typeof Float
  | typeof DateScalar;

/** GraphQL type of a column. 128-bit keys have none: they never leave the server. */
export function graphqlType(type: ColumnType): GraphqlType {
  switch (type.kind) {
    case 'text':
      return String;
    case 'int32':
    case 'int64':
      return Int;
    case 'double':
      return Float;
    case 'decimal':
      return DecimalScalar;
    case 'boolean':
      return Boolean;
    case 'date':
      return DateScalar;
    case 'instant':
      return DateTimeScalar;
    case 'key128':
      throw new Error('a 128-bit key is in no role’s schema');
  }
}

/** GraphQL type of a column of rows: a key is a token. */
export const rowType = ({ type, token }: Pick<RowColumn, 'type' | 'token'>): GraphqlType =>
  token === undefined ? graphqlType(type) : ID;

const pounds: ColumnType = { kind: 'decimal', precision: 15, scale: 2 };

/** Type of a measure's value. */
export function measureType(aggregate: Aggregate): ColumnType {
  switch (aggregate.kind) {
    case 'count':
    case 'persons':
    case 'peak':
    case 'capacity':
      return { kind: 'int64' };
    case 'sum':
      return aggregate.money ? pounds : { kind: 'int64' };
    case 'ratio':
      return aggregate.above.kind === 'sum' && aggregate.above.money ? pounds : { kind: 'double' };
    case 'isPartial':
      return { kind: 'boolean' };
    default:
      return { kind: 'double' };
  }
}

const definition = (column: MeasureColumn): string =>
  [
    column.description,
    column.numerator && `Numerator: ${column.numerator}`,
    `${column.numerator ? 'Denominator' : 'Counted over'}: ${column.denominator}`,
    column.edgeCases && `Edge cases: ${column.edgeCases}`,
    column.unit && `Unit: ${column.unit}.`,
    `Source: ${column.source}`,
  ]
    .filter((line) => line)
    .join('\n');

/** A column that splits the cells: null where its dimension does not stand in `by`. */
export const Dimension =
  (column: DimensionColumn): PropertyDecorator =>
  (prototype, name) => {
    const type = graphqlType(column.type);
    const { description, sensitivity } = column;
    Classed(sensitivity, () => type, { nullable: true, description })(prototype, name);
    declareField(prototype, { kind: 'dimension', name: String(name), ...column });
  };

/** A number about the events of a cell, defined by an aggregate. Null where it is hidden or not defined. */
export const Measure =
  (column: MeasureColumn): PropertyDecorator =>
  (prototype, name) => {
    const type = graphqlType(measureType(anyAggregate(column)));
    const description = definition(column);
    Classed(column.sensitivity, () => type, { nullable: true, description })(prototype, name);
    declareField(prototype, { kind: 'measure', name: String(name), ...column });
  };

/** A column of a row dataset. */
export const Column =
  (column: RowColumn): PropertyDecorator =>
  (prototype, name) => {
    const type = rowType(column);
    const { nullable = false, description, sensitivity } = column;
    if (column.beside !== true) Classed(sensitivity, () => type, { nullable, description })(prototype, name);
    declareField(prototype, { kind: 'column', name: String(name), ...column });
  };

/** A dataset of measures. Adds `period` and `suppressed` to the class's own columns. */
export const MeasureDataset =
  (declaration: MeasureDatasetDeclaration) =>
  (target: DatasetClass): void => {
    Classed('O', () => DateScalar, {
      nullable: true,
      description: 'First day of the calendar bucket; null for grain ALL.',
    })(target.prototype as object, 'period');
    Classed('O', () => String, {
      nullable: true,
      description:
        'Names of the measures asked for that are hidden in this row, space-separated. Null: none is.',
    })(target.prototype as object, 'suppressed');
    ObjectType(target.name, { description: declaration.description })(target as unknown as () => void);
    declareDataset(target, declaration);
  };

/** A dataset of rows of one table. */
export const RowDataset =
  (declaration: RowDatasetDeclaration) =>
  (target: DatasetClass): void => {
    ObjectType(target.name, { description: declaration.description })(target as unknown as () => void);
    declareDataset(target, declaration);
  };
