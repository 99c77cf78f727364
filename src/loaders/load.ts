import { openCursor, sealCursor } from '../access/cursor.js';
import type { SecretKey } from '../access/key.js';
import { MaplewoodError } from '../errors.js';
import type { Dataset } from '../schema/declare/dataset.js';
import type { ReleaseHandle } from '../warehouse/warehouse.js';
import type { FilterValue } from './filter.js';
import { planMeasures } from './plan/measures.js';
import { type Plan, type PlanContext, totalColumn } from './plan/plan.js';
import { planRows } from './plan/rows.js';
import type { Question } from './question.js';
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
}

/** Compiled plans by question, grant and release, bounded. */
export class Plans {
  private readonly byKey = new Map<string, Plan>();

  constructor(private readonly limit = 1_000) {}

  get(key: string, make: () => Plan): Plan {
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
  readonly hasNextPage: boolean;
  /** Undefined unless asked for. */
  readonly total: number | undefined;
  readonly hiddenCells: number;
  /** The cursor behind a row of this page. */
  cursor(row: Row): string;
}

/** Answers a question: one statement, whatever was asked. */
export async function load(
  dataset: Dataset,
  question: Question,
  after: string | undefined,
  context: LoadContext,
): Promise<LoadedPage> {
  const { plan: planContext, handle, signal, requestId } = context;
  // A cursor is good for the same question, grant and release; the size of a page may change.
  const { first: _first, select: _select, total: _total, after: _after, ...asked } = question;
  const binding = JSON.stringify([asked, planContext.grant.digest, handle.info.id]);
  const placed: Question =
    after === undefined ? question : { ...question, after: openPlace(context.cursorKey, after, binding) };
  const key = JSON.stringify([placed, planContext.grant.digest, handle.info.id, planContext.yesterday]);
  const plan = context.plans.get(key, () => planFor(dataset, placed, planContext));
  const read = { signal, requestId };
  const result = await handle.read(plan.statement, plan.output, read);
  const count = Math.min(result.rowCount, plan.first);
  return {
    rows: context.rowMakers.rows(plan.output, plan.hideable, result, count),
    hasNextPage: result.rowCount > plan.first,
    total: question.total ? await totalOf(plan, result.columns, result.rowCount, context) : undefined,
    hiddenCells: countHidden(plan.output, result, count),
    cursor: (row) =>
      sealCursor(
        context.cursorKey,
        plan.key.map(({ name }) => row[name] ?? null),
        binding,
      ),
  };
}

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
  { handle, signal, requestId }: LoadContext,
): Promise<number> {
  if (rowCount > 0)
    return Number(columns[plan.output.findIndex(({ name }) => name === totalColumn)]?.[0] ?? 0);
  if (!plan.countStatement) return 0;
  const counted = await handle.read(plan.countStatement, [{ name: totalColumn, type: { kind: 'int64' } }], {
    signal,
    requestId,
  });
  return Number(counted.columns[0]?.[0] ?? 0);
}
