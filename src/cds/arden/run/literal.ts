import type { Datum, Item, Time, Value } from '../value.js';
import {
  formatDuration,
  formatNumber,
  formatObject,
  formatTimeOfDay,
  formatWallClock,
  inParentheses,
} from './format.js';
import { day, dayNumber, daysOfMonth, timeAt, timeOfInstant } from './time.js';
import { list, nothing, number, text, truth } from './values.js';

const daysOfWeek = ['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY'];

/** A value as a literal of the language: what `parseLiteral` reads again. An object has none and is only shown. */
export function printLiteral(value: Value): string {
  return value.type === 'list' ? inParentheses(value.items.map(printDatum)) : printDatum(value);
}

function printDatum(datum: Datum): string {
  switch (datum.type) {
    case 'null':
      return 'NULL';
    case 'boolean':
      return datum.value ? 'TRUE' : 'FALSE';
    case 'number':
      return formatNumber(datum.value);
    case 'string':
      return `"${datum.value.replaceAll('"', '""')}"`;
    case 'term':
      return `'${datum.value}'`;
    case 'time':
      return printTime(datum.value);
    case 'time of day':
      return formatTimeOfDay(datum.value);
    case 'day of week':
      return daysOfWeek[datum.value - 1] ?? formatNumber(datum.value);
    case 'duration':
      return formatDuration(datum.value);
    case 'object':
      return formatObject(datum.value, printLiteral);
  }
}

/** With `Z` where the wall clock alone would stand for another instant: in the hour that comes twice. */
function printTime({ wall, instant }: Time): string {
  return timeAt(wall)?.instant === instant ? formatWallClock(wall) : `${formatWallClock(instant)}Z`;
}

/** The value of a literal; undefined if it is none. Line breaks in a text are kept as they are. */
export function parseLiteral(source: string): Value | undefined {
  const given = source.trim();
  if (!given.startsWith('(')) return parseItem(given);
  if (!given.endsWith(')')) return undefined;
  const inside = given.slice(1, -1).trim();
  if (inside === '') return list([]);
  const parts = splitAtCommas(inside);
  const single = parts.length === 2 && parts[0] === '';
  const elements = (single ? parts.slice(1) : parts).map(parseItem);
  const found = elements.filter((element) => element !== undefined);
  if (found.length !== elements.length) return undefined;
  return found.length === 1 && !single ? found[0] : list(found);
}

/** The parts between commas that are in no quotes, trimmed. */
function splitAtCommas(source: string): string[] {
  const parts: string[] = [];
  let quote = '';
  let start = 0;
  for (let index = 0; index < source.length; index += 1) {
    const character = source.charAt(index);
    if (quote !== '') {
      if (character === quote) quote = '';
    } else if (character === '"' || character === "'") quote = character;
    else if (character === ',') {
      parts.push(source.slice(start, index).trim());
      start = index + 1;
    }
  }
  return [...parts, source.slice(start).trim()];
}

function parseItem(source: string): Item | undefined {
  const first = source.charAt(0);
  if (first === '"') return /^"(?:[^"]|"")*"$/.test(source) ? parseString(source) : undefined;
  if (first === "'") {
    return /^'[^']*'$/.test(source)
      ? { type: 'term', value: source.slice(1, -1), primaryTime: null }
      : undefined;
  }
  return (
    parseWord(source.toUpperCase()) ?? parseTime(source) ?? parseTimeOfDay(source) ?? parseQuantity(source)
  );
}

function parseString(source: string): Item {
  return text(source.slice(1, -1).replaceAll('""', '"'));
}

function parseWord(word: string): Item | undefined {
  if (word === 'NULL') return nothing;
  if (word === 'TRUE' || word === 'FALSE') return truth(word === 'TRUE');
  const dayOfWeek = daysOfWeek.indexOf(word);
  return dayOfWeek < 0 ? undefined : { type: 'day of week', value: dayOfWeek + 1, primaryTime: null };
}

