import { MaplewoodError } from '../../errors.js';
import type { DailySeries } from '../../forecast/series.js';
import { BedOccupancy } from '../../schema/bed-occupancy.js';
import { datasetOf } from '../../schema/declare/dataset.js';
import { addDays, daysFrom } from '../../warehouse/grain.js';
import type { Filter } from '../filter.js';
import { type LoadContext, load } from '../load.js';
import type { MeasureQuestion } from '../question.js';

/** Days of history that are read: three years. */
const historyDays = 3 * 365 + 1;
/** Trusts that a token may name. */
const mostTrusts = 50;

export interface Census extends DailySeries {
  /** Days on which the census may not be seen by the role; their value in the series is 0. */
  readonly hiddenDays: number;
}

/**
 * The daily midnight census as the grant may see it, of one trust or of all in scope, without the days on which it is
 * incomplete: released figures, rounded and hidden like every answer. Undefined where nobody is counted: the
 * trust does not exist, or not for this caller.
 */
export async function loadCensus(
  trust: string | undefined,
  context: LoadContext,
): Promise<Census | undefined> {
  const { grant } = context.plan;
  const { dataAsOf } = context.handle.info;
  const dataset = datasetOf(BedOccupancy);
  // Exact counts of trusts add up, and are kept ready by trust; rounded ones do not.
  const byTrust = trust !== undefined || grant.profile === 'exact';
  const test = (column: string, op: 'eq' | 'gte', value: string): Filter => ({
    kind: 'test',
    column,
    op,
    value,
  });
  const question: MeasureQuestion = {
    kind: 'measure',
    dataset: dataset.key,
    by: byTrust ? ['TRUST'] : [],
    grain: 'DAY',
    args: { snapshot: 'MIDNIGHT' },
    where: {
      kind: 'and',
      parts: [
        test('period', 'gte', addDays(dataAsOf, 1 - historyDays)),
        ...(trust === undefined ? [] : [test('trustCode', 'eq', trust)]),
      ],
    },
    orderBy: [],
    first: historyDays * mostTrusts,
    select: ['isPartial', 'occupiedBedDays', 'period'],
    total: false,
  };
  const { rows, hasNextPage } = await load(dataset, question, undefined, context);
  if (hasNextPage) throw new MaplewoodError('INTERNAL');
  const complete = rows.filter((row) => row['isPartial'] === false);
  const first = String(complete[0]?.['period']);
  if (complete.length === 0) return undefined;

  // Under disclosure control today is not over yet.
  const { yesterday } = context.plan;
  const last = grant.profile === 'exact' || dataAsOf < yesterday ? dataAsOf : yesterday;
  const values = new Array<number>(daysFrom(first, last) + 1).fill(0);
  let hiddenDays = 0;
  for (const row of complete) {
    const day = daysFrom(first, String(row['period']));
    const beds = row['occupiedBedDays'];
    if (typeof beds === 'number') values[day] = (values[day] ?? 0) + beds;
    else hiddenDays += 1;
  }
  return { first, values, hiddenDays };
}
