import { sql } from 'kysely';
import type { Entity } from '../../access/pseudonym.js';
import { MaplewoodError } from '../../errors.js';
import { patientColumn } from '../../schema/people/relation.js';
import type { DynamicQuery } from '../../warehouse/dialect.js';
import type { ColumnType } from '../../warehouse/table.js';
import type { OutputColumn } from '../../warehouse/warehouse.js';
import { conjuncts, type Filter, type FilterValue, filterSql } from '../filter.js';
import type { Order } from '../question.js';
import { afterSql, type OrderTerm, sortKeys, totalOrder } from './order.js';
import { hiddenColumn, type Plan, type PlanContext, placeColumn, rowColumn, totalColumn } from './plan.js';

/** A column of the released rows. */
export interface RowColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly nullable: boolean;
  /** A key, of which the answer has the token. */
  readonly token?: Entity;
}

export interface PageRequest {
  /** Rows as they may be seen, columns by API name. Filters, order and cursor act on them only. */
  readonly rows: DynamicQuery;
  readonly columns: ReadonlyMap<string, RowColumn>;
  readonly select: readonly string[];
  readonly filters: readonly Filter[];
  readonly orderBy: readonly Order[];
  /** Columns that identify a row, in the default order; appended so that the order is total. */
  readonly identity: readonly string[];
  readonly first: number;
  readonly after?: readonly FilterValue[];
  readonly total: boolean;
  readonly hideable: readonly string[];
  /** Columns of the rows that are read and are not part of the answer. */
  readonly internal?: readonly OutputColumn[];
  /** The first rows of each patient (column `patientColumn`) in place of the first ones of all. */
  readonly perPatient?: boolean;
  /** Fewest patients of whom rows are shown; of fewer there is none. */
  readonly fewest?: number;
  /** The value behind one of a cursor: of a token its key, or null where there is none. */
  readonly keyOf?: (name: string, value: FilterValue) => FilterValue;
}

/** The page of released rows that was asked for: filter, count, cursor, order, first rows. */
export function pagePlan(context: PlanContext, request: PageRequest): Plan {
  const { dialect, gold } = context;
  const columnOf = (name: string): RowColumn => {
    const column = request.columns.get(name);
    if (!column) throw new MaplewoodError('POLICY_VIOLATION');
    return column;
  };
  const filterColumn = (name: string) => {
    const column = columnOf(name);
    return { expression: sql.ref(`r.${name}`), type: column.type, nullable: column.nullable };
  };
  let filtered = gold.selectFrom(request.rows.as('r')) as unknown as DynamicQuery;
  for (const filter of request.filters.flatMap(conjuncts))
    filtered = filtered.where(filterSql(dialect, filter, filterColumn));

  const order = totalOrder(request.orderBy, request.identity).map(({ column, descending }) => ({
    ...columnOf(column),
    expression: sql.ref(`r.${column}`),
    descending,
  }));
  const selected = new Set(request.select);
  const patient = sql.ref(`r.${patientColumn}`);
  const { perPatient = false, internal = [] } = request;
  const columns: PageColumn[] = [
    ...[...new Set([...selected, ...order.map(({ name }) => name)])].map((name) => ({
      from: name,
      name: selected.has(name) ? name : placeColumn(name),
      type: columnOf(name).type,
    })),
    ...(request.hideable.length > 0 ? [itself(hiddenColumn, { kind: 'int32' })] : []),
    ...internal.map(({ name, type }) => itself(name, type)),
  ];
  // A statement needs a column, also where only the number of rows matters.
  const total = (request.total && !(perPatient && request.after)) || columns.length === 0;

  if (request.fewest !== undefined) filtered = ofEnough(filtered, request.fewest, context);
  let page: DynamicQuery;
  if (total) {
    const over = perPatient ? sql`partition by ${patient}` : sql``;
    const counted = filtered
      .select(asTheyAre(columns))
      .select(sql`${dialect.countAll()} over (${over})`.as(totalColumn));
    page = gold.selectFrom(counted.as('r')) as unknown as DynamicQuery;
    columns.push(itself(totalColumn, { kind: 'int64' }));
  } else page = filtered;
  if (request.after) {
    const { keyOf } = request;
    const values = request.after.map((value, at) => {
      const name = order[at]?.name;
      return value === null || name === undefined || !keyOf ? value : keyOf(name, value);
    });
    page = page.where(afterSql(values, order));
  }
  page = perPatient
    ? firstOfEach(page, order, columns, request.first + 1, context)
    : firstOf(page, order, columns, request.first + 1, context);
  page = page.select(
    columns.map(({ from, name, type }) => dialect.output(sql.ref(`r.${from}`), type).as(name)),
  );

  const count = dialect.output(dialect.countAll(), { kind: 'int64' }).as(totalColumn);
  return {
    statement: dialect.compile(page),
    output: columns.map(({ name, type }) => ({ name, type })),
    key: order.map(({ name, type, token }) => ({
      name,
      type,
      ...(selected.has(name)
        ? { output: name }
        : { output: placeColumn(name), ...(token === undefined ? {} : { token }) }),
    })),
    tokens: [...selected].flatMap((name) => {
      const { token } = columnOf(name);
      return token === undefined ? [] : [{ name, entity: token }];
    }),
    hideable: request.hideable,
    first: request.first,
    ...(request.total && request.after
      ? {
          countStatement: dialect.compile(
            perPatient
              ? filtered.groupBy(patient).select([patient.as(patientColumn), count])
              : filtered.select(count),
          ),
        }
      : {}),
  };
}

