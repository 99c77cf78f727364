import { type Expression, sql } from 'kysely';
import type { Dialect, DynamicQuery, RankedColumn } from '../warehouse/dialect.js';
import type { ColumnType } from '../warehouse/table.js';
import type { Part } from './parts.js';

/** How means and percentiles are selected from events. */
interface ValueSelection {
  readonly columns: readonly string[];
  rank(relation: DynamicQuery): DynamicQuery;
  // biome-ignore lint/suspicious/noExplicitAny: Kysely's type of an aliased expression of unknown type
  selections(): any[];
}

type ValuePart = Part & { readonly kind: 'mean' | 'percentile' };

/** The columns that means and percentiles need, and what they are, over a relation of events with the key columns. */
export function valueParts(
  dialect: Dialect,
  values: readonly ValuePart[],
  keys: readonly string[],
  typeOf: (column: string) => ColumnType,
  when: (part: ValuePart) => Expression<boolean> | undefined,
): ValueSelection {
  const percentiles = values.filter(
    (part): part is Part & { kind: 'percentile' } => part.kind === 'percentile',
  );
  // A percentile over some of the events ranks a column that is null for the others.
  const rankedName = (part: Part & { kind: 'percentile' }): string =>
    Object.keys(part.where).length === 0 ? part.column : `${part.id}__value`;
  const ranked = new Map<string, RankedColumn>(
    percentiles.map((part) => [rankedName(part), { column: rankedName(part), partitionBy: keys }]),
  );
  const rankedColumn = (part: Part & { kind: 'percentile' }): RankedColumn => ({
    column: rankedName(part),
    partitionBy: keys,
    whole: ['int32', 'int64'].includes(typeOf(part.column).kind),
    percentiles: percentiles.filter((other) => rankedName(other) === rankedName(part)).map(({ p }) => p),
  });
  return {
    columns: [...new Set(values.flatMap((part) => [part.column, ...Object.keys(part.where)]))],
    rank(relation) {
      if (percentiles.length === 0) return relation;
      const derived = new Map(
        percentiles
          .filter((part) => rankedName(part) !== part.column)
          .map((part) => [rankedName(part), part]),
      );
      let query = relation;
      for (const [name, part] of derived) {
        query = query.select(sql`case when ${when(part)} then ${sql.ref(part.column)} end`.as(name));
      }
      return dialect.rank(query, [...ranked.values()]);
    },
    selections: () =>
      values.map((part) =>
        (part.kind === 'mean'
          ? sql`avg(${dialect.toDouble(meant(part, when(part)))})`
          : dialect.percentile(rankedColumn(part), part.p)
        ).as(part.id),
      ),
  };
}

const meant = (part: ValuePart, condition: Expression<boolean> | undefined): Expression<unknown> =>
  condition ? sql`case when ${condition} then ${sql.ref(part.column)} end` : sql.ref(part.column);
