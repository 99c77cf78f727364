import type { DynamicQuery } from './dialect.js';
import type { TableDeclaration } from './table.js';

/**
 * The patients of whom a row has changed since the release before that one of the queries reads, in what it reads of it. Undefined
 * where not only rows of patients have changed.
 */
export type Narrow = (queries: readonly DynamicQuery[]) => Promise<Narrowed | undefined>;

/** A release and the one before it, as if they held some patients alone. */
export interface Narrowed {
  /** Takes the rows of these patients out of tables of the release. */
  takeOut(...tables: readonly TableDeclaration[]): Promise<void>;
  /** While the work is done, tables of the release that the queries name have the rows and columns alone that they need. */
  inRelease<T>(work: () => Promise<T>): Promise<T>;
  /** The same, and they are those of the release before. */
  inBefore<T>(work: () => Promise<T>): Promise<T>;
  /** Afterwards the release is whole again. */
  end(): Promise<void>;
}
