import { int32, nullable, table, text } from '../table.js';

/** Where every column of the release comes from, written by the load from the declarations. */
export const lineageEdge = table({
  name: 'lineage_edge',
  description:
    'Where every column of the release and every field of the API comes from, one row a step. Without a column an end stands for the rows of its table.',
  columns: {
    edge_no: int32('number within the release'),
    from_layer: text(16)('source bronze silver reference gold events mart made'),
    from_table: text(64)('table, view or delivered dataset'),
    from_column: nullable(text(64)('column; null for the rows')),
    to_layer: text(16)('bronze silver gold events mart api'),
    to_table: text(64)('table, view or GraphQL type'),
    to_column: nullable(text(64)('column or field; null for the rows')),
    kind: text(8)('direct derived filter count'),
    transformation: nullable(text(400)('what is done, without values')),
  },
  primaryKey: ['edge_no'],
});

export const lineageTables = [lineageEdge] as const;
