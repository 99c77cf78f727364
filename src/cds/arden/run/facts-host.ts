import { MaplewoodError } from '../../../errors.js';
import type { Host, Row } from '../host.js';
import type { Datum, Time, Value } from '../value.js';
import { normal } from './declaration.js';
import { parseLiteral, timeOfText } from './literal.js';
import { nothing } from './values.js';

/**
 * A host made of a file of facts: `{now, event, eventTime, arguments[], reads{"text between braces": [{value, time}]},
 * interfaces{}, messages{}, destinations{}, language}`. Values are literals of the language as texts, or numbers, truth
 * values and null of JSON; a value of several columns is an array. Rows later than `now` are not seen. `now` and `event` may
 * be given apart. `USAGE` says what is wrong with a file.
 */
export function factsHost(json: unknown, given: { readonly now?: Time; readonly event?: string } = {}): Host {
  const facts = objectOf(json, 'the file');
  for (const key of Object.keys(facts))
    if (!keys.has(key)) fail(`"${key}" is not known. Known: ${[...keys].join(', ')}.`);
  const now =
    given.now ?? (facts['now'] === undefined ? fail('"now" is missing.') : timeOf(facts['now'], 'now'));
  const eventTime = facts['eventTime'] === undefined ? now : timeOf(facts['eventTime'], 'eventTime');
  const event = given.event ?? (facts['event'] === undefined ? undefined : textOf(facts['event'], 'event'));
  const reads = byBraces(facts['reads'], 'reads', (rows, where) => rowsOf(rows, where, now));
  const interfaces = byBraces(facts['interfaces'], 'interfaces', (values, where) =>
    (Array.isArray(values) ? values : [values]).map((value) => literalOf(value, where)),
  );
  const texts = {
    message: byBraces(facts['messages'], 'messages', textOf),
    destination: byBraces(facts['destinations'], 'destinations', textOf),
  };
  return {
    now,
    currentTime: now,
    triggerTime: eventTime,
    ...(event === undefined ? {} : { event: { name: event, time: eventTime } }),
    arguments: arrayOf(facts['arguments'] ?? [], 'arguments').map((value) => literalOf(value, 'arguments')),
    rows: (braces) => reads.get(normal(braces)),
    text: (what, braces) => texts[what].get(normal(braces)),
    callInterface: (braces) => interfaces.get(normal(braces)),
    language: facts['language'] === undefined ? 'en' : textOf(facts['language'], 'language'),
  };
}

const keys: ReadonlySet<string> = new Set([
  'now',
  'event',
  'eventTime',
  'arguments',
  'reads',
  'interfaces',
  'messages',
  'destinations',
  'language',
]);

function fail(problem: string): never {
  throw new MaplewoodError('USAGE', `The facts cannot be read: ${problem}`);
}

function objectOf(json: unknown, where: string): Record<string, unknown> {
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    return fail(`${where} must be an object.`);
  return { ...json };
}

function arrayOf(json: unknown, where: string): readonly unknown[] {
  return Array.isArray(json) ? json : fail(`"${where}" must be an array.`);
}

function textOf(json: unknown, where: string): string {
  return typeof json === 'string' ? json : fail(`"${where}" must be a text.`);
}

function timeOf(json: unknown, where: string): Time {
  const time = timeOfText(textOf(json, where).trim());
  return time ?? fail(`"${where}" must be an ISO time such as 2023-06-30T23:59:59.`);
}

function byBraces<T>(
  json: unknown,
  where: string,
  read: (json: unknown, where: string) => T,
): ReadonlyMap<string, T> {
  const entries = Object.entries(json === undefined ? {} : objectOf(json, `"${where}"`));
  return new Map(entries.map(([braces, value]) => [normal(braces), read(value, `${where}: ${braces}`)]));
}

function rowsOf(json: unknown, where: string, now: Time): readonly Row[] {
  return arrayOf(json, where)
    .map((entry): Row => {
      const { value, time } = objectOf(entry, where);
      const values = (Array.isArray(value) ? value : [value ?? null]).map((column) => datumOf(column, where));
      return { time: time === undefined || time === null ? null : timeOf(time, where), values };
    })
    .filter(({ time }) => time === null || time.instant <= now.instant)
    .sort((one, other) => instantOf(one) - instantOf(other));
}

/** Rows without a time come first. */
function instantOf({ time }: Row): number {
  return time?.instant ?? Number.MIN_SAFE_INTEGER;
}

function datumOf(json: unknown, where: string): Datum {
  const value = literalOf(json, where);
  return value.type === 'list' ? fail(`"${where}" has a list as the value of a column.`) : value;
}

function literalOf(json: unknown, where: string): Value {
  if (json === null) return nothing;
  const literal = typeof json === 'number' || typeof json === 'boolean' ? String(json) : json;
  const value = parseLiteral(textOf(literal, where));
  return (
    value ??
    fail(`"${where}" has ${JSON.stringify(json)}, which is no literal. A text needs quotes: "\\"text\\"".`)
  );
}
