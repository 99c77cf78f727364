import { type Compilable, sql } from 'kysely';
import type { Dialect, DynamicQuery } from '../warehouse/dialect.js';
import type { Grain } from '../warehouse/grain.js';
import { bucketedSource } from './buckets.js';
import { cellsQuery } from './cells.js';
import { correctionTables, isMadeOfEvents } from './correction.js';
import { largestUnknown } from './counted-cells.js';
import { inserts, insertWhole } from './fill.js';
import { type MartPlan, setNumber } from './mart.js';
import { countedColumns } from './part-columns.js';
import { dimensionOf, type GoldBuilder, queryOf, splitBy } from './source.js';

/** The statements that complete a correction, and whether they read the staged events. */
export interface Correction {
  readonly statements: readonly Compilable[];
  readonly readsEvents: boolean;
}

/**
 * Statements that make the corrected cells from the counted ones: as they are, or for each set of dimensions with what
 * is no sum over patients from all events of the touched cells. `doubtful`: the sets of `doubtfulCells`, with the grains.
 */
export function correctMart(
  gold: GoldBuilder,
  dialect: Dialect,
  plan: MartPlan,
  doubtful: ReadonlyMap<number, readonly Grain[]>,
): Correction {
  const { counted, corrected, cells } = correctionTables;
  const ofEvents = isMadeOfEvents(plan);
  const cellsOf = (select: (query: DynamicQuery) => DynamicQuery): DynamicQuery =>
    select(gold.selectFrom(counted as never) as unknown as DynamicQuery);
  const ofSet = inserts(gold, dialect, plan, corrected, (by, kept) => {
    const number = setNumber(plan.source, by);
    const dimensions = splitBy(plan.source, by).map((name) => dimensionOf(plan.source, name).column);
    const keys = ['grain', 'bucket', ...dimensions];
    const named = (query: DynamicQuery): DynamicQuery =>
      query
        .select(keys.map((key) => sql.ref(key === 'bucket' ? 'period' : key).as(key)))
        .where('by_set', '=', sql.lit(number));
    return cellsQuery(gold, dialect, {
      source: bucketedSource(gold, dialect, plan, ofEvents ? kept : (doubtful.get(number) ?? []), {
        only: {
          cells: queryOf(gold, cells).selectAll().where('by_set', '=', sql.lit(number)),
          dimensions,
        },
      }),
      by,
      grain: 'ALL',
      parts: plan.parts,
      persons: true,
      counted: {
        cells: cellsOf((query) =>
          named(query).select(countedColumns(plan.parts).map((column) => sql.ref(column).as(column))),
        ),
        ...(doubtful.has(number)
          ? {
              doubtful: cellsOf((query) => named(query).where(largestUnknown(plan.parts))),
            }
          : {}),
      },
    });
  });
  if (ofEvents) return { statements: ofSet.map(({ statement }) => statement), readsEvents: true };
  const sets = [...doubtful.keys()].map((set) => sql.lit(set));
  const known = cellsOf((query) => {
    const all = query.selectAll().select(sql.ref('period').as('bucket'));
    return sets.length === 0 ? all : all.where('by_set', 'not in', sets);
  });
  const unknown = ofSet.filter(({ set }) => doubtful.has(set));
  return {
    statements: [insertWhole(gold, plan, corrected, known), ...unknown.map(({ statement }) => statement)],
    readsEvents: doubtful.size > 0,
  };
}
