import { type Expression, sql } from 'kysely';
import type { Dialect, DynamicQuery } from '../warehouse/dialect.js';
import type { CalendarGrain } from '../warehouse/grain.js';
import type { ColumnType } from '../warehouse/table.js';
import type { CellsQuestion } from './cells-question.js';
import { conditionSql } from './condition.js';
import {
  type Counting,
  cellsAtOnce,
  cellsByPatient,
  cellsBySample,
  groupedBy,
  largestSums,
} from './count-cells.js';
import { additiveColumns, countsOf, sumsOf } from './part-columns.js';
import { type Part, topOf } from './parts.js';
import { capacityQuery, samplesQuery } from './samples.js';
import { columnType, dimensionOf, type GoldBuilder, splitBy, subquery } from './source.js';
import { valueParts } from './values.js';

/** The events of a question as counts and sums need them. */
export function countingOf(gold: GoldBuilder, dialect: Dialect, question: CellsQuestion): Counting {
  const { source, grain, parts } = question;
  const dimensions = splitBy(source, question.by).map((name) => dimensionOf(source, name).column);
  const keys = grain === 'ALL' ? dimensions : ['period', ...dimensions];
  const counts = countsOf(parts);
  const sums = sumsOf(parts);
  const counted = [
    ...counts.flatMap((part) => Object.keys(part.where)),
    ...sums.flatMap((part) => [part.column, ...Object.keys(part.where)]),
  ];
  return {
    gold,
    dialect,
    keys,
    counts,
    sums,
    relation: (columns) =>
      eventRelation(gold, dialect, question, keys, [...new Set([...counted, ...columns])]),
    when: ({ where }) => conditionSql(where, (column) => columnType(source, column)),
  };
}

/**
 * Columns: `period` (unless the grain is ALL), the key column of each dimension, `events`, and those of the
 * parts. Rows: cells with at least one event.
 */
export function cellsQuery(gold: GoldBuilder, dialect: Dialect, question: CellsQuestion): DynamicQuery {
  const { source, parts } = question;
  const by = splitBy(source, question.by);
  const counting = countingOf(gold, dialect, question);
  const { keys, sums, when } = counting;
  const typeOf = (column: string): ColumnType => columnType(source, column);
  const events = (columns: readonly string[]): DynamicQuery =>
    eventRelation(gold, dialect, question, keys, [...new Set(columns)]);
  const values = parts.filter(
    (part): part is Part & { kind: 'mean' | 'percentile' } =>
      part.kind === 'mean' || part.kind === 'percentile',
  );
  const valueSelection = valueParts(dialect, values, keys, typeOf, when);
  const sample = parts.some((part) => part.kind === 'peak') ? source.samples?.key : undefined;

  let cells: DynamicQuery;
  // The peak is part of the cells where they are counted by sample, so that the events are found once.
  let peak = false;
  if (question.counted) cells = question.counted.cells;
  else if (question.persons) cells = cellsByPatient(counting);
  else if (sample !== undefined && values.length === 0) {
    cells = cellsBySample(counting, sample);
    peak = true;
  } else {
    const ranked = valueSelection.rank(counting.relation(valueSelection.columns));
    cells = cellsAtOnce(counting, ranked, (query) => query.select(valueSelection.selections()));
  }
  // Without keys an aggregate over nothing is one row; such a cell has no event and is none.
  if (!question.counted) cells = cells.having(dialect.countAll(), '>', sql.lit(0));

  const doubtful = question.counted?.doubtful;
  let result = subquery(gold, cells, 'c');
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

  const refs = keys.map((key) => sql.ref(key).as(key));
  if (question.persons && values.length > 0) {
    const ranked = valueSelection.rank(events(valueSelection.columns));
    join(
      groupedBy(subquery(gold, ranked, 'e').select(refs).select(valueSelection.selections()), keys),
      keys,
      'v',
      values.map((part) => part.id),
    );
  }
  if (doubtful) {
    join(largestSums(counting, doubtful), keys, 't', []);
    result = result.select(
      sums
        .map(({ id }) => topOf(id))
        .map((column) => sql`coalesce(${sql.ref(`c.${column}`)}, ${sql.ref(`t.${column}`)})`.as(column)),
    );
  }
  if (parts.some((part) => part.kind === 'samples')) {
    const on = keys.filter(
      (key) => key === 'period' || source.fixed.some((name) => dimensionOf(source, name).column === key),
    );
    join(samplesQuery(gold, dialect, question, on), on, 's', ['samples']);
  }
  if (sample !== undefined && !peak) {
    const atSample = subquery(gold, events([sample]), 'e')
      .select(refs)
      .select(dialect.countAll().as('present'));
    const largest = subquery(gold, groupedBy(atSample, [...keys, sample]), 'q')
      .select(refs)
      .select(sql`max(present)`.as('peak'));
    join(groupedBy(largest, keys), keys, 'k', ['peak']);
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

/** Events with their key columns and the columns that are measured, filtered. */
function eventRelation(
  gold: GoldBuilder,
  dialect: Dialect,
  question: CellsQuestion,
  keys: readonly string[],
  columns: readonly string[],
): DynamicQuery {
  const names = [...new Set([...keys.filter((key) => key !== 'period'), ...columns])];
  let query = subquery(gold, question.source.relation(gold, dialect, question.acts), 'r').select(
    names.map((name) => sql.ref(name).as(name)),
  );
  if (question.grain !== 'ALL') {
    query = query.select(dialect.bucket(question.grain as CalendarGrain, sql.ref('day')).as('period'));
  }
  if (names.length === 0 && question.grain === 'ALL') query = query.select(sql.lit(1).as('one'));
  for (const filter of question.eventFilter ?? []) query = query.where(filter as Expression<boolean>);
  return query;
}
