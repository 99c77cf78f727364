import type { Kysely } from 'kysely';
import type { Dialect, DynamicQuery } from '../warehouse/dialect.js';
import type { Gold } from '../warehouse/gold/index.js';
import type { ColumnType } from '../warehouse/table.js';

/** Gold of one release, for building queries only; nothing is executed through it. */
export type GoldBuilder = Kysely<Gold>;

/** A dimension by which events can be split. Its key column is never null. */
export interface SourceDimension {
  readonly column: string;
  readonly type: ColumnType;
}

/** The samples of a census: one a day or an hour. */
export interface SampleSource {
  /** All samples within the data: columns `day` and the fixed dimensions. */
  readonly relation: (gold: GoldBuilder) => DynamicQuery;
  /** Column of the event relation that identifies the sample. */
  readonly key: string;
}

/**
 * Events to be counted: one row an event (an attendance, a discharge, a patient in a bed at a midnight), with
 * the local day that decides its bucket, the patient, dimensions and measured columns.
 */
export interface EventSource {
  readonly name: string;
  /**
   * One row an event. Column names are the `columns` below, `day` and `patient_no`. `acts`: what people have done, where it
   * is known and a dimension hangs on it.
   */
  readonly relation: (gold: GoldBuilder, dialect: Dialect, acts?: string) => DynamicQuery;
  readonly columns: Readonly<Record<string, ColumnType>>;
  readonly dimensions: Readonly<Record<string, SourceDimension>>;
  /** Dimensions by which every question is split. */
  readonly fixed: readonly string[];
  /** Dimensions that no question may name: rates are computed over them. */
  readonly internal?: readonly string[];
  /** The dimension that hangs on what people have done: no mart keeps it. */
  readonly ofActs?: string;
  /** Fixed dimensions that are buckets of the calendar: they say nothing about what is counted. */
  readonly calendar?: readonly string[];
  readonly samples?: SampleSource;
  /** Columns of events of any day depend on the last day with data, not only those of events after it. */
  readonly untilDataEnd?: boolean;
  /** Each event comes from one row of the only fact that is read, whatever other rows there are. */
  readonly rowByRow?: true;
  /** Which first day of the data the completeness of a bucket is measured from, and how long it takes to fill. */
  readonly warmUp: { readonly firstDay: 'first_admission' | 'first_arrival'; readonly days: number };
}

export function dimensionOf(source: EventSource, name: string): SourceDimension {
  const found = Object.hasOwn(source.dimensions, name) ? source.dimensions[name] : undefined;
  if (!found) throw new Error(`source ${source.name} has no dimension ${name}`);
  return found;
}

/** Type of a column of the events. Error: the source has none of the name. */
export function columnType(source: EventSource, column: string): ColumnType {
  const type = source.columns[column];
  if (!type) throw new Error(`source ${source.name} has no column ${column}`);
  return type;
}

/** Dimensions asked for and fixed ones, in the order of declaration, each once. */
export function splitBy(source: EventSource, by: readonly string[]): string[] {
  const wanted = new Set([...by, ...source.fixed]);
  return Object.keys(source.dimensions).filter((name) => wanted.has(name));
}

/** A new query of one relation: a table or a subquery, with its alias. */
export const queryOf = (gold: GoldBuilder, relation: unknown): DynamicQuery =>
  gold.selectFrom(relation as never) as unknown as DynamicQuery;

/** A subquery as the only source of a new query. */
export const subquery = (gold: GoldBuilder, query: DynamicQuery, alias: string): DynamicQuery =>
  queryOf(gold, query.as(alias));
