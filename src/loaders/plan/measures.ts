import { type Expression, type JoinBuilder, type RawBuilder, sql } from 'kysely';
import { allowedGrains } from '../../access/combinations.js';
import { controlled, exact, type Released } from '../../access/disclosure.js';
import { roleDeclarations } from '../../access/role.js';
import { MaplewoodError } from '../../errors.js';
import type { Aggregate } from '../../measures/aggregate.js';
import { dimensionAsOf } from '../../measures/as-of.js';
import { cellsQuery } from '../../measures/cells.js';
import { keptSets, martCells } from '../../measures/mart.js';
import { narrowed } from '../../measures/narrowed.js';
import { events, type Part, type PartList, partColumns, partsOf } from '../../measures/parts.js';
import { dimensionOf } from '../../measures/source.js';
import { columnVisible, martPlan } from '../../schema/datasets.js';
import { aggregateFor, argumentsOf, sameCondition } from '../../schema/declare/arguments.js';
import type { MeasureDataset } from '../../schema/declare/dataset.js';
import { measureType } from '../../schema/declare/decorators.js';
import type { Arguments, DimensionColumn, MeasureColumn } from '../../schema/declare/metadata.js';
import type { DynamicQuery } from '../../warehouse/dialect.js';
import { versionsOf } from '../../warehouse/gold/versions.js';
import { addDays, bucketStart, type CalendarGrain, type Grain } from '../../warehouse/grain.js';
import type { ColumnType } from '../../warehouse/table.js';
import { bind } from '../../warehouse/value.js';
import { columnsOf, type Filter, filterSql } from '../filter.js';
import type { MeasureQuestion } from '../question.js';
import { instantOf } from './as-of.js';
import { Folds, isFolded } from './folded.js';
import { pagePlan, type RowColumn } from './page.js';
import { hiddenColumn, type Plan, type PlanContext } from './plan.js';
import { type Split, splitFilter } from './split.js';
import { ofOneYear } from './year.js';

const text5 = { kind: 'text', length: 5 } as const;
const day = { kind: 'date' } as const;

