import type { Item, Time } from '../../value.js';
import { day, inSeconds, timeAt } from '../time.js';
import { absent, commonTime, items, nothing, number, truth, truthOf } from '../values.js';
import { duration } from './arithmetic.js';
import { type Operation, timeItem, wholeNumber } from './operation.js';
import { order, ranked } from './order.js';

/** From a list to one value. A single value is a list of one. None of them skips NULL but EXIST. */

function aggregate(of: (elements: readonly Item[], ignoreCase: boolean) => Item): Operation {
  return ([operand = nothing], { ignoreCase }) => of(items(operand), ignoreCase);
}

export const count = aggregate((elements) => number(elements.length));

export const exist = aggregate((elements) =>
  truth(
    elements.some((element) => element.type !== 'null'),
    commonTime(elements),
  ),
);

/** Of numbers, or of durations: months as long as all are months. */
function total(elements: readonly Item[]): Item {
  const primaryTime = commonTime(elements);
  const [first] = elements;
  if (!first) return number(0);
  if (first.type === 'number') return number(numbersOf(elements).reduce(plus, 0), primaryTime);
  const durations = elements.flatMap((element) => (element.type === 'duration' ? [element.value] : []));
  if (durations.length < elements.length) return absent(primaryTime);
  const inMonths = durations.every(({ unit }) => unit === 'months');
  const amounts = durations.map((one) => (inMonths ? one.amount : inSeconds(one)));
  return duration(inMonths ? 'months' : 'seconds', amounts.reduce(plus, 0), primaryTime);
}

const plus = (one: number, other: number): number => one + other;

/** What is no number makes everything reckoned with it NULL. */
function numbersOf(elements: readonly Item[]): readonly number[] {
  return elements.map((element) => (element.type === 'number' ? element.value : Number.NaN));
}

export const sum = aggregate(total);

/** The mean of numbers, durations or times. */
function mean(elements: readonly Item[]): Item {
  const primaryTime = commonTime(elements);
  if (elements.length === 0) return nothing;
  if (elements[0]?.type === 'time') {
    const walls = elements.map((element) => (element.type === 'time' ? element.value.wall : Number.NaN));
    const middle = walls.reduce((sumOfWalls, wall) => sumOfWalls + wall, 0) / walls.length;
    return timeItem(timeAt(Math.round(middle)), primaryTime);
  }
  const sumOfAll = total(elements);
  if (sumOfAll.type === 'number') return number(sumOfAll.value / elements.length, primaryTime);
  if (sumOfAll.type !== 'duration') return absent(primaryTime);
  return duration(sumOfAll.value.unit, sumOfAll.value.amount / elements.length, primaryTime);
}

export const average = aggregate(mean);

/** The middle one; of an even number the mean of the middle two. Of equal ones the latest gives its primary time. */
export const median = aggregate((elements, ignoreCase) => {
  const sorted = ranked(elements, ignoreCase);
  if (!sorted) return absent(commonTime(elements));
  const upper = sorted[Math.floor(sorted.length / 2)]?.element;
  if (!upper) return nothing;
  const lower = sorted.length % 2 === 1 ? upper : (sorted[sorted.length / 2 - 1]?.element ?? upper);
  if (lower !== upper && order(lower, upper, ignoreCase) !== 0) return mean([lower, upper]);
  const equals = elements.filter((element) => order(element, upper, ignoreCase) === 0);
  return equals.reduce((one, other) => (isLater(other, one) ? other : one), upper);
});

function isLater(one: Item, other: Item): boolean {
  const [a, b] = [one.primaryTime, other.primaryTime];
  return a !== null && (b === null || a.instant >= b.instant);
}

/** Sample variance of numbers. */
function varianceOf(elements: readonly Item[]): number {
  const values = numbersOf(elements);
  if (values.length < 2) return Number.NaN;
  const middle = values.reduce((sumOfValues, value) => sumOfValues + value, 0) / values.length;
  return values.reduce((squares, value) => squares + (value - middle) ** 2, 0) / (values.length - 1);
}

export const variance = aggregate((elements) => number(varianceOf(elements), commonTime(elements)));
export const stddev = aggregate((elements) => number(Math.sqrt(varianceOf(elements)), commonTime(elements)));

