/** Where a table of the lineage stands. `made`: what the load or a declaration makes by itself. */
export type Layer =
  | 'source'
  | 'bronze'
  | 'silver'
  | 'reference'
  | 'gold'
  | 'events'
  | 'mart'
  | 'api'
  | 'made';

/**
 * `direct`: the value is kept (it may be typed); `derived`: it is computed; `filter`: it decides which rows there are
 * or count; `count`: the rows are counted.
 */
export type EdgeKind = 'direct' | 'derived' | 'filter' | 'count';

/** A column of a table, or, without a column, its rows. */
export interface End {
  readonly layer: Layer;
  readonly table: string;
  readonly column: string | null;
}

/** One step of the way of a value. */
export interface Edge {
  readonly from: End;
  readonly to: End;
  readonly kind: EdgeKind;
  /** What is done, without data values. */
  readonly transformation: string | null;
}

export const end = (layer: Layer, table: string, column: string | null = null): End => ({
  layer,
  table,
  column,
});

export const edge = (from: End, to: End, kind: EdgeKind, transformation: string | null = null): Edge => ({
  from,
  to,
  kind,
  transformation: transformation === null ? null : transformation.slice(0, 400),
});

/** `table.column`, or the table alone for its rows: unique over all layers. */
export const nameOf = ({ table, column }: End): string => (column === null ? table : `${table}.${column}`);

/** Tables of a dataset in the lake, by layer. The delivered one bears the dataset's own name. */
export const bronzeTable = (dataset: string): string => `bronze_${dataset}`;
export const silverTable = (dataset: string): string => `silver_${dataset}`;
/** A code list is known by the name of its file. */
export const referenceTable = (list: string): string => `${list}.csv`;

/** Every end upstream of a name, each once, nearest branch first. `into`: edges by the name that they end in. */
export function upstreamEnds(into: ReadonlyMap<string, readonly Edge[]>, name: string): End[] {
  const found = new Map<string, End>();
  const visit = (at: string): void => {
    for (const { from } of into.get(at) ?? []) {
      if (found.has(nameOf(from))) continue;
      found.set(nameOf(from), from);
      visit(nameOf(from));
    }
  };
  visit(name);
  return [...found.values()];
}
