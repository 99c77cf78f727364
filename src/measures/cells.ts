import { type Expression, type RawBuilder, sql } from 'kysely';
import type { Dialect, DynamicQuery } from '../warehouse/dialect.js';
import type { CalendarGrain, Grain } from '../warehouse/grain.js';
import type { ColumnType } from '../warehouse/table.js';
import type { Condition } from './aggregate.js';
import { dimensionAsOf } from './as-of.js';
import { conditionSql } from './condition.js';
import { additiveColumns } from './correction.js';
import { events, type Part, personsOf, topOf } from './parts.js';
import { columnType, dimensionOf, type EventSource, type GoldBuilder, splitBy } from './source.js';
import { summedInto, sumOver } from './sums.js';
import { valueParts } from './values.js';

/** Cells of which the counts and sums are known. */
interface CountedCells {
  /** The keys of the cells and `countedColumns`. */
  readonly cells: DynamicQuery;
  /** The keys of those of which a largest sum is null because only the events can tell it. */
  readonly doubtful?: DynamicQuery;
}

/** Cells of a dataset: which events, split by what, with which columns. */
export interface CellsQuestion {
  readonly source: EventSource;
  /** Dimension names; fixed ones are added. */
  readonly by: readonly string[];
  readonly grain: Grain;
  readonly parts: readonly Part[];
  /** Also count the distinct patients behind the cell and behind every count. */
  readonly persons: boolean;
  /** Conditions on single events, over the columns of the source. Not on dimensions that stand in `by`. */
  readonly eventFilter?: readonly Expression<unknown>[];
  /** Restriction of `eventFilter` that speaks of trusts only: applied to the bed base as well. */
  readonly trustFilter?: readonly Expression<unknown>[];
  /** Restriction of `eventFilter` that speaks of `day` only: applied to the samples as well. */
  readonly dayFilter?: readonly Expression<unknown>[];
  /** Dimensions as they were known at this instant (exclusive), ISO 8601 in UTC; else as they are. */
  readonly asOf?: string;
  /** What is known of the cells already: only the other parts are computed from the events. */
  readonly counted?: CountedCells;
  /** An event filter names something finer than a trust, so that a number of beds would not fit it. */
  readonly finerThanTrust?: boolean;
}

/**
 * Columns: `period` (unless the grain is ALL), the key column of each dimension, `events`, and those of the
 * parts. Rows: cells with at least one event.
 */
