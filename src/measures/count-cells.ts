import { type Expression, type RawBuilder, sql } from 'kysely';
import type { Dialect, DynamicQuery } from '../warehouse/dialect.js';
import type { Condition } from './aggregate.js';
import { events, type Part, personsOf, topOf } from './parts.js';
import { type GoldBuilder, subquery } from './source.js';
import { summedInto, sumOver } from './sums.js';

/** Events to be counted, and by what. */
export interface Counting {
  readonly gold: GoldBuilder;
  readonly dialect: Dialect;
  /** Key columns of the cells. */
  readonly keys: readonly string[];
  readonly counts: readonly (Part & { readonly kind: 'count' })[];
  readonly sums: readonly (Part & { readonly kind: 'sum' })[];
  /** The events with the keys, what counts and sums need, and these columns. */
  readonly relation: (columns: readonly string[]) => DynamicQuery;
  /** The condition of a part, undefined where it has none. */
  readonly when: (part: { readonly where: Condition }) => Expression<boolean> | undefined;
}

/** A query grouped by the keys of the cells and further columns. */
export const groupedBy = (query: DynamicQuery, columns: readonly string[]): DynamicQuery =>
  columns.length === 0 ? query : query.groupBy(columns.map((column) => sql.ref(column)));

/** Cells with their events, counts and sums, and the distinct patients behind them: counted by patient first. */
export const cellsByPatient = (counting: Counting): DynamicQuery =>
  cellsOfPatients(counting, countedBy(counting, 'patient_no'));

/** The same from what is counted by patient already: a row a patient and cell, as `countedBy` makes them. */
export function cellsOfPatients(
  { gold, dialect, keys, counts, sums }: Omit<Counting, 'relation' | 'when'>,
  patients: DynamicQuery,
): DynamicQuery {
  return groupedBy(
    subquery(gold, patients, 'p')
      .select(keys.map((key) => sql.ref(key).as(key)))
      .select(dialect.sumInt(sql.ref(events)).as(events))
      .select(dialect.countAll().as(personsOf(events)))
      .select(
        counts.flatMap(({ id }) => [
          dialect.sumInt(sql.ref(id)).as(id),
          dialect.sumInt(sql`case when ${sql.ref(id)} > 0 then 1 else 0 end`).as(personsOf(id)),
        ]),
      )
      .select(
        sums.flatMap((part) => [
          summedInto(dialect, part, sql`sum(${sql.ref(part.id)})`).as(part.id),
          summedInto(dialect, part, sql`max(${sql.ref(part.id)})`).as(topOf(part.id)),
        ]),
      ),
    keys,
  );
}

/** The same from cells of different patients, as `cellsOfPatients` makes them. */
export function mergedCells(
  { gold, dialect, keys, counts, sums }: Omit<Counting, 'relation' | 'when'>,
  cells: DynamicQuery,
): DynamicQuery {
  const adding = [events, ...counts.map(({ id }) => id)].flatMap((id) => [id, personsOf(id)]);
  return groupedBy(
    subquery(gold, cells, 'a')
      .select(keys.map((key) => sql.ref(key).as(key)))
      .select([...new Set(adding)].map((column) => dialect.sumInt(sql.ref(column)).as(column)))
      .select(
        sums.flatMap((part) => [
          summedInto(dialect, part, sql`sum(${sql.ref(part.id)})`).as(part.id),
          summedInto(dialect, part, sql`max(${sql.ref(topOf(part.id))})`).as(topOf(part.id)),
        ]),
      ),
    keys,
  );
}

/** Cells with their events, counts and sums, and the largest number of events at one sample: counted by sample first. */
export function cellsBySample(counting: Counting, sample: string): DynamicQuery {
  const { gold, dialect, keys, counts, sums } = counting;
  return groupedBy(
    subquery(gold, countedBy(counting, sample), 'q')
      .select(keys.map((key) => sql.ref(key).as(key)))
      .select([events, ...counts.map(({ id }) => id)].map((id) => dialect.sumInt(sql.ref(id)).as(id)))
      .select(sums.map((part) => summedInto(dialect, part, sql`sum(${sql.ref(part.id)})`).as(part.id)))
      .select(sql`max(${sql.ref(events)})`.as('peak')),
    keys,
  );
}

/** The same without patients and samples, of events that may carry ranks: `more` is selected beside, in the one pass. */
export function cellsAtOnce(
  { gold, dialect, keys, counts, sums, when }: Counting,
  relation: DynamicQuery,
  more: (query: DynamicQuery) => DynamicQuery,
): DynamicQuery {
  const cells = subquery(gold, relation, 'e')
    .select(keys.map((key) => sql.ref(key).as(key)))
    .select(dialect.countAll().as(events))
    .select(
      counts.map((part) =>
        dialect.sumInt(sql`case when ${when(part) ?? sql`1 = 1`} then 1 else 0 end`).as(part.id),
      ),
    )
    .select(sums.map((part) => summedInto(dialect, part, sumOver(dialect, part, when(part))).as(part.id)));
  return groupedBy(more(cells), keys);
}

/** The largest sum of a patient in some of the cells: keys and, of each sum, its `topOf`. */
export function largestSums(
  { gold, dialect, keys, sums, relation, when }: Counting,
  cells: DynamicQuery,
): DynamicQuery {
  const refs = keys.map((key) => sql.ref(key).as(key));
  const inCells = subquery(gold, relation(['patient_no']), 'e')
    .innerJoin(cells.as('d'), (joined) =>
      keys.reduce((on, key) => on.onRef(`d.${key}`, '=', `e.${key}`), joined),
    )
    .selectAll('e');
  const byPatient = subquery(gold, inCells, 'e')
    .select(refs)
    .select(sums.map((part) => sumOver(dialect, part, when(part)).as(part.id)));
  return groupedBy(
    subquery(gold, groupedBy(byPatient, [...keys, 'patient_no']), 'p')
      .select(refs)
      .select(
        sums.map((part) => summedInto(dialect, part, sql`max(${sql.ref(part.id)})`).as(topOf(part.id))),
      ),
    keys,
  );
}

/** Events, counts and sums by the keys and one column more. */
export function countedBy(counting: Counting, column: string): DynamicQuery {
  const { gold, dialect, keys, counts, sums, relation, when } = counting;
  const oneOrNone = (condition: Expression<boolean> | undefined): RawBuilder<number> =>
    condition ? sql`sum(case when ${condition} then 1 else 0 end)` : dialect.countAll();
  return groupedBy(
    subquery(gold, relation([column]), 'e')
      .select([...keys, column].map((key) => sql.ref(key).as(key)))
      .select(dialect.countAll().as(events))
      .select(counts.map((part) => oneOrNone(when(part)).as(part.id)))
      .select(sums.map((part) => sumOver(dialect, part, when(part)).as(part.id))),
    [...keys, column],
  );
}
