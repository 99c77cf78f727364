import type { Item } from '../../value.js';
import { items, nothing, sharedTime, truth, truthOf } from '../values.js';
import { binary, type Operation, type Reckoning, ternary, unary } from './operation.js';
import { equal, order } from './order.js';

/** Three-valued logic and comparison: what is no truth value, or does not compare, is NULL. */

export const or = binary((one, other) => {
  const [a, b] = [truthOf(one), truthOf(other)];
  const value = a === true || b === true ? true : a === null || b === null ? null : false;
  return truth(value, sharedTime(one, other));
});

export const and = binary((one, other) => {
  const [a, b] = [truthOf(one), truthOf(other)];
  const value = a === false || b === false ? false : a === null || b === null ? null : true;
  return truth(value, sharedTime(one, other));
});

export const not = unary((element) => {
  const value = truthOf(element);
  return truth(value === null ? null : !value, element.primaryTime);
});

export const isEqual = binary((one, other, { ignoreCase }) =>
  truth(equal(one, other, ignoreCase), sharedTime(one, other)),
);

export const isUnequal = binary((one, other, { ignoreCase }) => {
  const value = equal(one, other, ignoreCase);
  return truth(value === null ? null : !value, sharedTime(one, other));
});

/** A comparison that holds for the signs of `order` that are said. */
export function comparison(holds: (sign: number) => boolean): Operation {
  return binary((one, other, { ignoreCase }) => {
    const sign = order(one, other, ignoreCase);
    return truth(sign === undefined ? null : holds(sign), sharedTime(one, other));
  });
}

/** BEFORE and AFTER: of times, and of times of day. */
export function timeComparison(holds: (sign: number) => boolean): Operation {
  return binary((one, other) => {
    const timely = one.type === 'time' || one.type === 'time of day';
    const sign = timely ? order(one, other, false) : undefined;
    return truth(sign === undefined ? null : holds(sign), sharedTime(one, other));
  });
}

/** Membership is never NULL: NULL is in a list that has NULL. */
export const isIn: Operation = ([what = nothing, where = nothing], reckoning) => {
  const members = items(where);
  return unary((element) => {
    reckoning.charge(members.length);
    return truth(
      members.some((member) => same(element, member, reckoning)),
      element.primaryTime,
    );
  })([what], reckoning);
};

function same(one: Item, other: Item, { ignoreCase }: Reckoning): boolean {
  return one.type === 'null' ? other.type === 'null' : equal(one, other, ignoreCase) === true;
}

export const isNull = unary((element) => truth(element.type === 'null', element.primaryTime));

/** Closed at both ends. */
export const isWithin = ternary((what, low, high, { ignoreCase }) => {
  const [fromLow, toHigh] = [order(low, what, ignoreCase), order(what, high, ignoreCase)];
  const lower = fromLow === undefined ? null : fromLow <= 0;
  const upper = toHigh === undefined ? null : toHigh <= 0;
  const value = lower === false || upper === false ? false : lower === null || upper === null ? null : true;
  const shared = sharedTime(what, low);
  return truth(value, shared !== null && sharedTime(low, high) !== null ? shared : null);
});
