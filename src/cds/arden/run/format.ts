import type { ArdenObject, Datum, Duration, Value } from '../value.js';
import { dateOf, dayOf, timeOfDay } from './time.js';

/**
 * The text of a value, as `||` and STRING make it and WRITE writes it: `null`, `true`, `5`, `3 days`,
 * `2023-06-30T23:59:59`, `(1,2)`. Strings are as they are.
 */
export function formatValue(value: Value): string {
  if (value.type !== 'list') return formatDatum(value);
  return inParentheses(value.items.map(formatDatum));
}

/** Elements as a list is written: `()`, `(,1)`, `(1,2)`. */
export function inParentheses(elements: readonly string[]): string {
  return elements.length === 1 ? `(,${elements[0]})` : `(${elements.join(',')})`;
}

function formatDatum(datum: Datum): string {
  switch (datum.type) {
    case 'null':
      return 'null';
    case 'boolean':
      return datum.value ? 'true' : 'false';
    case 'string':
    case 'term':
      return datum.value;
    case 'number':
    case 'day of week':
      return formatNumber(datum.value);
    case 'time':
      return formatWallClock(datum.value.wall);
    case 'time of day':
      return formatTimeOfDay(datum.value);
    case 'duration':
      return formatDuration(datum.value);
    case 'object':
      return formatObject(datum.value, formatValue);
  }
}

/** The shortest digits that give the number again. */
export function formatNumber(value: number): string {
  return String(value === 0 ? 0 : value);
}

/** ISO date and time of a wall clock, with as many digits of a second as it has. */
export function formatWallClock(wall: number): string {
  const { year, month, day } = dateOf(dayOf(wall));
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}T${formatTimeOfDay(timeOfDay(wall))}`;
}

export function formatTimeOfDay(milliseconds: number): string {
  const hours = Math.floor(milliseconds / 3_600_000);
  const minutes = Math.floor(milliseconds / 60_000) % 60;
  const seconds = Math.floor(milliseconds / 1000) % 60;
  const rest = Math.floor(milliseconds % 1000);
  const fraction = rest === 0 ? '' : `.${pad(rest, 3).replace(/0+$/, '')}`;
  return `${pad(hours, 2)}:${pad(minutes, 2)}:${pad(seconds, 2)}${fraction}`;
}

function pad(value: number, digits: number): string {
  return String(value).padStart(digits, '0');
}

const unitsOfMonths = [
  ['year', 12],
  ['month', 1],
] as const;
const unitsOfSeconds = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const;

/** A duration in the largest unit, weeks apart, of which it is a whole number. */
export function formatDuration({ unit, amount }: Duration): string {
  const units = unit === 'months' ? unitsOfMonths : unitsOfSeconds;
  for (const [name, size] of units) {
    if ((amount !== 0 && amount % size === 0) || size === 1) {
      const count = amount / size;
      return `${formatNumber(count)} ${name}${count === 1 ? '' : 's'}`;
    }
  }
  return '';
}

/** An object by its attributes; an object inside of an object by its type alone, so that none goes round in circles. */
export function formatObject({ type, attributes }: ArdenObject, print: (value: Value) => string): string {
  const inner = (value: Value): string => {
    if (value.type === 'object') return value.value.type;
    if (value.type === 'list') return inParentheses(value.items.map(inner));
    return print(value);
  };
  return `${type} [${[...attributes].map(([name, value]) => `${name} := ${inner(value)}`).join(', ')}]`;
}
