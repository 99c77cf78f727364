import { lineageEdge } from '../../warehouse/gold/lineage.js';
import { appendRows } from '../append.js';
import type { Engine } from '../engine.js';
import type { Edge } from './edge.js';

/** Writes the lineage of a release into its table, which is empty before. */
export const storeLineage = (engine: Engine, edges: readonly Edge[]): Promise<void> =>
  appendRows(
    engine,
    lineageEdge,
    edges.map(({ from, to, kind, transformation }, index) => ({
      edge_no: index + 1,
      from_layer: from.layer,
      from_table: from.table,
      from_column: from.column,
      to_layer: to.layer,
      to_table: to.table,
      to_column: to.column,
      kind,
      transformation,
    })),
  );