/** The statement of a measure question, for one grant and release. Pure. */
export function planMeasures(dataset: MeasureDataset, asked: MeasureQuestion, context: PlanContext): Plan {
  const { grant } = context;
  const args = argumentsOf(dataset.arguments, asked.args);
  const question = ofOneYear(dataset, asked, args, context.release.dataAsOf);
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
  const cells = chooseCells(dataset, { ...question, args }, split, { aggregates, parts }, asOf, context);
  const present = new Set([...split.by, ...dataset.source.fixed]);
  const dimensions = [...dataset.dimensions.values()];
  const used = dimensions.filter((dimension) => present.has(dimension.by));
  const keyColumns = used.filter((dimension) => dimension.value.from === 'key');
  const shown = new Set([...named, ...keyColumns.map(({ name }) => name)]);

  let rows = (context.gold.selectFrom(cells.as('c')) as unknown as DynamicQuery).select(
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
    cellsBy: (by, finer) =>
      chooseCells(
        dataset,
        { ...question, args },
        { ...split, by },
        { aggregates: finer, parts },
        asOf,
        context,
      ),
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
  const closed = closedBefore(question.grain, dataset.followed?.(args) ?? 0, context);
  if (closed) rows = rows.where(sql<boolean>`c.period < ${bind(day, closed)}`);

  return pagePlan(context, {
    rows,
    columns,
    select: question.select.filter((name) => name !== 'suppressed'),
    filters: split.cells,
    orderBy: question.orderBy,
    identity: [...(question.grain === 'ALL' ? [] : ['period']), ...keyColumns.map(({ name }) => name)],
    first: question.first,
    ...(question.after ? { after: question.after } : {}),
    total: question.total,
    hideable,
  });
}

function dimensionAllowed(
  dataset: MeasureDataset,
  role: PlanContext['grant']['role'],
  name: string,
): boolean {
  return dataset.by.includes(name) && (dataset.dimensionRoles?.[name]?.includes(role) ?? true);
}

/** Error `BAD_USER_INPUT`, which names the values of an argument that the role may use. */
function checkArguments(dataset: MeasureDataset, args: Arguments, { grant }: PlanContext): void {
  if (grant.profile !== 'published') return;
  for (const [name, { published }] of Object.entries(dataset.arguments ?? {})) {
    const value = args[name];
    if (published && value !== undefined && value !== null && !published.includes(value))
      throw new MaplewoodError(
        'BAD_USER_INPUT',
        `${name} of ${dataset.key} is offered to this role as ${published.join(', ')} only.`,
      );
  }
}

/** Error `GRAIN_NOT_ALLOWED`, which names what the role may ask for. */
function checkCombination(
  dataset: MeasureDataset,
  grain: Grain,
  by: readonly string[],
  context: PlanContext,
): void {
  const { role } = context.grant;
  const allowed = allowedGrains(role, dataset, by);
  if (allowed.includes(grain)) return;
  const words = by.length === 0 ? 'no dimension' : by.join(', ');
  if (allowed.length > 0) {
    throw new MaplewoodError(
      'GRAIN_NOT_ALLOWED',
      `${dataset.key} by ${words} (filtered dimensions included) is offered to this role at grain ${allowed.join(', ')}.`,
    );
  }
  const offered = dataset.cubes
    .filter((cube) => cube.by.every((name) => dataset.by.includes(name)))
    .flatMap((cube) => {
      const floor = allowedGrains(role, dataset, cube.by)[0];
      return floor ? [`${cube.by.join(' ')} from ${floor}`] : [];
    })
    .join('; ');
  throw new MaplewoodError(
    'GRAIN_NOT_ALLOWED',
    `${dataset.key} by ${words} (filtered dimensions included) is not offered to this role. Offered, with fewer dimensions as well: ${offered}.`,
  );
}

/** Cells from the mart where it keeps the question, else from the events. */
function chooseCells(
  dataset: MeasureDataset,
  question: MeasureQuestion,
  split: Split,
  { aggregates, parts: list }: { readonly aggregates: readonly Aggregate[]; readonly parts: PartList },
  asOf: string | undefined,
  context: PlanContext,
): DynamicQuery {
  const { gold, dialect, grant } = context;
  const exactFigures = grant.profile === 'exact';
  const parts = uniqueParts(list, aggregates, !exactFigures);
  const { counted } = dataset;
  const condition = counted?.(question.args) ?? {};
  const { trusts } = grant;
  const byTrust = split.by.includes('TRUST');
  const scoped = trusts !== null;
  const hasTrust = Object.hasOwn(dataset.source.dimensions, 'TRUST');

  // A mart holds the beds of today.
  const dated = asOf !== undefined && parts.some(({ kind }) => kind === 'capacity');
  const usual =
    list === dataset.parts && sameCondition(condition, counted?.(argumentsOf(dataset.arguments)) ?? {});
  if (split.events.length === 0 && !dated && usual) {
    // Cells of the only trust in scope are those of the whole scope.
    const martBy = scoped && hasTrust && !byTrust && trusts.length === 1 ? [...split.by, 'TRUST'] : split.by;
    if (!scoped || martBy.includes('TRUST')) {
      const plan = martPlan(dataset);
      const held = context.release.tables.get(plan.name);
      const complete = parts.every((part) =>
        Object.keys(partColumns(part)).every((column) => held?.has(column)),
      );
      const kept =
        held?.has(events) && complete
          ? martCells(gold, plan, keptSets(plan), martBy, question.grain)
          : undefined;
      if (kept) return scoped ? kept.where(trustScope(trusts)) : kept;
    }
  }

  // What is of no trust is in the scope of none.
  const scope = scoped ? [hasTrust ? trustScope(trusts) : sql<boolean>`1 = 0`] : [];
  const trustOnly = split.events.filter((filter) =>
    columnsOf(filter).every((name) => dataset.dimensions.get(name)?.by === 'TRUST'),
  );
  const eventColumn = (name: string) => {
    if (name === 'period') return { expression: sql.ref('day'), type: day, nullable: false };
    const dimension = dataset.dimensions.get(name);
    if (!dimension) throw new MaplewoodError('POLICY_VIOLATION');
    if (dimension.value.from !== 'key') {
      throw new MaplewoodError(
        'BAD_USER_INPUT',
        `A filter on ${name} needs ${dimension.by} in by; filter by the code instead.`,
      );
    }
    const { column, type } = dimensionOf(dataset.source, dimension.by);
    return { expression: sql.ref(column), type, nullable: false };
  };
  const toSql = (filters: readonly Filter[]): Expression<boolean>[] =>
    filters.map((filter) => filterSql(dialect, filter, eventColumn));
  return cellsQuery(gold, dialect, {
    source: narrowed(dataset.source, condition),
    by: split.by,
    grain: question.grain,
    parts,
    ...(asOf === undefined ? {} : { asOf }),
    persons: !exactFigures || aggregates.some(countsPersons),
    eventFilter: [...scope, ...toSql(split.events)],
    trustFilter: [...scope, ...toSql(trustOnly)],
    dayFilter: toSql(split.events.filter((filter) => columnsOf(filter).includes('period'))),
    finerThanTrust: split.eventDimensions.some((name) => name !== 'TRUST' && name !== 'period'),
  });
}

/** The parts that the mart keeps, or those of the aggregates alone where it lacks one: for other arguments than it was made for. */
function partsFor(dataset: MeasureDataset, aggregates: readonly Aggregate[]): PartList {
  if (aggregates.every((aggregate) => dataset.parts.has(aggregate))) return dataset.parts;
  return partsOf(Object.fromEntries(aggregates.map((aggregate, index) => [`m${index}`, aggregate])));
}

function uniqueParts(list: PartList, aggregates: readonly Aggregate[], controlled: boolean): Part[] {
  const parts = new Map<string, Part>();
  for (const aggregate of aggregates)
    for (const part of list.neededBy(aggregate, controlled)) parts.set(part.id, part);
  return [...parts.values()];
}

const countsPersons = (aggregate: Aggregate): boolean =>
  aggregate.kind === 'persons' || (aggregate.kind === 'ratio' && aggregate.below.kind === 'persons');

const trustScope = (trusts: readonly string[]): Expression<boolean> =>
  sql<boolean>`trust_code in (${sql.join(trusts.map((code) => bind(text5, code)))})`;

function release(
  dataset: MeasureDataset,
  question: MeasureQuestion,
  column: MeasureColumn,
  aggregate: Aggregate,
  parts: PartList,
  context: PlanContext,
): Released {
  const { dialect, grant } = context;
  if (aggregate.kind === 'isPartial')
    return { value: partial(dataset, question.grain, context), hidden: undefined };
  const gap = dataset.unavailable;
  if (gap && question.args[gap.argument] === gap.value && column.sensitivity !== 'O') {
    return { value: nullOf(context, measureType(aggregate)), hidden: undefined };
  }
  return grant.profile === 'exact'
    ? exact(dialect, parts, aggregate)
    : controlled(dialect, parts, aggregate, context.rule, roleDeclarations[grant.role].money);
}

/** The bucket touches days before the warm-up has passed, or after the last day with data. */
function partial(dataset: MeasureDataset, grain: Grain, context: PlanContext): RawBuilder<unknown> {
  const flag = (condition: RawBuilder<unknown>): RawBuilder<unknown> =>
    sql`cast(case when ${condition} then 1 else 0 end as ${sql.raw(context.dialect.columnType({ kind: 'boolean' }))})`;
  if (grain === 'ALL') return flag(sql`1 = 1`);
  const { firstDays, dataAsOf } = context.release;
  const { firstDay, days } = dataset.source.warmUp;
  const first = firstDays[firstDay];
  const incomplete = bucketStart(grain, addDays(dataAsOf, 1));
  const late = sql`c.period >= ${bind(day, incomplete)}`;
  return first === null ? flag(late) : flag(sql`c.period < ${bind(day, addDays(first, days))} or ${late}`);
}

/**
 * Under disclosure control only closed buckets are released, of which every event has been followed: the first day of
 * the first bucket that is not.
 */
function closedBefore(grain: Grain, followed: number, context: PlanContext): string | undefined {
  if (context.grant.profile === 'exact' || grain === 'ALL') return undefined;
  const dataAsOf = addDays(context.release.dataAsOf, -followed);
  const last = dataAsOf < context.yesterday ? dataAsOf : context.yesterday;
  return bucketStart(grain as CalendarGrain, addDays(last, 1));
}

const nullOf = ({ dialect }: PlanContext, type: ColumnType): RawBuilder<unknown> =>
  sql`cast(null as ${sql.raw(dialect.columnType(type))})`;

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
  const { table, list, column } = value;
  const on = (join: JoinBuilder<never, never>): JoinBuilder<never, never> =>
    list === undefined
      ? join.onRef(`${alias}.${value.key}` as never, '=', key as never)
      : join
          .onRef(`${alias}.code` as never, '=', key as never)
          .on(`${alias}.code_list` as never, '=', sql.lit(list) as never);
  const joined =
    asOf !== undefined && versionsOf.has(table)
      ? rows.leftJoin(dimensionAsOf(gold, table, asOf).selectAll().as(alias), on as never)
      : rows.leftJoin(`${table} as ${alias}`, on as never);
  return (joined as DynamicQuery).select(sql.ref(`${alias}.${column}`).as(dimension.name));
}
