import { sql } from 'kysely';
import { MaplewoodError } from '../../errors.js';
import { columnVisible } from '../../schema/datasets.js';
import type { RowDataset } from '../../schema/declare/dataset.js';
import type { DynamicQuery } from '../../warehouse/dialect.js';
import { columnsOf } from '../filter.js';
import type { RowQuestion } from '../question.js';
import { pagePlan, type RowColumn } from './page.js';
import { planPeople } from './people.js';
import type { Plan, PlanContext } from './plan.js';

/** The statement of a question for rows of one table. Pure. */
export function planRows(dataset: RowDataset, question: RowQuestion, context: PlanContext): Plan {
  if (dataset.people) return planPeople(dataset, question, context);
  const { role } = context.grant;
  const named = new Set([
    ...question.select,
    ...(question.where ? columnsOf(question.where) : []),
    ...question.orderBy.map(({ column }) => column),
  ]);
  if (!dataset.roles.includes(role) || [...named].some((name) => !columnVisible(dataset, role, name))) {
    throw new MaplewoodError('POLICY_VIOLATION');
  }
  const columns = new Map<string, RowColumn>();
  let rows = context.gold.selectFrom(`${dataset.table.name} as t` as never) as unknown as DynamicQuery;
  for (const name of new Set([...named, ...dataset.order])) {
    const column = dataset.columns.get(name);
    if (!column) throw new MaplewoodError('POLICY_VIOLATION');
    columns.set(name, { name, type: column.type, nullable: column.nullable ?? false });
    rows = rows.select(sql.ref(`t.${column.column}`).as(name));
  }
  return pagePlan(context, {
    rows,
    columns,
    select: question.select,
    filters: question.where ? [question.where] : [],
    orderBy: question.orderBy,
    identity: dataset.order,
    first: question.first,
    ...(question.after ? { after: question.after } : {}),
    total: question.total,
    hideable: [],
  });
}
