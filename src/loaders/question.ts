import type { Arguments } from '../schema/declare/metadata.js';
import type { Grain } from '../warehouse/grain.js';
import type { Filter, FilterValue } from './filter.js';

/** A column by which rows are ordered. Nulls come last in both directions. */
export interface Order {
  readonly column: string;
  readonly descending: boolean;
}

/** What both kinds of question have in common. */
interface Page {
  readonly dataset: string;
  readonly where?: Filter;
  readonly orderBy: readonly Order[];
  readonly first: number;
  /** Values of the order columns of the last row seen, as a cursor carries them. */
  readonly after?: readonly FilterValue[];
  /** Columns asked for, by API name, sorted: the same set gives the same statement. */
  readonly select: readonly string[];
  /** Dimensions as they were known at the end of this local day, `YYYY-MM-DD`; else as they are now. */
  readonly asOf?: string;
  /** The number of rows that meet `where` is asked for. */
  readonly total: boolean;
}

/** Cells of a measure dataset. */
export interface MeasureQuestion extends Page {
  readonly kind: 'measure';
  /** Dimensions, in the order of declaration, each once. */
  readonly by: readonly string[];
  readonly grain: Grain;
  readonly args: Arguments;
}

/** Rows of a row dataset. */
export interface RowQuestion extends Page {
  readonly kind: 'row';
  /** Of a dataset that has arguments. */
  readonly args?: Arguments;
}

export type Question = MeasureQuestion | RowQuestion;
