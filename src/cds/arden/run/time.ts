import type { Duration, Time } from '../value.js';
import { changesBefore1996 } from './old-clock-changes.js';

/**
 * Wall clocks of Europe/London and the instants they stand for, as `value.ts` defines them. Everything here is arithmetic:
 * no date library and no Intl in the path of a row.
 */

const minute = 60_000;
const hour = 60 * minute;
export const day = 24 * hour;

/** Seconds of a month and a year where months meet seconds. */
export const secondsOfMonth = 2_629_746;

/** 0001-01-01 and the end of 9999-12-31: what lies outside is no time. */
const earliest = -62_135_596_800_000;
const latest = 253_402_300_799_999;

/** The time of a wall clock: the first instant at which the clock is at or past it. Undefined outside of 0001 to 9999. */
export function timeAt(wall: number): Time | undefined {
  if (!(wall >= earliest && wall <= latest)) return undefined;
  return { wall, instant: instantOf(wall) };
}

/** The time of an instant. */
export function timeOfInstant(instant: number): Time {
  return { wall: instant + stretchAt(instant).offset, instant };
}

/** Offsets are at most two hours, and no two changes lie within three. */
function instantOf(wall: number): number {
  const before = stretchAt(wall - 3 * hour);
  const instant = wall - before.offset;
  if (instant < before.end) return instant;
  const after = stretchAt(before.end);
  return Math.max(before.end, wall - after.offset);
}

/** How far the clock is ahead of UTC at an instant, and until when. */
interface Stretch {
  readonly offset: number;
  readonly end: number;
}

const firstOfRule = Date.UTC(1996, 0, 1);

function stretchAt(instant: number): Stretch {
  return instant >= firstOfRule ? stretchByRule(instant) : stretchBefore1996(instant);
}

/** Since 1996: summer time from the last Sunday of March, 01:00 UTC, to the last Sunday of October, 01:00 UTC. */
function stretchByRule(instant: number): Stretch {
  const { year } = dateOf(Math.floor(instant / day));
  const spring = lastSunday(year, 3);
  if (instant < spring) return { offset: 0, end: spring };
  const autumn = lastSunday(year, 10);
  if (instant < autumn) return { offset: hour, end: autumn };
  return { offset: 0, end: lastSunday(year + 1, 3) };
}

/** 01:00 UTC of the last Sunday of March or October, both of which have 31 days. */
function lastSunday(year: number, month: 3 | 10): number {
  const last = dayNumber(year, month, 31);
  return (last - (dayOfWeek(last) % 7)) * day + hour;
}

function stretchBefore1996(instant: number): Stretch {
  const changes = changesBefore1996;
  let low = 0;
  let high = changes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((changes[middle]?.at ?? Infinity) <= instant) low = middle + 1;
    else high = middle;
  }
  return {
    offset: (changes[low - 1]?.minutes ?? 0) * minute,
    end: changes[low]?.at ?? lastSunday(1996, 3),
  };
}

/** A day of the calendar. */
export interface CalendarDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** Days from 1970-01-01 to a date of the Gregorian calendar. */
export function dayNumber(year: number, month: number, dayOfMonth: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + dayOfMonth - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** The date of a day counted from 1970-01-01. */
export function dateOf(days: number): CalendarDate {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const month = monthFromMarch + (monthFromMarch < 10 ? 3 : -9);
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1,
  };
}

/** 1 Monday … 7 Sunday. */
export function dayOfWeek(days: number): number {
  return ((((days + 3) % 7) + 7) % 7) + 1;
}

export function daysOfMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** The day of a wall clock, counted from 1970-01-01. */
export function dayOf(wall: number): number {
  return Math.floor(wall / day);
}

/** Milliseconds since midnight. */
export function timeOfDay(wall: number): number {
  return wall - dayOf(wall) * day;
}

/**
 * A time and a duration added. Whole months clip to the end of the month reached; a part of a month is added after that as
 * seconds. Undefined where no time is reached.
 */
export function add(time: Time, { unit, amount }: Duration): Time | undefined {
  if (unit === 'seconds') return timeAt(time.wall + Math.round(amount * 1000));
  const whole = Math.trunc(amount);
  const rest = Math.round((amount - whole) * secondsOfMonth * 1000);
  return timeAt(addMonths(time.wall, whole) + rest);
}

/** A whole number of months added to a wall clock, clipped to the end of the month. */
function addMonths(wall: number, months: number): number {
  const date = dateOf(dayOf(wall));
  const count = date.year * 12 + date.month - 1 + months;
  const year = Math.floor(count / 12);
  const month = count - year * 12 + 1;
  return dayNumber(year, month, Math.min(date.day, daysOfMonth(year, month))) * day + timeOfDay(wall);
}

/** A duration in seconds, a month having `secondsOfMonth`. */
export function inSeconds({ unit, amount }: Duration): number {
  return unit === 'months' ? amount * secondsOfMonth : amount;
}
