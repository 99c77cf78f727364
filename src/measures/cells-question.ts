import type { Expression } from 'kysely';
import type { DynamicQuery } from '../warehouse/dialect.js';
import type { Grain } from '../warehouse/grain.js';
import type { Part } from './parts.js';
import type { EventSource } from './source.js';

/** Cells of which the counts and sums are known. */
interface CountedCells {
  /** The keys of the cells and `countedColumns`. */
  readonly cells: DynamicQuery;
  /** The keys of those of which a largest sum is null because only the events can tell it. */
  readonly doubtful?: DynamicQuery;
}

/** Cells of a dataset: which events, split by what, with which columns. */
export interface CellsQuestion {
  readonly source: EventSource;
  /** Dimension names; fixed ones are added. */
  readonly by: readonly string[];
  readonly grain: Grain;
  readonly parts: readonly Part[];
  /** Also count the distinct patients behind the cell and behind every count. */
  readonly persons: boolean;
  /** Conditions on single events, over the columns of the source. Not on dimensions that stand in `by`. */
  readonly eventFilter?: readonly Expression<unknown>[];
  /** Restriction of `eventFilter` that speaks of trusts only: applied to the bed base as well. */
  readonly trustFilter?: readonly Expression<unknown>[];
  /** Restriction of `eventFilter` that speaks of `day` only: applied to the samples as well. */
  readonly dayFilter?: readonly Expression<unknown>[];
  /** Dimensions as they were known at this instant (exclusive), ISO 8601 in UTC; else as they are. */
  readonly asOf?: string;
  /** What people have done, as `EventSource.relation` takes it. */
  readonly acts?: string;
  /** What is known of the cells already: only the other parts are computed from the events. */
  readonly counted?: CountedCells;
  /** An event filter names something finer than a trust, so that a number of beds would not fit it. */
  readonly finerThanTrust?: boolean;
}
