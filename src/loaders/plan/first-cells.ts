import { subquery } from '../../measures/source.js';
import type { DynamicQuery } from '../../warehouse/dialect.js';
import {
  columnsOf,
  conjuncts,
  type Filter,
  type FilterColumn,
  type FilterValue,
  filterSql,
} from '../filter.js';
import type { Order } from '../question.js';
import { afterSql, sortKeys, totalOrder } from './order.js';
import type { PlanContext } from './plan.js';

export interface CellsOfPage {
  /** Columns of the cells `c` that identify one, by API name. */
  readonly keys: ReadonlyMap<string, FilterColumn>;
  readonly filters: readonly Filter[];
  readonly orderBy: readonly Order[];
  readonly first: number;
  readonly after?: readonly FilterValue[];
  readonly total: boolean;
}

/**
 * The cells of a page and the one behind it, where only what identifies cells decides which they are; else undefined. What
 * is released of a cell is then computed for these alone, and not for each cell that a page could be of.
 */
export function firstCells(
  cells: DynamicQuery,
  { keys, filters, orderBy, first, after, total }: CellsOfPage,
  { gold, dialect }: PlanContext,
): DynamicQuery | undefined {
  const named = [...filters.flatMap(columnsOf), ...orderBy.map(({ column }) => column)];
  const columnOf = (name: string): FilterColumn => {
    const column = keys.get(name);
    if (!column) throw new Error(`${name} does not identify cells`);
    return column;
  };
  if (total || keys.size === 0 || named.some((name) => !keys.has(name))) return undefined;
  const order = totalOrder(orderBy, [...keys.keys()]).map(({ column, descending }) => ({
    ...columnOf(column),
    descending,
  }));
  let page = subquery(gold, cells, 'c').selectAll('c' as never);
  for (const filter of filters.flatMap(conjuncts)) page = page.where(filterSql(dialect, filter, columnOf));
  if (after) page = page.where(afterSql(after, order));
  for (const { expression, descending } of sortKeys(order))
    page = page.orderBy(expression, descending ? 'desc' : 'asc');
  return page.top(first + 1);
}
