import { Arg, Int } from 'type-graphql';
import type { Dataset } from '../schema/declare/dataset.js';
import { DateScalar } from '../schema/declare/scalars.js';
import { connectionType } from './connection.js';
import { type DatasetInputs, datasetInputs, type MadeClass } from './inputs.js';

/** The types that are made for a dataset: every field that returns its rows uses the same. */
export interface DatasetTypes extends DatasetInputs {
  readonly connection: MadeClass;
}

export const datasetTypes = (dataset: Dataset): DatasetTypes => ({
  connection: connectionType(dataset),
  ...datasetInputs(dataset),
});

/** Decorates the argument of a field at an index of its method. */
export interface Argument {
  readonly name: string;
  readonly decorate: (prototype: object, field: string, index: number) => void;
}

export const argument = (name: string, type: () => unknown, options: object): Argument => ({
  name,
  decorate: (prototype, field, index) =>
    Arg(name, type as () => StringConstructor, options)(prototype, field, index),
});

export const whereArgument = ({ where }: DatasetTypes): Argument =>
  argument('where', () => where, { nullable: true });

/** Order and page, the same for every list of rows. */
export const pageArguments = ({ orderBy }: DatasetTypes): Argument[] => [
  argument('orderBy', () => [orderBy], { nullable: true }),
  argument('first', () => Int, { defaultValue: 100, description: 'Rows of the page, 1 to 10,000.' }),
  argument('after', () => String, { nullable: true, description: 'Cursor of the last row seen.' }),
];

export const asOfArgument = (description: string): Argument =>
  argument('asOf', () => DateScalar, { nullable: true, description });