/** The place from 0 of the smallest (`sign` 1) or greatest (-1); of equal ones the latest, then the last. */
export function placeOfExtreme(
  elements: readonly Item[],
  sign: 1 | -1,
  ignoreCase: boolean,
): number | undefined {
  let found = 0;
  for (const [place, element] of elements.entries()) {
    const best = elements[found];
    const compared = best && order(element, best, ignoreCase);
    if (!best || compared === undefined) return undefined;
    if (compared * sign < 0 || (compared === 0 && (isLater(element, best) || best.primaryTime === null)))
      found = place;
  }
  return elements.length === 0 ? undefined : found;
}

function extreme(sign: 1 | -1): Operation {
  return aggregate((elements, ignoreCase) => {
    const place = placeOfExtreme(elements, sign, ignoreCase);
    return place === undefined ? absent(commonTime(elements)) : (elements[place] ?? nothing);
  });
}

export const minimum = extreme(1);
export const maximum = extreme(-1);

export const first = aggregate((elements) => elements[0] ?? nothing);
export const last = aggregate((elements) => elements.at(-1) ?? nothing);

/** The place of the earliest (`sign` 1), the first of equal ones, or of the latest (-1), the last; of those with a primary time. */
export function placeByTime(elements: readonly Item[], sign: 1 | -1): number | undefined {
  let found: number | undefined;
  let best: Time | null = null;
  for (const [place, { primaryTime }] of elements.entries()) {
    if (primaryTime === null) continue;
    const compared: number = best === null ? -sign : primaryTime.instant - best.instant;
    if (compared * sign < 0 || (sign === -1 && compared === 0)) {
      found = place;
      best = primaryTime;
    }
  }
  return found;
}

function byTime(sign: 1 | -1): Operation {
  return aggregate((elements) => {
    const place = placeByTime(elements, sign);
    return place === undefined ? nothing : (elements[place] ?? nothing);
  });
}

export const earliest = byTime(1);
export const latest = byTime(-1);

/** How many elements are TRUE, FALSE and neither. */
function tally(elements: readonly Item[]): {
  readonly yes: number;
  readonly no: number;
  readonly open: number;
} {
  const counts = { yes: 0, no: 0, open: 0 };
  for (const element of elements) {
    const value = truthOf(element);
    counts[value === null ? 'open' : value ? 'yes' : 'no'] += 1;
  }
  return counts;
}

export const any = aggregate((elements) => {
  const { yes, open } = tally(elements);
  return truth(yes > 0 ? true : open > 0 ? null : false, commonTime(elements));
});

export const all = aggregate((elements) => {
  const { no, open } = tally(elements);
  return truth(no > 0 ? false : open > 0 ? null : true, commonTime(elements));
});

export const no = aggregate((elements) => {
  const { yes, open } = tally(elements);
  return truth(yes > 0 ? false : open > 0 ? null : true, commonTime(elements));
});

function quantified(of: (n: number, counts: ReturnType<typeof tally>) => boolean | null): Operation {
  return ([n = nothing, operand = nothing]) => {
    const wanted = wholeNumber(n);
    const elements = items(operand);
    return truth(wanted === undefined ? null : of(wanted, tally(elements)), commonTime(elements));
  };
}

export const atLeast = quantified((n, { yes, open }) => (yes >= n ? true : yes + open >= n ? null : false));
export const atMost = quantified((n, { yes, open }) => (yes > n ? false : yes + open > n ? null : true));

/** The slope of the line of least squares through numbers over their primary times, per day. */
export const slope = aggregate((elements) => {
  const points = elements.map((element) =>
    element.type === 'number' && element.primaryTime !== null
      ? { x: element.primaryTime.wall / day, y: element.value }
      : { x: Number.NaN, y: Number.NaN },
  );
  if (points.length < 2) return nothing;
  const meanX = points.reduce((sumOfX, { x }) => sumOfX + x, 0) / points.length;
  const meanY = points.reduce((sumOfY, { y }) => sumOfY + y, 0) / points.length;
  const spread = points.reduce((squares, { x }) => squares + (x - meanX) ** 2, 0);
  return number(points.reduce((products, { x, y }) => products + (x - meanX) * (y - meanY), 0) / spread);
});
