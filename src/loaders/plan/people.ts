import { sql } from 'kysely';
import type { Grant } from '../../access/grant.js';
import { MaplewoodError } from '../../errors.js';
import { columnVisible } from '../../schema/datasets.js';
import { argumentsOf } from '../../schema/declare/arguments.js';
import type { RowDataset } from '../../schema/declare/dataset.js';
import {
  patientColumn,
  patientKeyColumn,
  relationOfPeople,
  tableAlias,
} from '../../schema/people/relation.js';
import type { DynamicQuery } from '../../warehouse/dialect.js';
import { tablesOf } from '../../warehouse/tables-of.js';
import { bind } from '../../warehouse/value.js';
import type { OutputColumn } from '../../warehouse/warehouse.js';
import { columnsOf, conjuncts, type Filter, type FilterValue } from '../filter.js';
import type { Question, RowQuestion } from '../question.js';
import { olderRelease } from '../release-tables.js';
import { instantOf } from './as-of.js';
import { type PageRequest, pagePlan, type RowColumn } from './page.js';
import type { Plan, PlanContext } from './plan.js';
import { atTrusts, inScope } from './scope.js';

/** The statement of a question for rows of people. Pure. */
export function planPeople(dataset: RowDataset, question: RowQuestion, context: PlanContext): Plan {
  const { rule, grant } = context;
  const guarded = isGuarded(dataset, question, grant);
  return pagePlan(context, {
    ...request(dataset, question, context, (rows) => rows, [
      { name: patientKeyColumn, type: { kind: 'key128' } },
    ]),
    ...(guarded && question.after === undefined ? { fewest: rule.threshold } : {}),
  });
}

/**
 * The statement that finds the rows below others: those of the patients `parents`, the first ones of each. At most 1,500
 * patients at a time.
 */
export function planChildren(
  dataset: RowDataset,
  question: RowQuestion,
  parents: readonly number[],
  context: PlanContext,
): Plan {
  const list = sql.join(padded(parents).map((patient) => bind({ kind: 'int32' }, patient)));
  return pagePlan(context, {
    ...request(dataset, question, context, (rows) =>
      rows.where(sql<boolean>`${sql.ref(`${tableAlias}.patient_no`)} in (${list})`),
    ),
    perPatient: true,
  });
}

/** Most patients whose rows one statement finds: the engines take 2,000 parameters. */
export const mostParents = 1_500;

/** The list with its last member repeated, so that lists of many lengths are few texts. */
function padded(parents: readonly number[]): readonly number[] {
  const size = [1, 10, 100, 500, mostParents].find((one) => one >= parents.length) ?? parents.length;
  return Array.from({ length: size }, (_none, at) => parents[Math.min(at, parents.length - 1)] ?? 0);
}

function request(
  dataset: RowDataset,
  question: RowQuestion,
  context: PlanContext,
  narrowed: (rows: DynamicQuery) => DynamicQuery,
  internal: readonly OutputColumn[] = [],
): PageRequest {
  const { gold, dialect, grant, identifiers, release } = context;
  const names = new Set([
    ...question.select,
    ...(question.where ? columnsOf(question.where) : []),
    ...question.orderBy.map(({ column }) => column),
    ...dataset.order,
  ]);
  if (!dataset.people || [...names].some((name) => !columnVisible(dataset, grant.role, name)))
    throw new MaplewoodError('POLICY_VIOLATION');
  const asOf = instantOf(question.asOf, context);
  const { trusts } = grant;
  const ownTrust = (column: string | undefined) => (trusts === null ? undefined : atTrusts(column, trusts));
  const relation = relationOfPeople(dataset, {
    gold,
    dialect,
    role: grant.role,
    names,
    asOf,
    ...(context.acts ? { acts: context.acts.json } : {}),
    cohort: {
      args: argumentsOf(dataset.arguments, question.args),
      dataAsOf: release.dataAsOf,
      inScope: ownTrust,
    },
    ownTrust,
  });
  const rows = narrowed(inScope(relation, dataset, context));
  const missing = Object.keys(dataset.table.columns).some(
    (column) => !release.tables.get(dataset.table.name)?.has(column),
  );
  if (missing || tablesOf(rows).some((table) => !release.tables.has(table))) throw olderRelease();
  const columns = new Map(
    [...names].map((name): [string, RowColumn] => {
      const column = dataset.columns.get(name);
      if (!column) throw new MaplewoodError('POLICY_VIOLATION');
      const { type, nullable = false, token } = column;
      return [name, { name, type, nullable, ...(token ? { token } : {}) }];
    }),
  );
  const keyOf = (name: string, value: FilterValue): FilterValue => {
    const token = columns.get(name)?.token;
    return token === undefined ? value : identifiers.of(token).decode(String(value));
  };
  return {
    rows,
    columns,
    select: question.select,
    filters: question.where ? [withKeys(question.where, keyOf)] : [],
    orderBy: question.orderBy,
    identity: dataset.order,
    first: question.first,
    ...(question.after ? { after: question.after } : {}),
    keyOf,
    total: question.total,
    hideable: [],
    internal: [{ name: patientColumn, type: { kind: 'int32' } }, ...internal],
  };
}

/** The filter with the keys behind tokens. A token that no key is behind equals nothing. */
function withKeys(filter: Filter, keyOf: (name: string, value: FilterValue) => FilterValue): Filter {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return { kind: filter.kind, parts: filter.parts.map((part) => withKeys(part, keyOf)) };
    case 'not':
      return { kind: 'not', part: withKeys(filter.part, keyOf) };
    case 'test': {
      const { column, op, value } = filter;
      if (!Array.isArray(value)) {
        const key = keyOf(column, value as FilterValue);
        return key === null ? { kind: 'or', parts: [] } : { ...filter, value: key };
      }
      const keys = value.map((one) => keyOf(column, one)).filter((key) => key !== null);
      return { kind: 'test', column, op, value: keys };
    }
  }
}

/**
 * Whether a question for rows is answered only with enough patients: a filtered list of few people is as good as a name.
 * Who names patients or rows by their tokens knows them already.
 */
export const isGuarded = (dataset: RowDataset, { where }: Question, { profile }: Grant): boolean =>
  dataset.people !== undefined && profile === 'rows' && where !== undefined && !namesRows(dataset, where);

/** Whether a filter holds for rows only whose patient, or which themselves, it names by token. */
const namesRows = (dataset: RowDataset, where: Filter): boolean =>
  conjuncts(where).some((filter) => {
    if (filter.kind !== 'test' || !['eq', 'in'].includes(filter.op)) return false;
    const token = dataset.columns.get(filter.column)?.token;
    return token === 'patient' || token === 'event';
  });
