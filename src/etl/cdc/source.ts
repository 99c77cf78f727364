import { MaplewoodError } from '../../errors.js';
import type { Lake } from '../../lake/lake.js';
import { bronzeColumns, isRefusal, matchColumns } from '../bronze/columns.js';
import type { Contract } from '../contracts/contract.js';
import type { Engine } from '../engine.js';
import type { Capture, Origin } from './manifest.js';
import type { TableColumn } from './row-hash.js';

/** A table as read from its source, lying in files of the staging folder. */
export interface StagedTable {
  /** `complete`: all rows of the table. `changes`: of the keys that changed, the last state. */
  readonly extent: 'complete' | 'changes';
  /** In the order of the source. */
  readonly columns: readonly TableColumn[];
  /**
   * SQL of a relation with these columns and `_row` (BIGINT, in reading order), `_hash` (BLOB) and `_gone`
   * (BOOLEAN: the row is a deletion).
   */
  readonly relation: string;
  readonly origin: Origin;
  readonly notes: readonly string[];
}

export interface StageContext {
  readonly engine: Engine;
  readonly contract: Contract;
  readonly lake: Lake;
  /** Folder in the lake for this table alone; it is removed after the capture. */
  readonly folder: string;
  /** The last capture of this table from this source. */
  readonly last: Capture | undefined;
  readonly now: () => Date;
}

/** Where tables come from. */
export interface CaptureSource {
  /** Name under which the state is kept. */
  readonly name: string;
  readonly datasets: readonly string[];
  /**
   * Reads a table into the staging folder; `unchanged` where it is known without reading that nothing has changed.
   * Error: `CAPTURE_REFUSED` for a table that cannot be read whole, since a row that is not read would look deleted.
   */
  stage(dataset: string, context: StageContext): Promise<StagedTable | 'unchanged'>;
  close(): Promise<void>;
}

/** Columns that a change file adds to those of the source. */
const addedColumns = ['_op', '_before', '_captured_at', '_sequence', '_key', '_hash', '_gone'];

/** The bronze names of a table's columns. Error: `CAPTURE_REFUSED`, with what is wrong with them. */
export function bronzeNames(contract: Contract, delivered: readonly string[]): readonly string[] {
  const matched = matchColumns(contract, delivered);
  if (isRefusal(matched)) throw refused(contract.dataset, matched.reason);
  return requireFreeNames(contract, matched.names);
}

/** Error: `CAPTURE_REFUSED` if a column has a name that is needed for another purpose. */
export function requireFreeNames(contract: Contract, names: readonly string[]): readonly string[] {
  const taken = names.findIndex((column) =>
    [...addedColumns, ...bronzeColumns].includes(column.toLowerCase()),
  );
  if (taken >= 0) {
    throw refused(
      contract.dataset,
      `column ${taken + 1} has a name that a change file adds itself; rename it in the source`,
    );
  }
  return names;
}

export const refused = (dataset: string, reason: string): MaplewoodError =>
  new MaplewoodError('CAPTURE_REFUSED', `${dataset} was not captured: ${reason}.`);
