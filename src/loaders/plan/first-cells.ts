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
import type { MeasureQuestion } from '../question.js';
import { afterSql, sortKeys, totalOrder } from './order.js';
import type { PlanContext } from './plan.js';

/** What a page is of, as far as the cells themselves do not say it. */
export interface PageOfCells {
  readonly filters: readonly Filter[];
  readonly after?: readonly FilterValue[];
}

/**
 * The cells of a page and the one behind it, where only the `keys` that identify cells `c` decide which they are, so that
 * what is released of a cell is computed for these alone; else all cells. With what is left to be found among them.
 */
export function firstCells(
  cells: DynamicQuery,
  keys: ReadonlyMap<string, FilterColumn>,
  filters: readonly Filter[],
  { orderBy, first, after, total }: MeasureQuestion,
  { gold, dialect }: PlanContext,
): PageOfCells & { readonly cells: DynamicQuery } {
  const named = [...filters.flatMap(columnsOf), ...orderBy.map(({ column }) => column)];
  if (total || keys.size === 0 || named.some((name) => !keys.has(name)))
    return { cells, filters, ...(after ? { after } : {}) };
  const columnOf = (name: string): FilterColumn => {
    const column = keys.get(name);
    if (!column) throw new Error(`${name} does not identify cells`);
    return column;
  };
  const order = totalOrder(orderBy, [...keys.keys()]).map(({ column, descending }) => ({
    ...columnOf(column),
    descending,
  }));
  let page = subquery(gold, cells, 'c').selectAll('c' as never);
  for (const filter of filters.flatMap(conjuncts)) page = page.where(filterSql(dialect, filter, columnOf));
  if (after) page = page.where(afterSql(after, order));
  for (const { expression, descending } of sortKeys(order))
    page = page.orderBy(expression, descending ? 'desc' : 'asc');
  return { cells: page.top(first + 1), filters: [] };
}
