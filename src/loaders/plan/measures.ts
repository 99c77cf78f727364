import { type JoinBuilder, type RawBuilder, sql } from 'kysely';
import type { Released } from '../../access/disclosure.js';
import { MaplewoodError } from '../../errors.js';
import type { Aggregate } from '../../measures/aggregate.js';
import { dimensionAsOf } from '../../measures/as-of.js';
import { dimensionOf, subquery } from '../../measures/source.js';
import { columnVisible } from '../../schema/datasets.js';
import { aggregateFor, argumentsOf } from '../../schema/declare/arguments.js';
import type { MeasureDataset } from '../../schema/declare/dataset.js';
import { measureType } from '../../schema/declare/decorators.js';
import type { DimensionColumn } from '../../schema/declare/metadata.js';
import type { DynamicQuery } from '../../warehouse/dialect.js';
import { versionsOf } from '../../warehouse/gold/versions.js';
import type { ColumnType } from '../../warehouse/table.js';
import { literalDay } from '../../warehouse/value.js';
import { columnsOf, type FilterColumn } from '../filter.js';
import type { MeasureQuestion } from '../question.js';
import { checkArguments, checkCombination, dimensionAllowed } from './allowed.js';
import { instantOf } from './as-of.js';
import { chooseCells, partsFor } from './choose-cells.js';
import { firstCells } from './first-cells.js';
import { Folds, isFolded } from './folded.js';
import { pagePlan, type RowColumn } from './page.js';
import { hiddenColumn, type Plan, type PlanContext } from './plan.js';
import { closedBefore, nullOf, release } from './released.js';
import { splitFilter } from './split.js';
import { yearAsked } from './year.js';

const day = { kind: 'date' } as const;

/** The statement of a measure question, for one grant and release. Pure. */
export function planMeasures(dataset: MeasureDataset, asked: MeasureQuestion, context: PlanContext): Plan {
  const { grant } = context;
  const args = argumentsOf(dataset.arguments, asked.args);
  const year = yearAsked(dataset, asked, args, context.release.dataAsOf);
  const question: MeasureQuestion = { ...asked, args, ...(year === undefined ? {} : { grain: 'YEAR' }) };
  const named = [
    ...question.select,
    ...(question.where ? columnsOf(question.where) : []),
    ...question.orderBy.map(({ column }) => column),
  ].filter((name) => name !== 'period' && name !== 'suppressed');
  const forbidden = [
    ...named.filter((name) => !columnVisible(dataset, grant.role, name)),
    ...question.by.filter((name) => !dimensionAllowed(dataset, grant.role, name)),
  ];
  if (forbidden.length > 0 || !dataset.roles.includes(grant.role))
    throw new MaplewoodError('POLICY_VIOLATION');

  if (question.asOf !== undefined && context.grant.profile !== 'exact')
    throw new MaplewoodError('POLICY_VIOLATION');
  const asOf = instantOf(question.asOf, context);
  const split = splitFilter(dataset, grant.role, question);
  checkCombination(dataset, question.grain, split.by, context);

  checkArguments(dataset, args, context);
  const wanted = [...new Set(named)].flatMap((name) => {
    const column = dataset.measures.get(name);
    return column ? [{ name, column, aggregate: aggregateFor(column, args) }] : [];
  });
  const aggregates = wanted.map(({ aggregate }) => aggregate);
  const parts = partsFor(dataset, aggregates);
  const buckets = {
    only: year,
    before: closedBefore(question.grain, dataset.followed?.(args) ?? 0, context),
  };
  const cellsBy = (by: readonly string[], needed: readonly Aggregate[]): DynamicQuery =>
    inBuckets(
      chooseCells(dataset, question, { ...split, by }, { aggregates: needed, parts }, asOf, context),
      buckets,
      context,
    );
  const all = cellsBy(split.by, aggregates);
  const present = new Set([...split.by, ...dataset.source.fixed]);
  const dimensions = [...dataset.dimensions.values()];
  const used = dimensions.filter((dimension) => present.has(dimension.by));
  const keyColumns = used.filter((dimension) => dimension.value.from === 'key');
  const shown = new Set([...named, ...keyColumns.map(({ name }) => name)]);

  const keys = new Map<string, FilterColumn>([
    ...(question.grain === 'ALL' ? [] : [['period', cellKey('period', day)] as const]),
    ...keyColumns.map(
      ({ name, by, type }) => [name, cellKey(dimensionOf(dataset.source, by).column, type)] as const,
    ),
  ]);
  const { cells, ...left } = firstCells(all, keys, split.cells, question, context);

  let rows = subquery(context.gold, cells, 'c').select(
    (question.grain === 'ALL' ? nullOf(context, day) : sql.ref('c.period')).as('period'),
  );
  const columns = new Map<string, RowColumn>([
    ['period', { name: 'period', type: day, nullable: question.grain === 'ALL' }],
  ]);
  let label = 0;
  for (const dimension of dimensions) {
    if (!shown.has(dimension.name)) continue;
    if (!present.has(dimension.by)) rows = rows.select(nullOf(context, dimension.type).as(dimension.name));
    else if (dimension.value.from === 'key') {
      rows = rows.select(sql.ref(`c.${dimensionOf(dataset.source, dimension.by).column}`).as(dimension.name));
    } else {
      label += 1;
      rows = joinLabel(
        context,
        asOf,
        rows,
        dimension,
        `l${label}`,
        `c.${dimensionOf(dataset.source, dimension.by).column}`,
      );
    }
    columns.set(dimension.name, {
      name: dimension.name,
      type: dimension.type,
      nullable: dimension.value.from === 'label' || !present.has(dimension.by),
    });
  }

  const folds = new Folds({
    source: dataset.source,
    parts,
    by: split.by,
    cellsBy,
    keys: [
      ...(question.grain === 'ALL' ? [] : ['period']),
      ...[...present].map((name) => dimensionOf(dataset.source, name).column),
    ],
    context,
  });
  const hideable: string[] = [];
  const masks: RawBuilder<unknown>[] = [];
  for (const { name, column, aggregate } of wanted) {
    let released: Released;
    if (isFolded(aggregate)) ({ rows, released } = folds.add(rows, aggregate));
    else released = release(dataset, question, column, aggregate, parts, context);
    rows = rows.select(released.value.as(name));
    columns.set(name, { name, type: measureType(aggregate), nullable: true });
    if (released.hidden) {
      masks.push(sql`case when ${released.hidden} then ${sql.lit(2 ** hideable.length)} else 0 end`);
      hideable.push(name);
    }
  }
  if (hideable.length > 0) rows = rows.select(sql`(${sql.join(masks, sql` + `)})`.as(hiddenColumn));
  return pagePlan(context, {
    rows,
    columns,
    select: question.select.filter((name) => name !== 'suppressed'),
    ...left,
    orderBy: question.orderBy,
    identity: [...keys.keys()],
    first: question.first,
    total: question.total,
    hideable,
  });
}

