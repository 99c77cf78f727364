import { sql } from 'kysely';
import { MaplewoodError } from '../errors.js';
import type { DynamicQuery } from '../warehouse/dialect.js';
import { lineageEdge } from '../warehouse/gold/lineage.js';
import { columnOf } from '../warehouse/table.js';
import type { LoadContext } from './load.js';

/** One step upstream of a field: how far from it, from where, to where and what is done. */
export interface UpstreamEdge {
  /** 1: the step that ends in the field itself. */
  readonly depth: number;
  readonly fromLayer: string;
  readonly fromTable: string;
  readonly fromColumn: string | null;
  readonly toLayer: string;
  readonly toTable: string;
  readonly toColumn: string | null;
  readonly kind: string;
  readonly transformation: string | null;
}

type StoredEdge = Omit<UpstreamEdge, 'depth'>;

const output = [
  'from_layer',
  'from_table',
  'from_column',
  'to_layer',
  'to_table',
  'to_column',
  'kind',
  'transformation',
].map((name) => ({ name, type: columnOf(lineageEdge, name).type }));

/**
 * Every step that leads to a field (`EdWaits.within4HoursPct`), a column (`fact_spell.los_days`) or the rows of a table
 * (`fact_spell`), nearest first. What the release does not know and what is no name at all get one and the same error,
 * `BAD_USER_INPUT`.
 */
export async function loadLineage(field: string, context: LoadContext): Promise<UpstreamEdge[]> {
  const found = upstreamOf(field, await storedEdges(context));
  if (!found)
    throw new MaplewoodError(
      'BAD_USER_INPUT',
      'There is no such field or column. Name a field as Dataset.field, a column as table.column.',
    );
  return found;
}

/** A release has some thousand edges: one small read, and the way through them is found here. */
async function storedEdges({ plan, handle, signal, requestId }: LoadContext): Promise<StoredEdge[]> {
  // A release of an older build has no lineage.
  if (!plan.release.tables.has(lineageEdge.name)) return [];
  const query = (plan.gold.selectFrom(lineageEdge.name as never) as unknown as DynamicQuery)
    .select(output.map(({ name, type }) => plan.dialect.output(sql.ref(name), type).as(name)))
    .orderBy(sql.ref('edge_no'));
  const { columns, rowCount } = await handle.read(plan.dialect.compile(query), output, {
    signal,
    requestId,
    lane: 'point',
  });
  const text = (column: number, row: number): string => String(columns[column]?.[row] ?? '');
  const textOrNull = (column: number, row: number): string | null => {
    const value = columns[column]?.[row];
    return value === null || value === undefined ? null : String(value);
  };
  return Array.from({ length: rowCount }, (_none, row) => ({
    fromLayer: text(0, row),
    fromTable: text(1, row),
    fromColumn: textOrNull(2, row),
    toLayer: text(3, row),
    toTable: text(4, row),
    toColumn: textOrNull(5, row),
    kind: text(6, row),
    transformation: textOrNull(7, row),
  }));
}

const nameOf = (table: string, column: string | null): string =>
  column === null ? table : `${table}.${column}`;

/** The edges that lead to a name, breadth first, each once; undefined where no edge has the name at either end. */
export function upstreamOf(name: string, edges: readonly StoredEdge[]): UpstreamEdge[] | undefined {
  const into = new Map<string, StoredEdge[]>();
  const known = new Set<string>();
  for (const edge of edges) {
    const to = nameOf(edge.toTable, edge.toColumn);
    // What a run or a declaration makes is an origin, and no table that can be asked for.
    if (edge.fromLayer !== 'made') known.add(nameOf(edge.fromTable, edge.fromColumn));
    known.add(to);
    const others = into.get(to);
    if (others) others.push(edge);
    else into.set(to, [edge]);
  }
  if (!known.has(name)) return undefined;
  const found: UpstreamEdge[] = [];
  const visited = new Set([name]);
  let level = [name];
  for (let depth = 1; level.length > 0; depth += 1) {
    const next = new Set<string>();
    for (const at of level) {
      for (const edge of into.get(at) ?? []) {
        found.push({ depth, ...edge });
        const from = nameOf(edge.fromTable, edge.fromColumn);
        if (!visited.has(from)) next.add(from);
      }
    }
    level = [...next];
    for (const at of level) visited.add(at);
  }
  return found;
}
