import type { Item, Value } from '../../value.js';
import { absent, items, list, nothing, number } from '../values.js';
import { minus } from './arithmetic.js';
import { type Operation, wholeNumber } from './operation.js';
import { ranked } from './order.js';

/** Making, sorting and cutting of lists, which are flat. */

/** Of any number of operands: a chain of commas is one operation. */
export const join: Operation = (operands) => list(operands.flatMap(items));

export const single: Operation = ([operand = nothing]) => list(items(operand));

function sortedByTime(elements: readonly Item[]): Value {
  if (elements.some(({ primaryTime }) => primaryTime === null)) return nothing;
  return list(
    [...elements].sort((one, other) => (one.primaryTime?.instant ?? 0) - (other.primaryTime?.instant ?? 0)),
  );
}

export const merge: Operation = (operands) => sortedByTime(operands.flatMap(items));
export const sortTime: Operation = ([operand = nothing]) => sortedByTime(items(operand));

export const sortData: Operation = ([operand = nothing], { ignoreCase }) => {
  const sorted = ranked(items(operand), ignoreCase);
  return sorted ? list(sorted.map(({ element }) => element)) : nothing;
};

export const reverse: Operation = ([operand = nothing]) =>
  operand.type === 'list' ? list([...operand.items].reverse()) : operand;

/** Whole numbers from one to another, both included. */
export const seqto: Operation = ([low = nothing, high = nothing], { charge }) => {
  const [from, to] = [wholeNumber(low), wholeNumber(high)];
  if (from === undefined || to === undefined) return nothing;
  const length = Math.max(0, to - from + 1);
  charge(length);
  return list(Array.from({ length }, (_, index) => number(from + index)));
};

/** `list[n]`; a place that the list lacks is NULL. */
export const index: Operation = ([operand = nothing, n = nothing]) => {
  const elements = items(operand);
  const at = (place: Item): Item => {
    const found = wholeNumber(place);
    return found === undefined ? nothing : (elements[found - 1] ?? nothing);
  };
  return n.type === 'list' ? list(n.items.map(at)) : at(n);
};

/**
 * From and to which place from 0, the end excluded, a piece of `count` elements goes that starts at the place `start` from
 * 1: to the left where `count` is negative.
 */
export function piece(count: number, start: number, length: number): readonly [from: number, to: number] {
  const [from, to] = count < 0 ? [start + count, start] : [start - 1, start - 1 + count];
  return [Math.min(Math.max(from, 0), length), Math.min(Math.max(to, 0), length)];
}

export const sublist: Operation = ([n = nothing, operand = nothing, start]) => {
  const elements = items(operand);
  const count = wholeNumber(n);
  const from =
    start === undefined ? (count !== undefined && count < 0 ? elements.length : 1) : wholeNumber(start);
  return count === undefined || from === undefined
    ? nothing
    : list(elements.slice(...piece(count, from, elements.length)));
};

/** At the end, or before the element at the place given. */
export const addTo: Operation = ([element = nothing, operand = nothing, position]) => {
  const elements = items(operand);
  if (position === undefined) return list([...elements, ...items(element)]);
  const place = wholeNumber(position);
  if (place === undefined) return nothing;
  const at = Math.min(Math.max(place - 1, 0), elements.length);
  return list([...elements.slice(0, at), ...items(element), ...elements.slice(at)]);
};

export const removeFrom: Operation = ([position = nothing, operand = nothing]) => {
  const places = new Set(items(position).map(wholeNumber));
  return places.has(undefined) ? nothing : list(items(operand).filter((_, place) => !places.has(place + 1)));
};

/** Of each two neighbours something with the primary time of the second. */
function betweenNeighbours(of: (one: Item, other: Item) => Item): Operation {
  return ([operand = nothing]) => {
    const elements = items(operand);
    return list(
      elements.slice(1).map((element, before) => ({
        ...of(elements[before] ?? nothing, element),
        primaryTime: element.primaryTime,
      })),
    );
  };
}

const timeItself = ({ primaryTime }: Item): Item =>
  primaryTime === null ? nothing : { type: 'time', value: primaryTime, primaryTime };

export const interval = betweenNeighbours((one, other) => minus(timeItself(other), timeItself(one)));
export const increase = betweenNeighbours((one, other) => minus(other, one));
export const decrease = betweenNeighbours((one, other) => minus(one, other));

function percent(sign: 1 | -1): Operation {
  return betweenNeighbours((one, other) =>
    one.type === 'number' && other.type === 'number'
      ? number((sign * 100 * (other.value - one.value)) / one.value)
      : absent(null),
  );
}

export const percentIncrease = percent(1);
export const percentDecrease = percent(-1);
