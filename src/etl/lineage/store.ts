import { lineageEdge } from '../../warehouse/gold/lineage.js';
import type { Engine } from '../engine.js';
import { quoted } from '../sql.js';
import type { Edge } from './edge.js';

/** Writes the lineage of a release into its table, in one statement. The table is empty before. */
export async function storeLineage(engine: Engine, edges: readonly Edge[]): Promise<void> {
  const text = (value: string | null): string => (value === null ? 'null' : quoted(value));
  const rows = edges.map(
    ({ from, to, kind, transformation }, index) =>
      `(${[
        String(index + 1),
        ...[from.layer, from.table, from.column, to.layer, to.table, to.column, kind, transformation].map(
          text,
        ),
      ].join(', ')})`,
  );
  if (rows.length > 0) await engine.run(`insert into gold.${lineageEdge.name} values ${rows.join(', ')}`);
}
