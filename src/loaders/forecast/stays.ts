import type { FlowInput, StaysAt } from '../../forecast/flow.js';
import { addDays, daysFrom } from '../../warehouse/grain.js';
import type { ColumnarResult } from '../../warehouse/warehouse.js';
import type { LoadContext } from '../load.js';
import { planStays, type StaysPlan, strata } from '../plan/stays.js';
import type { Census } from './census.js';

/** Lists by stratum that grow as lengths of stay are counted into them. */
type Counts = Record<'ended' | 'present', number[]>;

/**
 * What the flow of patients is forecast from: stays as known after each number of days of the census, and admissions a
 * day. Roles with exact figures only.
 */
export async function loadFlow(
  census: Census,
  counts: readonly number[],
  trust: string | undefined,
  context: LoadContext,
): Promise<FlowInput> {
  const days = counts.map((count) => addDays(census.first, count - 1));
  const plans = planStays(days, trust, context.plan);
  const { handle, signal, requestId } = context;
  const read = ({ statement, output }: StaysPlan): Promise<ColumnarResult> =>
    handle.read(statement, output, { signal, requestId });

  const byDay = counts.map(() => new Map<string, Counts>());
  const add = (day: number, stratum: string, list: keyof Counts, length: number, stays: number): void => {
    if (stays === 0) return;
    const known = byDay[day]?.get(stratum) ?? { ended: [], present: [] };
    known[list][length] = (known[list][length] ?? 0) + stays;
    byDay[day]?.set(stratum, known);
  };
  const after = strata.length;

  const ended = await read(plans.ended);
  for (let row = 0; row < ended.rowCount; row += 1) {
    const length = Number(ended.columns[after]?.[row]);
    const stratum = stratumOf(ended, row);
    days.forEach((_day, index) => {
      add(index, stratum, 'ended', length, Number(ended.columns[after + 1 + index]?.[row]));
    });
  }
  const present = await read(plans.present);
  for (let row = 0; row < present.rowCount; row += 1) {
    const [admission, until, stays] = [0, 1, 2].map((column) => present.columns[after + column]?.[row]);
    const stratum = stratumOf(present, row);
    days.forEach((day, index) => {
      if (String(admission) <= day && String(until) > day)
        add(index, stratum, 'present', daysFrom(String(admission), day), Number(stays));
    });
  }
  const arrivals = await read(plans.admissions);
  const admissions = new Array<number>(census.values.length).fill(0);
  for (let row = 0; row < arrivals.rowCount; row += 1) {
    const day = daysFrom(census.first, String(arrivals.columns[0]?.[row]));
    if (day >= 0 && day < admissions.length) admissions[day] = Number(arrivals.columns[1]?.[row]);
  }
  return {
    admissions,
    staysAfter: new Map(counts.map((count, index) => [count, sorted(byDay[index])])),
    seed: handle.info.id,
  };
}

const stratumOf = ({ columns }: ColumnarResult, row: number): string =>
  strata.map((_column, index) => String(columns[index]?.[row])).join(' ');

/** In the order of the strata's names: sums of floating-point numbers depend on their order. */
const sorted = (counts: ReadonlyMap<string, Counts> = new Map()): StaysAt =>
  [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, of]) => of);
