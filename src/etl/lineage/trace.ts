import { martTable } from '../../measures/mart.js';
import { goldTables } from '../../warehouse/gold/index.js';
import type { TableDeclaration } from '../../warehouse/table.js';
import type { Engine } from '../engine.js';
import { quoted } from '../sql.js';
import type { Edge } from './edge.js';
import { type LineageInputs, lineageEdges } from './edges.js';
import { storeLineage } from './store.js';

/** A release that is about to be published: its lineage, and the rows of its tables. */
export interface TracedRelease {
  readonly edges: readonly Edge[];
  readonly tables: readonly { readonly table: TableDeclaration; readonly rows: number }[];
}

/** Writes the lineage of the release that is attached as `gold`, and counts the rows of its tables. */
export async function traceRelease(engine: Engine, inputs: LineageInputs): Promise<TracedRelease> {
  const edges = lineageEdges(inputs);
  await storeLineage(engine, edges);
  const tables = [...goldTables, ...inputs.marts.map(martTable)];
  const counted = await engine.rows<{ name: string; rows: number }>(
    tables
      .map(({ name }) => `select ${quoted(name)} as name, cast(count(*) as double) as rows from gold.${name}`)
      .join(' union all '),
  );
  const rows = new Map(counted.map((row) => [row.name, row.rows]));
  return { edges, tables: tables.map((table) => ({ table, rows: rows.get(table.name) ?? 0 })) };
}
