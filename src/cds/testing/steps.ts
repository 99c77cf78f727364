import { timeOrEndOfDay } from '../arden/run/literal.js';
import { add } from '../arden/run/time.js';
import type { Duration, Time } from '../arden/value.js';

/** Times at which rules are run over the past. */
export interface Steps {
  readonly times: readonly Time[];
  /** The step in words, such as `7 days`. */
  readonly step: string;
}

const most = 1_000;
const secondsOfDay = 86_400;
const units: Readonly<Record<string, Duration & { readonly name: string }>> = {
  d: { unit: 'seconds', amount: secondsOfDay, name: 'day' },
  w: { unit: 'seconds', amount: 7 * secondsOfDay, name: 'week' },
  m: { unit: 'months', amount: 1, name: 'month' },
  y: { unit: 'months', amount: 12, name: 'year' },
};

/**
 * FROM, FROM + STEP … up to TO. STEP is a number of days, or of weeks, months or years: `7`, `1w`, `1 month`. Steps of months
 * are counted from FROM, so that the last days of months stay such. A text says what is wrong.
 */
export function stepsOf(from: string, to: string, step: string): Steps | string {
  const [first, last] = [timeOrEndOfDay(from), timeOrEndOfDay(to)];
  if (!first || !last) return 'FROM and TO are days or times such as 2023-06-30 or 2023-06-30T12:00:00';
  if (last.instant < first.instant) return 'TO lies before FROM';
  const [, number = '', letter = 'd'] =
    /^(\d{1,4})\s*(?:([dwmy])(?:ays?|eeks?|onths?|ears?)?)?$/i.exec(step.trim()) ?? [];
  const unit = units[letter.toLowerCase()];
  const n = Number(number);
  if (!unit || n === 0) return 'STEP is a number of days, weeks, months or years: 7, 1w, 1m';
  const times: Time[] = [];
  for (let at = 0; at <= most; at += 1) {
    const time = add(first, { unit: unit.unit, amount: unit.amount * n * at });
    if (!time || time.instant > last.instant) break;
    times.push(time);
  }
  if (times.length > most) return `there are more than ${most} steps`;
  return { times, step: `${n} ${unit.name}${n === 1 ? '' : 's'}` };
}
