import { openCursor, sealCursor } from '../access/cursor.js';
import type { SecretKey } from '../access/key.js';
import { nextTurn, rowsInOneTurn } from '../config/event-loop.js';
import { MaplewoodError } from '../errors.js';
import type { Dataset } from '../schema/declare/dataset.js';
import { patientColumn, patientKeyColumn } from '../schema/people/relation.js';
import type { ColumnarResult, ReleaseHandle } from '../warehouse/warehouse.js';
import { type Account, type ColumnRead, columnsReadBy } from './account.js';
import { columnsOf, type FilterValue } from './filter.js';
import { planMeasures } from './plan/measures.js';
import { type KnownActs, type Plan, type PlanContext, totalColumn } from './plan/plan.js';
import { planRows } from './plan/rows.js';
import type { Question } from './question.js';
import { assertTables } from './release-tables.js';
import { countHidden, type Row, type RowMakers } from './rows.js';

/** What one request needs to load anything. Made per request; nothing in it is shared between grants. */
export interface LoadContext {
  readonly plan: PlanContext;
  readonly handle: ReleaseHandle;
  readonly signal: AbortSignal;
  readonly requestId: string;
  readonly cursorKey: SecretKey<'cursor'>;
  readonly plans: Plans;
  readonly rowMakers: RowMakers;
  readonly account: Account;
  /** What people have done about rows; asked for where a dataset shows it. */
  readonly acts?: () => Promise<KnownActs>;
  /** `point`: the question is about one patient, and does not wait behind those about many. */
  readonly lane?: 'query' | 'point';
}

/** A plan, and what the record of a request says of it. */
export type KnownPlan = Plan & { readonly columns: readonly ColumnRead[] };

/** Compiled plans by question, grant and release, bounded. */
export class Plans {
  private readonly byKey = new Map<string, KnownPlan>();

  constructor(private readonly limit = 1_000) {}

  get(key: string, make: () => KnownPlan): KnownPlan {
    const known = this.byKey.get(key);
    if (known) {
      this.byKey.delete(key);
      this.byKey.set(key, known);
      return known;
    }
    const plan = make();
    this.byKey.set(key, plan);
    const oldest = this.byKey.keys().next();
    if (this.byKey.size > this.limit && !oldest.done) this.byKey.delete(oldest.value);
    return plan;
  }
}

export interface LoadedPage {
  readonly rows: readonly Row[];
  /** Numbers of the patients of rows of people, by row. They never leave the server. */
  readonly patients: readonly number[];
  readonly hasNextPage: boolean;
  /** Undefined unless asked for. */
  readonly total: number | undefined;
  readonly hiddenCells: number;
  /** The cursors behind rows of this page, which are given by their places in it. */
  cursors(places: readonly number[]): string[];
}

/** Answers a question: one statement, whatever was asked. */
export async function load(
  dataset: Dataset,
  question: Question,
  after: string | undefined,
  context: LoadContext,
): Promise<LoadedPage> {
  const { handle, signal, requestId, lane = 'query' } = context;
  const planContext = await withActs(dataset, question, context);
  const binding = bindingOf(question, context);
  const placed = placedAt(question, after, binding, context);
  const { grant, yesterday, acts } = planContext;
  const make = (): KnownPlan => {
    const made = planFor(dataset, placed, planContext);
    assertTables(made.statement.tables ?? [], planContext.release);
    return { ...made, columns: columnsReadBy(dataset, question) };
  };
  // All that people have done is a parameter of the statement: a plan with it is as large, and good until the next act.
  const plan = acts
    ? make()
    : context.plans.get(JSON.stringify([placed, grant.digest, handle.info.id, yesterday]), make);
  const read = await handle.read(plan.statement, plan.output, { signal, requestId, lane });
  const result = withTokens(plan, read, context);
  const count = Math.min(result.rowCount, plan.first);
  if (count > rowsInOneTurn) await nextTurn();
  const patients = numbersOf(plan, result, patientColumn).slice(0, count);
  const hiddenCells = countHidden(plan.output, result, count);
  const { account } = context;
  account.addColumns(plan.columns);
  account.addPatients(patients, valuesOf(plan, read, patientKeyColumn) as readonly Uint8Array[]);
  account.rows += count;
  account.cells += count * plan.hideable.length;
  account.suppressed += hiddenCells;
  return {
    rows: context.rowMakers.rows(plan.output, plan.hideable, result, count),
    patients,
    hasNextPage: result.rowCount > plan.first,
    total: question.total ? await totalOf(plan, result.columns, result.rowCount, context) : undefined,
    hiddenCells,
    cursors: cursorsOf(plan, result, binding, context),
  };
}

