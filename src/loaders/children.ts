import type { RowDataset } from '../schema/declare/dataset.js';
import { patientColumn } from '../schema/people/relation.js';
import { columnsReadBy } from './account.js';
import {
  bindingOf,
  cursorsOf,
  type LoadContext,
  type LoadedPage,
  numbersOf,
  placedAt,
  withActs,
  withTokens,
} from './load.js';
import { mostParents, planChildren } from './plan/people.js';
import { type Plan, totalColumn } from './plan/plan.js';
import type { RowQuestion } from './question.js';
import type { Row } from './rows.js';

/** The pages below many rows at once, and all of their rows together for what is asked below them. */
export interface Children {
  of(patient: number): LoadedPage;
  readonly rows: readonly Row[];
  readonly patients: readonly number[];
}

/**
 * The first rows of each of the patients: one statement for up to 1,500 of them. A patient without rows, or out of
 * scope, has an empty page.
 */
export async function loadChildren(
  dataset: RowDataset,
  question: RowQuestion,
  after: string | undefined,
  patients: readonly number[],
  context: LoadContext,
): Promise<Children> {
  const binding = bindingOf(question, context);
  const placed = placedAt(question, after, binding, context);
  const distinct = [...new Set(patients)].sort((a, b) => a - b);
  const parts: (readonly number[])[] = [];
  for (let at = 0; at < distinct.length; at += mostParents) parts.push(distinct.slice(at, at + mostParents));
  const read = await Promise.all(parts.map((part) => readPart(dataset, placed, part, binding, context)));
  const pages = new Map(read.flatMap(({ pages: found }) => [...found]));
  return {
    of: (patient) => pages.get(patient) ?? none,
    rows: read.flatMap(({ rows }) => rows),
    patients: read.flatMap(({ patients: found }) => found),
  };
}

const none: LoadedPage = {
  rows: [],
  patients: [],
  hasNextPage: false,
  total: 0,
  hiddenCells: 0,
  cursors: () => [],
};

interface Part {
  readonly pages: ReadonlyMap<number, LoadedPage>;
  readonly rows: readonly Row[];
  readonly patients: readonly number[];
}

async function readPart(
  dataset: RowDataset,
  question: RowQuestion,
  parents: readonly number[],
  binding: string,
  context: LoadContext,
): Promise<Part> {
  const { handle, signal, requestId, lane = 'query' } = context;
  const plan = planChildren(dataset, question, parents, await withActs(dataset, question, context));
  context.account.addColumns(columnsReadBy(dataset, question));
  const result = withTokens(
    plan,
    await handle.read(plan.statement, plan.output, { signal, requestId, lane }),
    context,
  );
  const rows = context.rowMakers.rows(plan.output, plan.hideable, result, result.rowCount);
  const patients = numbersOf(plan, result, patientColumn);
  const totals = question.total ? await totalsOf(plan, result, patients, context) : undefined;

  // The statement orders rows by their place among those of the patient, so that each list is in order.
  const grouped = new Map<number, number[]>();
  patients.forEach((patient, at) => {
    const known = grouped.get(patient);
    if (known) known.push(at);
    else grouped.set(patient, [at]);
  });
  for (const patient of totals?.keys() ?? []) if (!grouped.has(patient)) grouped.set(patient, []);
  const cursors = cursorsOf(plan, result, binding, context);
  const pages = new Map(
    [...grouped].map(([patient, found]): [number, LoadedPage] => [
      patient,
      {
        rows: found.slice(0, plan.first).flatMap((at): Row[] => (rows[at] ? [rows[at]] : [])),
        patients: [],
        hasNextPage: found.length > plan.first,
        total: totals && (totals.get(patient) ?? 0),
        hiddenCells: 0,
        cursors: (places) => cursors(places.flatMap((place) => found[place] ?? [])),
      },
    ]),
  );
  for (const page of pages.values()) context.account.rows += page.rows.length;
  return { pages, rows, patients };
}

/** Rows of each patient over all pages. */
async function totalsOf(
  plan: Plan,
  result: Parameters<typeof numbersOf>[1],
  patients: readonly number[],
  { handle, signal, requestId, lane = 'query' }: LoadContext,
): Promise<ReadonlyMap<number, number>> {
  if (!plan.countStatement) {
    const totals = numbersOf(plan, result, totalColumn);
    return new Map(patients.map((patient, at) => [patient, totals[at] ?? 0]));
  }
  const counted = await handle.read(
    plan.countStatement,
    [
      { name: patientColumn, type: { kind: 'int32' } },
      { name: totalColumn, type: { kind: 'int64' } },
    ],
    { signal, requestId, lane },
  );
  const [numbers = [], totals = []] = counted.columns;
  return new Map(numbers.map((patient, at) => [Number(patient), Number(totals[at])]));
}
