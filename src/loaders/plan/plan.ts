import type { DisclosureRule } from '../../access/disclosure.js';
import type { Grant } from '../../access/grant.js';
import type { Identifiers } from '../../access/identifiers.js';
import type { Entity } from '../../access/pseudonym.js';
import type { GoldBuilder } from '../../measures/source.js';
import type { Dialect, Statement } from '../../warehouse/dialect.js';
import type { ColumnType } from '../../warehouse/table.js';
import type { OutputColumn, ReleaseInfo } from '../../warehouse/warehouse.js';

/** Everything a plan is a function of, beside the question. */
export interface PlanContext {
  readonly dialect: Dialect;
  /** Builder of the release's tables (with its schema, where the engine has one a release). */
  readonly gold: GoldBuilder;
  readonly grant: Grant;
  readonly release: ReleaseInfo;
  readonly rule: DisclosureRule;
  /** Yesterday in Europe/London: a bucket is closed when its last day is not after it. */
  readonly yesterday: string;
  /** Pseudonyms of the caller's recipient. */
  readonly identifiers: Identifiers;
  /** What people have done about rows, and the version of the store that it is of; loaded where rows have any. */
  readonly acts?: KnownActs;
  /** Days for which a patient stays in care after a stay has ended. */
  readonly careDays: number;
}

/** The last act about each row as JSON (`actColumns`), and the version of the store. */
export interface KnownActs {
  readonly version: number;
  readonly json: string;
}

/** An order column of the answer, as a cursor needs it. */
export interface KeyColumn {
  readonly name: string;
  /** The output column that has its values. */
  readonly output: string;
  readonly type: ColumnType;
  /** The output has the keys whose tokens a cursor holds. */
  readonly token?: Entity;
}

/** One statement and what its columns mean. */
export interface Plan {
  readonly statement: Statement;
  readonly output: readonly OutputColumn[];
  /** Order columns: their values in a row are its cursor. All of them are in `output`. */
  readonly key: readonly KeyColumn[];
  /** Columns of keys that leave in rows as tokens. */
  readonly tokens: readonly { readonly name: string; readonly entity: Entity }[];
  /** Bit i of the column `hiddenColumn` says that measure i is hidden. Empty for roles with exact figures. */
  readonly hideable: readonly string[];
  /** Counts all rows that meet the filter; run only where a page after a cursor is empty, or for the pages of patients. */
  readonly countStatement?: Statement;
  /** Rows asked for; the statement reads one more. */
  readonly first: number;
}

/** Columns that are not part of the answer begin with two underscores, as no API name does. */
export const isInternal = (name: string): boolean => name.startsWith('__');

export const hiddenColumn = '__hidden';
export const totalColumn = '__total';
/** A column that nobody asked for: its values say where a row stands. */
export const placeColumn = (name: string): string => `__place_${name}`;
export const rowColumn = '__row';
