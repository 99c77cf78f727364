import type { GraphQLResolveInfo } from 'graphql';
import { loadChildren } from '../loaders/children.js';
import { load } from '../loaders/load.js';
import type { RowQuestion } from '../loaders/question.js';
import type { Row } from '../loaders/rows.js';
import { CdsRule } from '../schema/cds-rules.js';
import { datasetOf, type RowDataset } from '../schema/declare/dataset.js';
import { CdsResult } from '../schema/people/cds-results.js';
import { type NestedField, nestedFields } from '../schema/people/nested.js';
import { type Args, argumentsText, callsOf } from './calls.js';
import type { RequestContext } from './context.js';
import { detailKeysOf, detailsOf, loadDetails } from './details.js';
import { atMost, toFilter, toOrder } from './inputs.js';
import { pageAnswer } from './page-answer.js';
import { loadRuleDetails } from './rule-details.js';
import { loadRuleStats } from './rule-stats.js';
import { rowSelection, type Selection } from './selection.js';

/** Where a row keeps what was loaded below it. */
const below = Symbol('below');
type Loaded = Record<string, unknown>;
type Parent = Row & { [below]?: Loaded };

/** What a nested field of a row resolves to: it was loaded with the page of the row. */
export const nestedAnswer =
  (name: string) =>
  (row: unknown, args: Args): unknown =>
    (row as Parent)[below]?.[keyOf(name, args)] ?? null;

/** A field may stand several times with other arguments, under aliases or on other ways to the same row. */
const keyOf = (name: string, args: Args): string => `${name} ${argumentsText(args)}`;

/** A nested field with one set of arguments, and what is asked below it. */
interface Call {
  readonly field: NestedField;
  readonly args: Args;
  readonly selection: Selection;
}

type Info = Pick<GraphQLResolveInfo, 'schema' | 'variableValues'>;

/** The nested fields that are asked for below rows of a dataset, each set of arguments once. */
const callsIn = (dataset: RowDataset, rows: Selection, info: Info): Call[] =>
  nestedFields(dataset).flatMap((field) =>
    callsOf(dataset.type.name, field.name, rows, info).map(
      ({ args, nodes }): Call => ({ field, args, selection: rows.of(nodes) }),
    ),
  );

/** What is asked of the rows that a nested field leads to. */
const rowsOf = ({ field, selection }: Call): Selection => (field.many ? rowSelection(selection) : selection);

/** Loads what is asked for below rows, a statement a nested field, whatever the number of rows. */
export async function loadNested(
  dataset: RowDataset,
  rows: readonly Row[],
  patients: readonly number[],
  selection: Selection,
  asOf: string | undefined,
  context: RequestContext,
  info: Info,
): Promise<void> {
  if (rows.length === 0) return;
  const keep = (row: Row, name: string, args: Args, value: unknown): void => {
    const parent = row as Parent;
    parent[below] ??= {};
    parent[below][keyOf(name, args)] = value;
  };
  if (dataset.type === CdsRule) {
    await loadRuleDetails(rows, selection, context, info, keep);
    await loadRuleStats(rows, selection, context, info, keep);
  } else await loadDetails(dataset, rows, selection, context, info, keep);
  if (dataset.type === CdsResult && selection.has('rule'))
    for (const [row, rule] of await rulesOf(rows, selection.below('rule'), context, info))
      keep(row, 'rule', {}, rule);
  await Promise.all(
    callsIn(dataset, selection, info).map(async (call) => {
      const { field, args } = call;
      const after = (args['after'] as string | null | undefined) ?? undefined;
      const question = questionOf(call, asOf, context);
      const children = await loadChildren(field.child, question, after, patients, context.load);
      await loadNested(field.child, children.rows, children.patients, rowsOf(call), asOf, context, info);
      const key = keyOf(field.name, args);
      rows.forEach((row, at) => {
        const page = children.of(patients[at] ?? 0);
        const parent = row as Parent;
        parent[below] ??= {};
        parent[below][key] = field.many
          ? pageAnswer(page, call.selection, after !== undefined)
          : (page.rows[0] ?? null);
      });
    }),
  );
}

const rules = datasetOf(CdsRule) as RowDataset;

/** The rules of results, each as the text with which they last fired. */
async function rulesOf(
  results: readonly Row[],
  selection: Selection,
  context: RequestContext,
  info: Info,
): Promise<ReadonlyMap<Row, Row | null>> {
  const texts = [...new Set(results.map((row) => String(row['ruleSha256'])))];
  const question: RowQuestion = {
    kind: 'row',
    dataset: rules.key,
    where: { kind: 'test', column: 'sha256', op: 'in', value: texts },
    orderBy: [],
    first: texts.length,
    select: [...new Set([...columnsIn(rules, selection), 'sha256'])].sort(),
    total: false,
  };
  const { rows } = await load(rules, question, undefined, context.load);
  await loadNested(rules, rows, [], selection, undefined, context, info);
  const byText = new Map(rows.map((row) => [row['sha256'], row]));
  return new Map(results.map((row) => [row, byText.get(row['ruleSha256']) ?? null]));
}

function questionOf(call: Call, asOf: string | undefined, { limits }: RequestContext): RowQuestion {
  const { field, args, selection } = call;
  atMost('orderBy', (args['orderBy'] ?? []) as readonly unknown[], limits);
  const where = toFilter(args['where'] as Args | undefined, limits);
  return {
    kind: 'row',
    dataset: field.child.key,
    ...(asOf === undefined ? {} : { asOf }),
    ...(where ? { where } : {}),
    orderBy: toOrder(args['orderBy'] as { column: string; direction?: string }[] | undefined),
    first: field.many ? (args['first'] as number) : 1,
    select: columnsIn(field.child, rowsOf(call)),
    total: field.many && selection.has('totalCount'),
  };
}

/** Columns asked for; the nested fields beside them are none. */
export function columnsIn(dataset: RowDataset, rows: Selection): string[] {
  const details = detailsOf(dataset);
  const nested = new Set([...nestedFields(dataset).map(({ name }) => name), ...details]);
  const names = rows.names();
  const more = details.some((name) => names.includes(name)) ? detailKeysOf(dataset) : [];
  return [...new Set([...names.filter((name) => !nested.has(name)), ...more])].sort();
}
