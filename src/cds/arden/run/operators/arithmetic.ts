import type { Duration, Item } from '../../value.js';
import { add as addToTime, day, inSeconds } from '../time.js';
import { absent, number, sharedTime } from '../values.js';
import { binary, type Operation, timeItem, unary } from './operation.js';

/** Arithmetic of numbers, durations and times. Dividing by zero, overflow and what has no type for it is NULL. */

export function duration(unit: Duration['unit'], amount: number, primaryTime: Item['primaryTime']): Item {
  return Number.isFinite(amount)
    ? { type: 'duration', value: { unit, amount }, primaryTime }
    : absent(primaryTime);
}

/** Months stay months; months and seconds make seconds. */
function sumOf(one: Duration, other: Duration, sign: 1 | -1): Duration {
  return one.unit === other.unit
    ? { unit: one.unit, amount: one.amount + sign * other.amount }
    : { unit: 'seconds', amount: inSeconds(one) + sign * inSeconds(other) };
}

function shifted(time: Item, by: Duration, sign: 1 | -1, primaryTime: Item['primaryTime']): Item {
  if (time.type === 'time')
    return timeItem(addToTime(time.value, { unit: by.unit, amount: sign * by.amount }), primaryTime);
  if (time.type !== 'time of day' || by.unit !== 'seconds') return absent(primaryTime);
  const moved = (time.value + Math.round(sign * by.amount * 1000)) % day;
  return { type: 'time of day', value: moved < 0 ? moved + day : moved, primaryTime };
}

function plus(one: Item, other: Item): Item {
  const shared = sharedTime(one, other);
  if (one.type === 'number' && other.type === 'number') return number(one.value + other.value, shared);
  if (one.type === 'duration' && other.type === 'duration') {
    const { unit, amount } = sumOf(one.value, other.value, 1);
    return duration(unit, amount, shared);
  }
  if (other.type === 'duration') return shifted(one, other.value, 1, shared);
  if (one.type === 'duration') return shifted(other, one.value, 1, shared);
  return absent(shared);
}

/** Of two values; time minus time is a duration in seconds of the wall clock. */
export function minus(one: Item, other: Item): Item {
  const shared = sharedTime(one, other);
  if (one.type === 'number' && other.type === 'number') return number(one.value - other.value, shared);
  if (one.type === 'time' && other.type === 'time')
    return duration('seconds', (one.value.wall - other.value.wall) / 1000, shared);
  if (one.type === 'time of day' && other.type === 'time of day')
    return duration('seconds', (one.value - other.value) / 1000, shared);
  if (other.type !== 'duration') return absent(shared);
  if (one.type !== 'duration') return shifted(one, other.value, -1, shared);
  const { unit, amount } = sumOf(one.value, other.value, -1);
  return duration(unit, amount, shared);
}

function times(one: Item, other: Item): Item {
  const shared = sharedTime(one, other);
  if (one.type === 'number' && other.type === 'number') return number(one.value * other.value, shared);
  if (one.type === 'duration' && other.type === 'number')
    return duration(one.value.unit, one.value.amount * other.value, shared);
  if (one.type === 'number' && other.type === 'duration')
    return duration(other.value.unit, one.value * other.value.amount, shared);
  return absent(shared);
}

function by(one: Item, other: Item): Item {
  const shared = sharedTime(one, other);
  if (one.type === 'number' && other.type === 'number') return number(one.value / other.value, shared);
  if (one.type === 'duration' && other.type === 'number')
    return duration(one.value.unit, one.value.amount / other.value, shared);
  if (one.type !== 'duration' || other.type !== 'duration') return absent(shared);
  const ratio =
    one.value.unit === other.value.unit
      ? one.value.amount / other.value.amount
      : inSeconds(one.value) / inSeconds(other.value);
  return number(ratio, shared);
}

export const sum = binary(plus);
export const difference = binary(minus);
export const product = binary(times);
export const quotient = binary(by);

export const power = binary((one, other) => {
  const shared = sharedTime(one, other);
  return one.type === 'number' && other.type === 'number'
    ? number(one.value ** other.value, shared)
    : absent(shared);
});

export const negate = unary((element) => {
  if (element.type === 'number') return number(-element.value, element.primaryTime);
  if (element.type === 'duration')
    return duration(element.value.unit, -element.value.amount, element.primaryTime);
  return absent(element.primaryTime);
});

/** A function of numbers; what is no number, and what the function has no finite value for, is NULL. */
export function numeric(of: (value: number) => number): Operation {
  return unary((element) =>
    element.type === 'number' ? number(of(element.value), element.primaryTime) : absent(element.primaryTime),
  );
}

/** To the nearest whole number, halves away from zero. */
export function round(value: number): number {
  const whole = Math.trunc(value);
  return Math.abs(value - whole) >= 0.5 ? whole + Math.sign(value) : whole;
}

/** A number of one unit of time. */
export function unitOf(unit: Duration['unit'], size: number): Operation {
  return unary((element) =>
    element.type === 'number'
      ? duration(unit, element.value * size, element.primaryTime)
      : absent(element.primaryTime),
  );
}
