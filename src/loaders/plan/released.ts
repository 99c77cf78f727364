import { type RawBuilder, sql } from 'kysely';
import { controlled, exact, type Released } from '../../access/disclosure.js';
import type { Grant } from '../../access/grant.js';
import { roleDeclarations } from '../../access/role.js';
import type { Aggregate } from '../../measures/aggregate.js';
import type { PartList } from '../../measures/parts.js';
import type { MeasureDataset } from '../../schema/declare/dataset.js';
import { measureType } from '../../schema/declare/decorators.js';
import type { MeasureColumn } from '../../schema/declare/metadata.js';
import { addDays, type CalendarGrain, firstOpenBucket, type Grain } from '../../warehouse/grain.js';
import type { ColumnType } from '../../warehouse/table.js';
import { literalDay } from '../../warehouse/value.js';
import type { MeasureQuestion } from '../question.js';
import type { PlanContext } from './plan.js';

/** A measure of the cells `c` as the grant may see it. */
export function release(
  dataset: MeasureDataset,
  question: MeasureQuestion,
  column: MeasureColumn,
  aggregate: Aggregate,
  parts: PartList,
  context: PlanContext,
): Released {
  const { dialect, grant } = context;
  if (aggregate.kind === 'isPartial')
    return { value: partial(dataset, question.grain, context), hidden: undefined };
  const gap = dataset.unavailable;
  if (gap && question.args[gap.argument] === gap.value && column.sensitivity !== 'O') {
    return { value: nullOf(context, measureType(aggregate)), hidden: undefined };
  }
  return grant.profile === 'exact'
    ? exact(dialect, parts, aggregate)
    : controlled(dialect, parts, aggregate, context.rule, controlOf(grant));
}

/** What disclosure control needs to know of a grant. */
export const controlOf = ({ role, profile }: Grant) => ({
  money: roleDeclarations[role].money,
  published: profile === 'published',
});

/** The bucket touches days before the warm-up has passed, or after the last day with data. */
function partial(dataset: MeasureDataset, grain: Grain, context: PlanContext): RawBuilder<unknown> {
  const flag = (condition: RawBuilder<unknown>): RawBuilder<unknown> =>
    sql`cast(case when ${condition} then 1 else 0 end as ${sql.raw(context.dialect.columnType({ kind: 'boolean' }))})`;
  if (grain === 'ALL') return flag(sql`1 = 1`);
  const { firstDays, dataAsOf } = context.release;
  const { firstDay, days } = dataset.source.warmUp;
  const first = firstDays[firstDay];
  const incomplete = firstOpenBucket(grain, dataAsOf);
  const late = sql`c.period >= ${literalDay(incomplete)}`;
  return first === null ? flag(late) : flag(sql`c.period < ${literalDay(addDays(first, days))} or ${late}`);
}

/**
 * Under disclosure control only closed buckets are released, of which every event has been followed: the first day of
 * the first bucket that is not.
 */
export function closedBefore(grain: Grain, followed: number, context: PlanContext): string | undefined {
  if (context.grant.profile === 'exact' || grain === 'ALL') return undefined;
  const dataAsOf = addDays(context.release.dataAsOf, -followed);
  const last = dataAsOf < context.yesterday ? dataAsOf : context.yesterday;
  return firstOpenBucket(grain as CalendarGrain, last);
}

export const nullOf = ({ dialect }: PlanContext, type: ColumnType): RawBuilder<unknown> =>
  sql`cast(null as ${sql.raw(dialect.columnType(type))})`;
