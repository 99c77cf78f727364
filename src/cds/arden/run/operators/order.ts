import type { Datum, Item } from '../../value.js';
import { inSeconds } from '../time.js';

/** How values compare. Only values of one type do; a day of the week is a number as well. */

/** Less than 0, 0, or more than 0 as one comes before the other; undefined where they have no order. */
export function order(one: Datum, other: Datum, ignoreCase: boolean): number | undefined {
  switch (one.type) {
    case 'number':
    case 'day of week':
      return other.type === 'number' || other.type === 'day of week' ? one.value - other.value : undefined;
    case 'time':
      return other.type === 'time' ? one.value.instant - other.value.instant : undefined;
    case 'time of day':
      return other.type === 'time of day' ? one.value - other.value : undefined;
    case 'duration':
      if (other.type !== 'duration') return undefined;
      return one.value.unit === other.value.unit
        ? one.value.amount - other.value.amount
        : inSeconds(one.value) - inSeconds(other.value);
    case 'string':
    case 'term':
      return other.type === 'string' || other.type === 'term'
        ? orderOfTexts(one.value, other.value, ignoreCase)
        : undefined;
    case 'null':
    case 'boolean':
    case 'object':
      return undefined;
  }
}

/** Whether two values are equal; `null` where one is NULL or they are of different types. */
export function equal(one: Datum, other: Datum, ignoreCase: boolean): boolean | null {
  if (one.type === 'boolean') return other.type === 'boolean' ? one.value === other.value : null;
  if (one.type === 'object') return other.type === 'object' ? one.value === other.value : null;
  const found = order(one, other, ignoreCase);
  return found === undefined ? null : found === 0;
}

/** By code point, so that every engine agrees. */
function orderOfTexts(one: string, other: string, ignoreCase: boolean): number {
  const [a, b] = ignoreCase ? [one.toLowerCase(), other.toLowerCase()] : [one, other];
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    const [x, y] = [a.charCodeAt(index), b.charCodeAt(index)];
    if (x === y) continue;
    // Two halves of a character beyond U+FFFF come after every whole one.
    const [xHalf, yHalf] = [isHalf(x), isHalf(y)];
    return xHalf === yHalf ? x - y : xHalf ? 1 : -1;
  }
  return a.length - b.length;
}

function isHalf(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}

/** Elements with their place from 0, in ascending order, equal ones as they stood; undefined where two have no order. */
export function ranked(
  elements: readonly Item[],
  ignoreCase: boolean,
): { readonly element: Item; readonly place: number }[] | undefined {
  const first = elements[0];
  // Having an order with the first, itself too, is having one with each other.
  if (first && elements.some((element) => order(element, first, ignoreCase) === undefined)) return undefined;
  return elements
    .map((element, place) => ({ element, place }))
    .sort((one, other) => (order(one.element, other.element, ignoreCase) ?? 0) || one.place - other.place);
}
