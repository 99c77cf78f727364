import type { Item } from '../../value.js';
import {
  type CalendarDate,
  dateOf,
  day,
  dayNumber,
  dayOf,
  dayOfWeek,
  daysOfMonth,
  timeAt,
  timeOfDay,
} from '../time.js';
import { absent, number, sharedTime, truth } from '../values.js';
import { binary, type Operation, timeItem, unary, wholeNumber } from './operation.js';

/** Parts of times, all of the wall clock. */

function datePart(of: (date: CalendarDate) => number): Operation {
  return unary((element) =>
    element.type === 'time'
      ? number(of(dateOf(dayOf(element.value.wall))), element.primaryTime)
      : absent(element.primaryTime),
  );
}

/** Milliseconds since midnight of a time or a time of day. */
function clockOf(element: Item): number | undefined {
  if (element.type === 'time') return timeOfDay(element.value.wall);
  return element.type === 'time of day' ? element.value : undefined;
}

function clockPart(of: (milliseconds: number) => number): Operation {
  return unary((element) => {
    const clock = clockOf(element);
    return clock === undefined ? absent(element.primaryTime) : number(of(clock), element.primaryTime);
  });
}

export const year = datePart((date) => date.year);
export const month = datePart((date) => date.month);
export const dayOfMonth = datePart((date) => date.day);
export const hour = clockPart((clock) => Math.floor(clock / 3_600_000));
export const minute = clockPart((clock) => Math.floor(clock / 60_000) % 60);
/** With its fraction, so that what is left of a time without its hours, minutes and seconds is midnight. */
export const second = clockPart((clock) => (clock % 60_000) / 1000);

export const clock = unary((element) => {
  const value = clockOf(element);
  return value === undefined
    ? absent(element.primaryTime)
    : { type: 'time of day', value, primaryTime: element.primaryTime };
});

export const weekday = unary((element) =>
  element.type === 'time'
    ? {
        type: 'day of week',
        value: dayOfWeek(dayOf(element.value.wall)),
        primaryTime: element.primaryTime,
      }
    : absent(element.primaryTime),
);

export const withinSameDay = binary((one, other) =>
  truth(
    one.type === 'time' && other.type === 'time' ? dayOf(one.value.wall) === dayOf(other.value.wall) : null,
    sharedTime(one, other),
  ),
);

interface Parts extends CalendarDate {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

/** A time with one part another; a day that the month lacks becomes its last. No such time is NULL. */
export function replacing(part: keyof Parts): Operation {
  return binary((time, value) => {
    const shared = sharedTime(time, value);
    const given = part === 'second' && value.type === 'number' ? value.value : wholeNumber(value);
    if (time.type !== 'time' || given === undefined) return absent(shared);
    const rest = timeOfDay(time.value.wall);
    const parts: Parts = {
      ...dateOf(dayOf(time.value.wall)),
      hour: Math.floor(rest / 3_600_000),
      minute: Math.floor(rest / 60_000) % 60,
      second: (rest % 60_000) / 1000,
      [part]: given,
    };
    const wall = wallOf(parts, part === 'day');
    return wall === undefined ? absent(shared) : timeItem(timeAt(wall), shared);
  });
}

function wallOf(parts: Parts, exactDay: boolean): number | undefined {
  const { hour: h, minute: m, second: s } = parts;
  if (parts.month < 1 || parts.month > 12 || parts.day < 1 || parts.year < 1 || parts.year > 9999)
    return undefined;
  if (h < 0 || h > 23 || m < 0 || m > 59 || s < 0 || s >= 60) return undefined;
  const last = daysOfMonth(parts.year, parts.month);
  if (exactDay && parts.day > last) return undefined;
  const date = dayNumber(parts.year, parts.month, Math.min(parts.day, last));
  return date * day + (h * 60 + m) * 60_000 + Math.round(s * 1000);
}
