import { timeOfInstant } from './run/time.js';
import type { WallClock } from './syntax.js';

const millisecondsOfMinute = 60_000;
const millisecondsOfDay = 24 * 60 * millisecondsOfMinute;

const timePattern =
  /(\d{4})-(\d{2})-(\d{2})(?:[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?([Zz]|[+-]\d{2}:?\d{2})?)?/y;
const timeOfDayPattern = /(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d+))?)?/y;

export interface TimeLiteral {
  /** Undefined: no such day or time of day exists. */
  readonly wall: WallClock | undefined;
  readonly end: number;
  /** The zone stands without its colon. */
  readonly bareZone: boolean;
}

/** Reads a date or a date-time at a place of a text; undefined if none is there. */
export function timeAt(text: string, place: number): TimeLiteral | undefined {
  timePattern.lastIndex = place;
  const match = timePattern.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction, zone] = match;
  const date = Date.parse(`${year}-${month}-${day}T00:00:00Z`);
  const clock = timeOfDay(hour ?? '00', minute ?? '00', second ?? '00', fraction ?? '');
  const exists = clock !== undefined && !Number.isNaN(date) && new Date(date).getUTCDate() === Number(day);
  const wall = exists ? date + clock : undefined;
  return {
    wall: wall === undefined || zone === undefined ? wall : timeOfInstant(wall - offsetOf(zone)).wall,
    end: timePattern.lastIndex,
    bareZone: zone !== undefined && /^[+-]\d{4}$/.test(zone),
  };
}

/** Reads a time of day, in milliseconds since midnight, at a place of a text; undefined if none is there. */
export function timeOfDayAt(text: string, place: number): TimeLiteral | undefined {
  timeOfDayPattern.lastIndex = place;
  const match = timeOfDayPattern.exec(text);
  if (match === null) return undefined;
  const [, hour = '', minute = '', second = '00', fraction = ''] = match;
  return {
    wall: timeOfDay(hour, minute, second, fraction),
    end: timeOfDayPattern.lastIndex,
    bareZone: false,
  };
}

function timeOfDay(hour: string, minute: string, second: string, fraction: string): number | undefined {
  const [h, m, s] = [Number(hour), Number(minute), Number(second)];
  if (h > 23 || m > 59 || s > 59) return undefined;
  return ((h * 60 + m) * 60 + s) * 1000 + Number(fraction.slice(0, 3).padEnd(3, '0'));
}

/** Milliseconds by which a zone is ahead of UTC. */
function offsetOf(zone: string): number {
  if (/^z$/i.test(zone)) return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
  return (zone.startsWith('-') ? -minutes : minutes) * millisecondsOfMinute;
}

/** `hh:mm:ss`, and milliseconds if there are any. */
export function printTimeOfDay(milliseconds: number): string {
  const text = new Date(milliseconds).toISOString().slice(11, 23);
  return text.endsWith('.000') ? text.slice(0, 8) : text;
}

/** `YYYY-MM-DDThh:mm:ss`, and milliseconds if there are any. */
export function printTime(wall: WallClock): string {
  const midnight = Math.floor(wall / millisecondsOfDay) * millisecondsOfDay;
  return `${new Date(midnight).toISOString().slice(0, 10)}T${printTimeOfDay(wall - midnight)}`;
}
