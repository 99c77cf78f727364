import { expressionBuilder, type RawBuilder, sql } from 'kysely';
import type { DynamicQuery, RankedColumn } from '../dialect.js';

/**
 * T-SQL has no continuous percentile as an aggregate. `rankRelation` adds to each row its rank and the number of
 * values in its group; `interpolate` is the aggregate over them.
 */
export function rankRelation(relation: DynamicQuery, columns: readonly RankedColumn[]): DynamicQuery {
  const distinct = new Map<string, RankedColumn>();
  for (const ranked of columns) {
    const known = distinct.get(ranked.column);
    if (known && known.partitionBy.join() !== ranked.partitionBy.join()) {
      throw new Error(`column ${ranked.column} is ranked over two different groups`);
    }
    distinct.set(ranked.column, ranked);
  }
  if (distinct.size === 0) return relation;
  return expressionBuilder<Record<string, Record<string, unknown>>, never>()
    .selectFrom(relation.as('ranked'))
    .selectAll()
    .select(
      [...distinct.values()].flatMap((ranked) => [rowNumber(ranked), valueCount(ranked)]),
    ) as DynamicQuery;
}

const rankName = (column: string): string => `rn_${column}`;
const countName = (column: string): string => `n_${column}`;

/** Rank by value from 1; nulls rank behind all values, so that they take no value's place. */
function rowNumber({ column, partitionBy }: RankedColumn) {
  const value = sql.ref(column);
  const order = sql`order by case when ${value} is null then 1 else 0 end, ${value}`;
  return sql`row_number() over (${partition(partitionBy)}${partitionBy.length > 0 ? sql` ` : sql``}${order})`.as(
    rankName(column),
  );
}

/** Values that are not null. */
function valueCount({ column, partitionBy }: RankedColumn) {
  return sql`count_big(${sql.ref(column)}) over (${partition(partitionBy)})`.as(countName(column));
}

function partition(columns: readonly string[]): RawBuilder<unknown> {
  if (columns.length === 0) return sql``;
  return sql`partition by ${sql.join(columns.map((column) => sql.ref(column)))}`;
}

/**
 * `lo + (h - floor(h)) * (hi - lo)` with h = 1 + p(n - 1), lo and hi the values of rank floor(h) and ceiling(h).
 * A group without values gives null.
 */
export function interpolate(column: string, p: number): RawBuilder<number | null> {
  if (!(p >= 0 && p <= 1)) throw new Error(`percentile ${p} is not between 0 and 1`);
  const value = sql.ref(column);
  const rank = sql.ref(rankName(column));
  // Exponent form, so that T-SQL computes in FLOAT and not in DECIMAL.
  const h = sql`(1.0e0 + ${sql.raw(p.toExponential())} * (${sql.ref(countName(column))} - 1))`;
  const at = (position: RawBuilder<unknown>) =>
    sql`max(case when ${value} is not null and ${rank} = ${position} then cast(${value} as float) end)`;
  const lo = at(sql`floor(${h})`);
  const hi = at(sql`ceiling(${h})`);
  return sql<number | null>`(${lo} + (max(${h}) - floor(max(${h}))) * (${hi} - ${lo}))`;
}