const timePattern =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?(?:(Z)|([+-])(\d\d):?(\d\d))?)?$/i;

/** An ISO date or time; without a zone it is the wall clock of Europe/London. */
export function parseTime(source: string): Item | undefined {
  const value = timeOfText(source);
  return value && { type: 'time', value, primaryTime: null };
}

/** The time that an ISO text stands for. */
export function timeOfText(source: string): Time | undefined {
  const match = timePattern.exec(source);
  if (!match) return undefined;
  const [, year, month, dayOfMonth, hours, minutes, seconds, fraction, utc, sign, zoneHours, zoneMinutes] =
    match;
  const clock = clockOf(hours ?? '0', minutes ?? '0', seconds ?? '0', fraction);
  const [y, m, d] = [Number(year), Number(month), Number(dayOfMonth)];
  if (clock === undefined || m < 1 || m > 12 || d < 1 || d > daysOfMonth(y, m)) return undefined;
  const wall = dayNumber(y, m, d) * day + clock;
  if (utc === undefined && sign === undefined) return timeAt(wall);
  const ahead = (Number(zoneHours ?? 0) * 60 + Number(zoneMinutes ?? 0)) * 60_000;
  const time = timeOfInstant(wall - (sign === '-' ? -ahead : ahead));
  return timeAt(time.wall) && time;
}

/** The time of a text; a day alone stands for its last second. */
export const timeOrEndOfDay = (text: string): Time | undefined =>
  timeOfText(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T23:59:59` : text);

/** The last second of a day. Error: the text is no day. */
export function endOfDay(text: string): Time {
  const time = timeOrEndOfDay(text);
  if (!time) throw new Error(`${text} is no day`);
  return time;
}

/** Milliseconds since midnight; undefined if no clock shows it. */
function clockOf(hours: string, minutes: string, seconds: string, fraction = ''): number | undefined {
  const [h, m, s] = [Number(hours), Number(minutes), Number(seconds)];
  if (h > 23 || m > 59 || s > 59) return undefined;
  return ((h * 60 + m) * 60 + s) * 1000 + (fraction === '' ? 0 : Math.floor(Number(`0${fraction}`) * 1000));
}

function parseTimeOfDay(source: string): Item | undefined {
  const match = /^(\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?$/.exec(source);
  const value = match && clockOf(match[1] ?? '', match[2] ?? '', match[3] ?? '0', match[4]);
  return value === undefined || value === null
    ? undefined
    : { type: 'time of day', value, primaryTime: null };
}

const numberPattern = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** The number that a text is, or undefined. */
export function numberOfText(source: string): number | undefined {
  if (!numberPattern.test(source)) return undefined;
  const value = Number(source);
  return Number.isFinite(value) ? value : undefined;
}

const units: Readonly<Record<string, { readonly unit: 'months' | 'seconds'; readonly size: number }>> = {
  YEAR: { unit: 'months', size: 12 },
  MONTH: { unit: 'months', size: 1 },
  WEEK: { unit: 'seconds', size: 604_800 },
  DAY: { unit: 'seconds', size: 86_400 },
  HOUR: { unit: 'seconds', size: 3600 },
  MINUTE: { unit: 'seconds', size: 60 },
  SECOND: { unit: 'seconds', size: 1 },
};

/** A number, or a number with a unit of time. */
function parseQuantity(source: string): Item | undefined {
  const match = /^(\S+?)\s+([a-z]+?)s?$/i.exec(source);
  if (!match) {
    const value = numberOfText(source);
    return value === undefined ? undefined : number(value);
  }
  const amount = numberOfText(match[1] ?? '');
  const found = units[(match[2] ?? '').toUpperCase()];
  if (amount === undefined || !found) return undefined;
  return {
    type: 'duration',
    value: { unit: found.unit, amount: amount * found.size },
    primaryTime: null,
  };
}
