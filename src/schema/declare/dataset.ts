import 'reflect-metadata';
import { type PartList, partsOf } from '../../measures/parts.js';
import { argumentsOf, keptAggregates } from './arguments.js';
import type {
  DimensionColumn,
  MeasureColumn,
  MeasureDatasetDeclaration,
  RowColumn,
  RowDatasetDeclaration,
} from './metadata.js';

/** A class that declares a dataset; it is never instantiated by the product. */
export type DatasetClass = abstract new () => object;

const fieldsKey = Symbol('maplewood:fields');
const datasetKey = Symbol('maplewood:dataset');

export type DeclaredField =
  | ({ readonly kind: 'dimension'; readonly name: string } & DimensionColumn)
  | ({ readonly kind: 'measure'; readonly name: string } & MeasureColumn)
  | ({ readonly kind: 'column'; readonly name: string } & RowColumn);

/** Remembers a field on its class. Called by the decorators only. */
export function declareField(prototype: object, field: DeclaredField): void {
  const fields = (Reflect.getOwnMetadata(fieldsKey, prototype) as DeclaredField[] | undefined) ?? [];
  fields.push(field);
  Reflect.defineMetadata(fieldsKey, fields, prototype);
}

export function declareDataset(
  target: DatasetClass,
  declaration: MeasureDatasetDeclaration | RowDatasetDeclaration,
): void {
  Reflect.defineMetadata(datasetKey, declaration, target);
}

function fieldsOf(target: DatasetClass): readonly DeclaredField[] {
  return (Reflect.getOwnMetadata(fieldsKey, target.prototype) as DeclaredField[] | undefined) ?? [];
}

/** A measure dataset as everything downstream reads it. */
export interface MeasureDataset extends MeasureDatasetDeclaration {
  readonly kind: 'measure';
  readonly type: DatasetClass;
  readonly dimensions: ReadonlyMap<string, DimensionColumn & { readonly name: string }>;
  readonly measures: ReadonlyMap<string, MeasureColumn & { readonly name: string }>;
  /** Names usable in `by`: the source's dimensions without the fixed ones, in order. */
  readonly by: readonly string[];
  readonly parts: PartList;
}

export interface RowDataset extends RowDatasetDeclaration {
  readonly kind: 'row';
  readonly type: DatasetClass;
  readonly columns: ReadonlyMap<string, RowColumn & { readonly name: string; readonly column: string }>;
}

export type Dataset = MeasureDataset | RowDataset;

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** The dataset that a class declares. Error: the class declares none. */
export function datasetOf(target: DatasetClass): Dataset {
  const declaration = Reflect.getOwnMetadata(datasetKey, target) as
    | MeasureDatasetDeclaration
    | RowDatasetDeclaration
    | undefined;
  if (!declaration) throw new Error(`${target.name} declares no dataset`);
  const fields = fieldsOf(target);
  if ('table' in declaration) {
    const columns = fields.filter((field) => field.kind === 'column');
    return {
      ...declaration,
      kind: 'row',
      type: target,
      columns: new Map(
        columns.map((field) => [field.name, { ...field, column: field.column ?? snake(field.name) }]),
      ),
    };
  }
  const measures = new Map(
    fields.filter((field) => field.kind === 'measure').map((field) => [field.name, field]),
  );
  const dimensions = new Map(
    fields.filter((field) => field.kind === 'dimension').map((field) => [field.name, field]),
  );
  const defaults = argumentsOf(declaration.arguments);
  const { reserved, source } = declaration;
  if (reserved && !source.fixed.includes(reserved.by))
    throw new Error(`${declaration.key}: totals over ${reserved.by} would tell of its reserved members`);
  return {
    ...declaration,
    kind: 'measure',
    type: target,
    dimensions,
    measures,
    by: Object.keys(declaration.source.dimensions).filter(
      (name) => !declaration.source.fixed.includes(name) && !declaration.source.internal?.includes(name),
    ),
    parts: partsOf(
      Object.fromEntries([...measures].flatMap(([name, column]) => keptAggregates(name, column, defaults))),
    ),
  };
}