/** A column that identifies cells `c`. */
const cellKey = (column: string, type: ColumnType): FilterColumn => ({
  expression: sql.ref(`c.${column}`),
  type,
  nullable: false,
});

/** The cells of one bucket, and of those that begin before a day; without either all of them. */
function inBuckets(
  cells: DynamicQuery,
  { only, before }: { readonly only: string | undefined; readonly before: string | undefined },
  { gold }: PlanContext,
): DynamicQuery {
  const period = sql.ref('x.period');
  const bounds = [
    ...(only === undefined ? [] : [sql<boolean>`${period} = ${literalDay(only)}`]),
    ...(before === undefined ? [] : [sql<boolean>`${period} < ${literalDay(before)}`]),
  ];
  if (bounds.length === 0) return cells;
  return bounds.reduce(
    (rows, bound) => rows.where(bound),
    subquery(gold, cells, 'x').selectAll('x' as never),
  );
}

function joinLabel(
  { gold }: PlanContext,
  asOf: string | undefined,
  rows: DynamicQuery,
  dimension: DimensionColumn & { name: string },
  alias: string,
  key: string,
): DynamicQuery {
  const { value } = dimension;
  if (value.from !== 'label') throw new Error(`${dimension.name} is no label`);
  const { table, list, column, current } = value;
  const on = (join: JoinBuilder<never, never>): JoinBuilder<never, never> => {
    const keyed =
      list === undefined
        ? join.onRef(`${alias}.${value.key}` as never, '=', key as never)
        : join
            .onRef(`${alias}.code` as never, '=', key as never)
            .on(`${alias}.code_list` as never, '=', sql.lit(list) as never);
    return current === undefined ? keyed : keyed.on(`${alias}.${current}` as never, '=', sql.lit(1) as never);
  };
  const joined =
    asOf !== undefined && versionsOf.has(table)
      ? rows.leftJoin(dimensionAsOf(gold, table, asOf).selectAll().as(alias), on as never)
      : rows.leftJoin(`${table} as ${alias}`, on as never);
  return (joined as DynamicQuery).select(sql.ref(`${alias}.${column}`).as(dimension.name));
}
