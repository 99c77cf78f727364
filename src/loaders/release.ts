import { sql } from 'kysely';
import type { DynamicQuery } from '../warehouse/dialect.js';
import type { OutputColumn } from '../warehouse/warehouse.js';
import type { LoadContext } from './load.js';
import type { Row } from './rows.js';

const text = { kind: 'text', length: 400 } as const;
const int64 = { kind: 'int64' } as const;

/** What went into the release, by source dataset. */
export function releaseSources(context: LoadContext): Promise<Row[]> {
  return rowsOf(context, 'release_source', [
    { name: 'name', type: text },
    { name: 'rows', type: int64 },
    { name: 'silver', type: int64 },
    { name: 'duplicates', type: int64 },
    { name: 'quarantined', type: int64 },
    { name: 'last_file', type: text },
  ]);
}

/** The integrity checks that stood between the run and its publication. */
export function releaseChecks(context: LoadContext): Promise<Row[]> {
  return rowsOf(
    context,
    'quality_result',
    [
      { name: 'id', type: text },
      { name: 'status', type: text },
      { name: 'violated', type: int64 },
    ],
    (query) => query.where('severity', '=', sql.lit('error')),
  );
}

async function rowsOf(
  context: LoadContext,
  table: string,
  columns: readonly OutputColumn[],
  narrow: (query: DynamicQuery) => DynamicQuery = (query) => query,
): Promise<Row[]> {
  const { dialect, gold } = context.plan;
  const first = columns[0]?.name ?? '';
  const query = narrow(gold.selectFrom(table as never) as unknown as DynamicQuery)
    .select(columns.map(({ name, type }) => dialect.output(sql.ref(name), type).as(name)))
    .orderBy(sql.ref(first));
  const result = await context.handle.read(dialect.compile(query), columns, {
    signal: context.signal,
    requestId: context.requestId,
    lane: 'point',
  });
  return Array.from({ length: result.rowCount }, (_none, row) =>
    Object.fromEntries(columns.map(({ name }, column) => [name, result.columns[column]?.[row]])),
  );
}
