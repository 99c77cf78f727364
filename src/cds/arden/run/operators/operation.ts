import type { Item, Time, Value } from '../../value.js';
import { list, nothing } from '../values.js';

/** What an operator may look at besides its operands. */
export interface Reckoning {
  /** `=` and its like take upper and lower case for the same. */
  readonly ignoreCase: boolean;
  /**
   * Counts work, so that no run goes on for ever; ends the run when there was too much. The elements and characters of the
   * operands are counted before the operator works; an operator counts only what goes beyond.
   */
  readonly charge: (work: number) => void;
}

/** What an operator means. Never throws for any operands; what makes no sense is NULL. */
export type Operation = (operands: readonly Value[], reckoning: Reckoning) => Value;

/**
 * An operator of one operand, element by element. Of several operands, a single value goes with every element of a list,
 * lists of one length pair up, and lists of different lengths are NULL.
 */
export function unary(of: (element: Item, reckoning: Reckoning) => Item): Operation {
  return ([operand = nothing], reckoning) => {
    if (operand.type !== 'list') return of(operand, reckoning);
    return list(operand.items.map((element) => of(element, reckoning)));
  };
}

/** An operator of two operands, element by element. */
export function binary(of: (one: Item, other: Item, reckoning: Reckoning) => Item): Operation {
  return ([left = nothing, right = nothing], reckoning) => {
    if (left.type !== 'list') {
      if (right.type !== 'list') return of(left, right, reckoning);
      return list(right.items.map((element) => of(left, element, reckoning)));
    }
    if (right.type !== 'list') return list(left.items.map((element) => of(element, right, reckoning)));
    if (left.items.length !== right.items.length) return nothing;
    return list(left.items.map((element, index) => of(element, right.items[index] ?? nothing, reckoning)));
  };
}

/** An operator of three operands, element by element. */
export function ternary(
  of: (first: Item, second: Item, third: Item, reckoning: Reckoning) => Item,
): Operation {
  return ([first = nothing, second = nothing, third = nothing], reckoning) => {
    let length: number | undefined;
    for (const operand of [first, second, third]) {
      if (operand.type !== 'list') continue;
      if (length !== undefined && operand.items.length !== length) return nothing;
      length = operand.items.length;
    }
    const at = (place: number): Item =>
      of(elementAt(first, place), elementAt(second, place), elementAt(third, place), reckoning);
    return length === undefined ? at(0) : list(Array.from({ length }, (_, place) => at(place)));
  };
}

function elementAt(value: Value, place: number): Item {
  return value.type === 'list' ? (value.items[place] ?? nothing) : value;
}

/** A whole number that a value is; undefined if it is none. */
export function wholeNumber(value: Value): number | undefined {
  return value.type === 'number' && Number.isInteger(value.value) ? value.value : undefined;
}

/** A time as a value; NULL where no time was reached. */
export function timeItem(value: Time | undefined, primaryTime: Time | null): Item {
  return value ? { type: 'time', value, primaryTime } : { type: 'null', primaryTime };
}