/** A column of the rows, and its name in the output. */
interface PageColumn extends OutputColumn {
  readonly from: string;
}

const itself = (name: string, type: ColumnType): PageColumn => ({ from: name, name, type });

const asTheyAre = (columns: readonly PageColumn[]) =>
  columns.map(({ from }) => sql.ref(`r.${from}`).as(from));

/** The first rows of all. */
function firstOf(
  rows: DynamicQuery,
  order: readonly OrderTerm[],
  columns: readonly PageColumn[],
  first: number,
  { gold }: PlanContext,
): DynamicQuery {
  const inOrder = (query: DynamicQuery): DynamicQuery =>
    sortKeys(order).reduce(
      (all, { expression, descending }) => all.orderBy(expression, descending ? 'desc' : 'asc'),
      query,
    );
  // A key costs more to put out than to sort by: that is done with the rows of the page alone.
  if (!columns.some(({ type }) => type.kind === 'key128')) return inOrder(rows).top(first);
  const picked = inOrder(rows.select(asTheyAre(columns))).top(first);
  return inOrder(gold.selectFrom(picked.as('r')) as unknown as DynamicQuery);
}

/** The rows, if they are those of at least so many patients; else none. */
function ofEnough(rows: DynamicQuery, fewest: number, { gold, dialect }: PlanContext): DynamicQuery {
  const some = rows
    .select(sql.ref(`r.${patientColumn}`).as('patient'))
    .distinct()
    .top(fewest);
  const counted = (gold.selectFrom(some.as('d')) as unknown as DynamicQuery).select(
    dialect.countAll().as('patients'),
  );
  return rows.innerJoin(counted.as('n'), (join) =>
    join.on(sql<boolean>`${sql.ref('n.patients')} >= ${sql.lit(fewest)}`),
  );
}

/** The first rows of each patient, in the order of each. */
function firstOfEach(
  rows: DynamicQuery,
  order: readonly OrderTerm[],
  columns: readonly PageColumn[],
  first: number,
  { gold }: PlanContext,
): DynamicQuery {
  const by = sortKeys(order).map(({ expression, descending }) =>
    descending ? sql`${expression} desc` : expression,
  );
  const numbered = rows
    .select(asTheyAre(columns))
    .select(
      sql`row_number() over (partition by ${sql.ref(`r.${patientColumn}`)} order by ${sql.join(by)})`.as(
        rowColumn,
      ),
    );
  return (gold.selectFrom(numbered.as('r')) as unknown as DynamicQuery)
    .where(sql.ref(`r.${rowColumn}`), '<=', sql.lit(first))
    .orderBy(sql.ref(`r.${rowColumn}`));
}