export function cellsQuery(gold: GoldBuilder, dialect: Dialect, question: CellsQuestion): DynamicQuery {
  const { source, grain, parts } = question;
  const by = splitBy(source, question.by);
  const dimensionColumns = by.map((name) => dimensionOf(source, name).column);
  const keys = grain === 'ALL' ? dimensionColumns : ['period', ...dimensionColumns];
  const typeOf = (column: string): ColumnType => columnType(source, column);
  const when = (part: Part & { where: Condition }): Expression<boolean> | undefined =>
    conditionSql(part.where, typeOf);

  const relation = (columns: readonly string[]): DynamicQuery =>
    eventRelation(gold, dialect, question, keys, columns);
  const groupKeys = (query: DynamicQuery): DynamicQuery =>
    keys.length === 0 ? query : query.groupBy(keys.map((key) => sql.ref(key)));
  const refs = keys.map((key) => sql.ref(key).as(key));
  const oneOrNone = (condition: Expression<boolean> | undefined): RawBuilder<number> =>
    condition ? sql`sum(case when ${condition} then 1 else 0 end)` : dialect.countAll();

  const counts = parts.filter(
    (part): part is Part & { kind: 'count' } => part.kind === 'count' && part.id !== events,
  );
  const sums = parts.filter((part) => part.kind === 'sum');
  const sumColumns = sums.flatMap((part) => [part.column, ...Object.keys(part.where)]);
  const countColumns = [...new Set([...counts.flatMap((part) => Object.keys(part.where)), ...sumColumns])];
  const sumOfPart = (part: Part & { kind: 'sum' }): RawBuilder<unknown> => sumOver(dialect, part, when(part));
  const values = parts.filter(
    (part): part is Part & { kind: 'mean' | 'percentile' } =>
      part.kind === 'mean' || part.kind === 'percentile',
  );
  const valueSelection = valueParts(dialect, values, keys, typeOf, when);

  // Without persons everything is one pass over the events; with them the counts go by patient first.
  let cells: DynamicQuery;
  if (question.counted) cells = question.counted.cells;
  else if (question.persons) {
    const byPatient = groupKeys(
      from(gold, relation([...countColumns, 'patient_no']), 'e')
        .select(refs)
        .select(sql.ref('patient_no').as('patient_no'))
        .select(dialect.countAll().as(events))
        .select(counts.map((part) => oneOrNone(when(part)).as(part.id)))
        .select(sums.map((part) => sumOfPart(part).as(part.id))),
    ).groupBy(sql.ref('patient_no'));
    cells = groupKeys(
      from(gold, byPatient, 'p')
        .select(refs)
        .select(dialect.sumInt(sql.ref(events)).as(events))
        .select(dialect.countAll().as(personsOf(events)))
        .select(
          counts.flatMap((part) => [
            dialect.sumInt(sql.ref(part.id)).as(part.id),
            dialect.sumInt(sql`case when ${sql.ref(part.id)} > 0 then 1 else 0 end`).as(personsOf(part.id)),
          ]),
        )
        .select(
          sums.flatMap((part) => [
            summedInto(dialect, part, sql`sum(${sql.ref(part.id)})`).as(part.id),
            summedInto(dialect, part, sql`max(${sql.ref(part.id)})`).as(topOf(part.id)),
          ]),
        ),
    );
  } else {
    const ranked = valueSelection.rank(relation([...new Set([...countColumns, ...valueSelection.columns])]));
    cells = groupKeys(
      from(gold, ranked, 'e')
        .select(refs)
        .select(dialect.countAll().as(events))
        .select(
          counts.map((part) =>
            dialect.sumInt(sql`case when ${when(part) ?? sql`1 = 1`} then 1 else 0 end`).as(part.id),
          ),
        )
        .select(sums.map((part) => summedInto(dialect, part, sumOfPart(part)).as(part.id)))
        .select(valueSelection.selections()),
    );
  }
  // Without keys an aggregate over nothing is one row; such a cell has no event and is none.
  if (!question.counted) cells = cells.having(dialect.countAll(), '>', sql.lit(0));

  const doubtful = question.counted?.doubtful;
  const tops = doubtful ? sums.map(({ id }) => topOf(id)) : [];
  let result = from(gold, cells, 'c');
  result = doubtful
    ? result.select([...keys, ...additiveColumns(parts)].map((column) => sql.ref(`c.${column}`).as(column)))
    : result.selectAll('c');
  const join = (
    query: DynamicQuery,
    on: readonly string[],
    alias: string,
    columns: readonly string[],
  ): void => {
    result = result
      .leftJoin(query.as(alias), (join) =>
        on.length === 0
          ? join.on(sql<boolean>`1 = 1`)
          : on.reduce((joined, key) => joined.onRef(`c.${key}`, '=', `${alias}.${key}`), join),
      )
      .select(columns.map((column) => sql.ref(`${alias}.${column}`).as(column)));
  };

  if (question.persons && values.length > 0) {
    const ranked = valueSelection.rank(relation(valueSelection.columns));
    join(
      groupKeys(from(gold, ranked, 'e').select(refs).select(valueSelection.selections())),
      keys,
      'v',
      values.map((part) => part.id),
    );
  }
  if (doubtful) {
    const inDoubt = from(gold, relation([...new Set([...sumColumns, 'patient_no'])]), 'e')
      .innerJoin(doubtful.as('d'), (joined) =>
        keys.reduce((on, key) => on.onRef(`d.${key}`, '=', `e.${key}`), joined),
      )
      .selectAll('e');
    const byPatient = groupKeys(
      from(gold, inDoubt, 'e')
        .select(refs)
        .select(sums.map((part) => sumOfPart(part).as(part.id))),
    ).groupBy(sql.ref('patient_no'));
    const largest = groupKeys(
      from(gold, byPatient, 'p')
        .select(refs)
        .select(
          sums.map((part) => summedInto(dialect, part, sql`max(${sql.ref(part.id)})`).as(topOf(part.id))),
        ),
    );
    join(largest, keys, 't', []);
    result = result.select(
      tops.map((column) => sql`coalesce(${sql.ref(`c.${column}`)}, ${sql.ref(`t.${column}`)})`.as(column)),
    );
  }
  if (parts.some((part) => part.kind === 'samples')) {
    const on = keys.filter(
      (key) => key === 'period' || source.fixed.some((name) => dimensionOf(source, name).column === key),
    );
    join(samplesQuery(gold, dialect, question, on), on, 's', ['samples']);
  }
  if (parts.some((part) => part.kind === 'peak') && source.samples) {
    const sample = source.samples.key;
    const atSample = groupKeys(
      from(gold, relation([sample]), 'e')
        .select(refs)
        .select(dialect.countAll().as('present')),
    ).groupBy(sql.ref(sample));
    join(groupKeys(from(gold, atSample, 'q').select(refs).select(sql`max(present)`.as('peak'))), keys, 'k', [
      'peak',
    ]);
  }
  if (parts.some((part) => part.kind === 'capacity')) {
    const finer =
      question.finerThanTrust === true ||
      by.some((name) => name !== 'TRUST' && !source.calendar?.includes(name));
    if (finer)
      result = result.select(
        sql`cast(null as ${sql.raw(dialect.columnType({ kind: 'int64' }))})`.as('capacity'),
      );
    else {
      const on = by.includes('TRUST') ? ['trust_code'] : [];
      join(capacityQuery(gold, dialect, question, on), on, 'b', ['capacity']);
    }
  }
  return result;
}