/** With what people have done, where the answer hangs on it. Error: `STATE_UNAVAILABLE`. */
export async function withActs(
  dataset: Dataset,
  question: Question,
  { plan, acts, account }: LoadContext,
): Promise<PlanContext> {
  if (!acts || !hangsOnActs(dataset, question)) return plan;
  account.hangsOnState = true;
  return { ...plan, acts: await acts() };
}

/** Rows that show what people have done, and cells that are split or picked by it. */
function hangsOnActs(dataset: Dataset, question: Question): boolean {
  if (dataset.kind === 'row') return dataset.people?.acts !== undefined;
  const { ofActs } = dataset.source;
  if (ofActs === undefined || question.kind !== 'measure') return false;
  const named = [
    ...(question.where ? columnsOf(question.where) : []),
    ...question.orderBy.map(({ column }) => column),
  ];
  return question.by.includes(ofActs) || named.some((name) => dataset.dimensions.get(name)?.by === ofActs);
}

/** A cursor is good for the same question, grant and release; the size of a page may change. */
export function bindingOf(question: Question, { plan, handle }: LoadContext): string {
  const { first: _first, select: _select, total: _total, after: _after, ...asked } = question;
  return JSON.stringify([asked, plan.grant.digest, handle.info.id]);
}

/** The question behind the place that a cursor names. Error: `INVALID_CURSOR`. */
export function placedAt<Q extends Question>(
  question: Q,
  after: string | undefined,
  binding: string,
  { cursorKey }: LoadContext,
): Q {
  return after === undefined ? question : { ...question, after: openPlace(cursorKey, after, binding) };
}

/** Makes the cursors of rows of an answer, which are given by their places in it. */
export const cursorsOf =
  (plan: Plan, result: ColumnarResult, binding: string, { cursorKey, plan: { identifiers } }: LoadContext) =>
  (places: readonly number[]): string[] => {
    const values = plan.key.map(({ output, token }) => {
      const column = valuesOf(plan, result, output);
      const picked = places.map((place) => column[place] ?? null);
      return token ? identifiers.of(token).encode(picked as (Uint8Array | null)[]) : picked;
    });
    return places.map((_place, at) =>
      sealCursor(
        cursorKey,
        values.map((column) => column[at] ?? null),
        binding,
      ),
    );
  };

/** The columns of an answer with tokens in place of keys, a column at a time. */
export function withTokens(
  plan: Plan,
  result: ColumnarResult,
  { plan: { identifiers } }: LoadContext,
): ColumnarResult {
  if (plan.tokens.length === 0) return result;
  const entities = new Map(plan.tokens.map(({ name, entity }) => [name, entity]));
  return {
    rowCount: result.rowCount,
    columns: plan.output.map(({ name }, at) => {
      const column = result.columns[at] ?? [];
      const entity = entities.get(name);
      return entity ? identifiers.of(entity).encode(column as readonly (Uint8Array | null)[]) : column;
    }),
  };
}

/** A column that is not part of the answer; empty where the plan has none. */
const valuesOf = (plan: Plan, result: ColumnarResult, column: string): readonly unknown[] =>
  result.columns[plan.output.findIndex(({ name }) => name === column)] ?? [];

/** One of whole numbers. */
export const numbersOf = (plan: Plan, result: ColumnarResult, column: string): readonly number[] =>
  valuesOf(plan, result, column) as readonly number[];

/** The plan of a question. Pure. */
export function planFor(dataset: Dataset, question: Question, context: PlanContext): Plan {
  if (dataset.kind === 'measure' && question.kind === 'measure')
    return planMeasures(dataset, question, context);
  if (dataset.kind === 'row' && question.kind === 'row') return planRows(dataset, question, context);
  throw new MaplewoodError('POLICY_VIOLATION');
}

function openPlace(key: SecretKey<'cursor'>, cursor: string, binding: string): readonly FilterValue[] {
  const place = openCursor(key, cursor, binding);
  if (!Array.isArray(place)) throw new MaplewoodError('INVALID_CURSOR');
  return place as FilterValue[];
}

/** Every row carries the total; where a page after a cursor has none, it is counted by itself. */
async function totalOf(
  plan: Plan,
  columns: readonly (readonly unknown[])[],
  rowCount: number,
  { handle, signal, requestId, lane = 'query' }: LoadContext,
): Promise<number> {
  if (rowCount > 0)
    return Number(columns[plan.output.findIndex(({ name }) => name === totalColumn)]?.[0] ?? 0);
  if (!plan.countStatement) return 0;
  const counted = await handle.read(plan.countStatement, [{ name: totalColumn, type: { kind: 'int64' } }], {
    signal,
    requestId,
    lane,
  });
  return Number(counted.columns[0]?.[0] ?? 0);
}
