import { type RawBuilder, sql } from 'kysely';
import { MaplewoodError } from '../../errors.js';
import type { DynamicQuery } from '../../warehouse/dialect.js';
import type { ColumnType } from '../../warehouse/table.js';
import type { OutputColumn } from '../../warehouse/warehouse.js';
import { conjuncts, type Filter, type FilterValue, filterSql, parameter } from '../filter.js';
import type { Order } from '../question.js';
import { hiddenColumn, type Plan, type PlanContext, totalColumn } from './plan.js';

/** A column of the released rows. */
export interface RowColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly nullable: boolean;
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

  const order = totalOrder(request.orderBy, request.identity).map((by) => ({
    ...by,
    ...columnOf(by.column),
  }));
  const names = [...new Set([...request.select, ...order.map(({ name }) => name)])];
  const hidden = request.hideable.length > 0 ? [hiddenColumn] : [];
  // A statement needs a column, also where only the number of rows matters.
  const total = request.total || names.length + hidden.length === 0;

  let page: DynamicQuery;
  if (total) {
    const counted = filtered
      .select([...names, ...hidden].map((name) => sql.ref(`r.${name}`).as(name)))
      .select(sql`${dialect.countAll()} over ()`.as(totalColumn));
    page = gold.selectFrom(counted.as('r')) as unknown as DynamicQuery;
  } else page = filtered;
  if (request.after) page = page.where(afterSql(request.after, order));
  for (const by of order) {
    const ref = sql.ref(`r.${by.name}`);
    if (by.nullable) page = page.orderBy(sql`case when ${ref} is null then 1 else 0 end`);
    page = page.orderBy(ref, by.descending ? 'desc' : 'asc');
  }
  const output: OutputColumn[] = [
    ...names.map((name) => ({ name, type: columnOf(name).type })),
    ...hidden.map((name): OutputColumn => ({ name, type: { kind: 'int32' } })),
    ...(total ? [{ name: totalColumn, type: { kind: 'int64' } } as const] : []),
  ];
  page = page
    .top(request.first + 1)
    .select(output.map(({ name, type }) => dialect.output(sql.ref(`r.${name}`), type).as(name)));

  return {
    statement: dialect.compile(page),
    output,
    key: order.map(({ name, type }) => ({ name, type })),
    hideable: request.hideable,
    first: request.first,
    ...(request.total && request.after
      ? {
          countStatement: dialect.compile(
            filtered.select(dialect.output(dialect.countAll(), { kind: 'int64' }).as(totalColumn)),
          ),
        }
      : {}),
  };
}

/** The order asked for, made total by the identity of a row. Each column once. */
function totalOrder(orderBy: readonly Order[], identity: readonly string[]): Order[] {
  const order: Order[] = [];
  for (const by of [...orderBy, ...identity.map((column) => ({ column, descending: false }))]) {
    if (!order.some(({ column }) => column === by.column)) order.push(by);
  }
  return order;
}

/**
 * Rows after the one with these values: a > x, or a = x and b > y, and so on. Null sorts last in both
 * directions, so nothing follows it and everything else precedes it.
 */
function afterSql(
  values: readonly FilterValue[],
  order: readonly (RowColumn & Order)[],
): RawBuilder<boolean> {
  if (values.length !== order.length) throw new MaplewoodError('INVALID_CURSOR');
  const alternatives: RawBuilder<boolean>[] = [];
  const equal: RawBuilder<boolean>[] = [];
  order.forEach((by, index) => {
    const value = values[index] ?? null;
    const ref = sql.ref(`r.${by.name}`);
    if (value !== null) {
      const bound = parameter(by.type, value);
      const beyond = by.descending ? sql<boolean>`${ref} < ${bound}` : sql<boolean>`${ref} > ${bound}`;
      const later = by.nullable ? sql<boolean>`(${beyond} or ${ref} is null)` : beyond;
      alternatives.push(sql<boolean>`(${sql.join([...equal, later], sql` and `)})`);
      equal.push(sql<boolean>`${ref} = ${parameter(by.type, value)}`);
    } else if (by.nullable) equal.push(sql<boolean>`${ref} is null`);
    else throw new MaplewoodError('INVALID_CURSOR');
  });
  return alternatives.length === 0
    ? sql<boolean>`(1 = 0)`
    : sql<boolean>`(${sql.join(alternatives, sql` or `)})`;
}