/** A subquery as the only source of a new one. */
function from(gold: GoldBuilder, query: DynamicQuery, alias: string): DynamicQuery {
  return gold.selectFrom(query.as(alias)) as unknown as DynamicQuery;
}

/** Events with their key columns and the columns that are measured, filtered. */
function eventRelation(
  gold: GoldBuilder,
  dialect: Dialect,
  question: CellsQuestion,
  keys: readonly string[],
  columns: readonly string[],
): DynamicQuery {
  const names = [...new Set([...keys.filter((key) => key !== 'period'), ...columns])];
  let query = from(gold, question.source.relation(gold, dialect), 'r').select(
    names.map((name) => sql.ref(name).as(name)),
  );
  if (question.grain !== 'ALL') {
    query = query.select(dialect.bucket(question.grain as CalendarGrain, sql.ref('day')).as('period'));
  }
  if (names.length === 0 && question.grain === 'ALL') query = query.select(sql.lit(1).as('one'));
  for (const filter of question.eventFilter ?? []) query = query.where(filter as Expression<boolean>);
  return query;
}

/** Number of samples of each bucket (and fixed member) that the data cover and the question asks about. */
function samplesQuery(
  gold: GoldBuilder,
  dialect: Dialect,
  { source, grain, dayFilter = [] }: CellsQuestion,
  on: readonly string[],
): DynamicQuery {
  if (!source.samples) throw new Error(`source ${source.name} has no samples`);
  const fixed = on.filter((key) => key !== 'period');
  let inner = from(gold, source.samples.relation(gold), 'd').select(fixed.map((key) => sql.ref(key).as(key)));
  inner =
    grain === 'ALL'
      ? inner.select(sql.lit(1).as('one'))
      : inner.select(dialect.bucket(grain as CalendarGrain, sql.ref('day')).as('period'));
  for (const filter of dayFilter) inner = inner.where(filter as Expression<boolean>);
  const grouped = from(gold, inner, 'i')
    .select(on.map((key) => sql.ref(key).as(key)))
    .select(dialect.countAll().as('samples'));
  return on.length === 0 ? grouped : grouped.groupBy(on.map((key) => sql.ref(key)));
}

/** Staffed beds, of each trust or of all; null where the beds of one of them are not known. */
function capacityQuery(
  gold: GoldBuilder,
  dialect: Dialect,
  { trustFilter = [], asOf }: CellsQuestion,
  on: readonly string[],
): DynamicQuery {
  let query = dimensionAsOf(gold, 'dim_trust', asOf);
  for (const filter of trustFilter) query = query.where(filter as Expression<boolean>);
  query = query
    .select(on.map((key) => sql.ref(key).as(key)))
    .select(
      sql`case when sum(case when ${sql.ref('beds')} is null then 1 else 0 end) > 0 then null else ${dialect.sumInt(sql.ref('beds'))} end`.as(
        'capacity',
      ),
    );
  return on.length === 0 ? query : query.groupBy(on.map((key) => sql.ref(key)));
}
