import type { Item } from '../../value.js';
import { formatValue } from '../format.js';
import { numberOfText, timeOfText } from '../literal.js';
import {
  absent,
  commonTime,
  items,
  list,
  nothing,
  number,
  primaryTimeOf,
  sameTime,
  text,
  truth,
} from '../values.js';
import { piece } from './lists.js';
import {
  binary,
  type Operation,
  type Reckoning,
  ternary,
  timeItem,
  unary,
  wholeNumber,
} from './operation.js';

/** Operators of texts. Places count from 1. */

/** Of any number of operands; lists are written as one text. */
export const concatenate: Operation = (operands) => {
  const [first = nothing, ...others] = operands;
  const time = primaryTimeOf(first);
  const shared = others.every((operand) => sameTime(primaryTimeOf(operand), time)) ? time : null;
  return text(operands.map(formatValue).join(''), shared);
};

/** A list of texts becomes one text, everything else what `||` makes of it. */
export const string: Operation = ([operand = nothing]) => {
  const elements = items(operand);
  const joined = elements.every((element) => element.type === 'string');
  return text(joined ? elements.map(formatValue).join('') : formatValue(operand), commonTime(elements));
};

function ofText(of: (value: string, element: Item) => Item): Operation {
  return unary((element) =>
    element.type === 'string' ? of(element.value, element) : absent(element.primaryTime),
  );
}

function changing(of: (value: string) => string): Operation {
  return ofText((value, { primaryTime }) => text(of(value), primaryTime));
}

export const trim = changing((value) => value.trim());
export const trimLeft = changing((value) => value.trimStart());
export const trimRight = changing((value) => value.trimEnd());
export const uppercase = changing((value) => value.toUpperCase());
export const lowercase = changing((value) => value.toLowerCase());
export const length = ofText((value, { primaryTime }) => number(value.length, primaryTime));

/** The characters of a text, or of all texts of a list one after another. */
export const characters: Operation = ([operand = nothing], { charge }) => {
  const results: Item[] = [];
  for (const element of items(operand)) {
    if (element.type !== 'string') {
      results.push(absent(element.primaryTime));
      continue;
    }
    charge(element.value.length);
    for (const character of element.value) results.push(text(character, element.primaryTime));
  }
  return operand.type !== 'list' && operand.type !== 'string' ? nothing : list(results);
};

/** Where a text first occurs in another, at or after a place; 0 where it does not. */
export const find: Operation = ([what = nothing, where = nothing, start], reckoning) =>
  findFrom([what, where, start ?? number(1)], reckoning);

const findFrom = ternary((what, where, start, { charge }) => {
  const primaryTime = sameTime(what.primaryTime, where.primaryTime) ? what.primaryTime : null;
  const from = wholeNumber(start);
  if (what.type !== 'string' || where.type !== 'string' || from === undefined) return absent(primaryTime);
  charge((what.value.length * where.value.length) / 64);
  return number(where.value.indexOf(what.value, Math.max(0, from - 1)) + 1, primaryTime);
});

/** A number of characters of a text from a place on; to the left where the number is negative. */
export const substring: Operation = ([n = nothing, source = nothing, start], reckoning) =>
  ternary((count, element, place) => {
    const [wanted, from] = [wholeNumber(count), wholeNumber(place)];
    if (element.type !== 'string' || wanted === undefined) return absent(element.primaryTime);
    const at = start === undefined ? (wanted < 0 ? element.value.length : 1) : from;
    if (at === undefined) return absent(element.primaryTime);
    return text(element.value.slice(...piece(wanted, at, element.value.length)), element.primaryTime);
  })([n, source, start ?? nothing], reckoning);

/** `_` stands for one character, `%` for any; a backslash before either, or before itself, takes it as it is. */
export const matchesPattern = binary((subject, pattern, reckoning) => {
  const primaryTime = sameTime(subject.primaryTime, pattern.primaryTime) ? subject.primaryTime : null;
  if (subject.type !== 'string' || pattern.type !== 'string') return truth(null, primaryTime);
  const fold = (value: string): string => (reckoning.ignoreCase ? value.toLowerCase() : value);
  return truth(matches(fold(subject.value), partsOf(fold(pattern.value)), reckoning), primaryTime);
});

/** A character as it is, `null` for any one, or `any` for any number. */
type PatternPart = string | null | { readonly any: true };

function partsOf(pattern: string): PatternPart[] {
  const parts: PatternPart[] = [];
  for (let index = 0; index < pattern.length; index += 1) {
    const character = pattern.charAt(index);
    const escaped = character === '\\' && /[_%\\]/.test(pattern.charAt(index + 1));
    if (escaped) index += 1;
    if (escaped) parts.push(pattern.charAt(index));
    else parts.push(character === '%' ? { any: true } : character === '_' ? null : character);
  }
  return parts;
}

/** Going back to the last `%` is enough: an earlier one could take no more than the later. */
function matches(subject: string, parts: readonly PatternPart[], { charge }: Reckoning): boolean {
  let [at, part] = [0, 0];
  let back: { at: number; readonly part: number } | undefined;
  while (at < subject.length) {
    charge(1 / 8);
    const wanted = parts[part];
    if (typeof wanted === 'object' && wanted !== null) {
      part += 1;
      back = { at, part };
    } else if (wanted !== undefined && (wanted === null || wanted === subject.charAt(at))) {
      at += 1;
      part += 1;
    } else if (back) {
      back.at += 1;
      at = back.at;
      part = back.part;
    } else return false;
  }
  return parts.slice(part).every((left) => typeof left === 'object' && left !== null);
}

/** A text that is a number, or TRUE and FALSE as 1 and 0. */
export const asNumber = unary((element) => {
  const { primaryTime } = element;
  if (element.type === 'number') return element;
  if (element.type === 'boolean') return number(element.value ? 1 : 0, primaryTime);
  const value = element.type === 'string' ? numberOfText(element.value.trim()) : undefined;
  return value === undefined ? absent(primaryTime) : number(value, primaryTime);
});

/** A text that is an ISO time. */
export const asTime = unary((element) => {
  if (element.type === 'time') return element;
  return timeItem(
    element.type === 'string' ? timeOfText(element.value.trim()) : undefined,
    element.primaryTime,
  );
});

export const asString = unary((element) =>
  element.type === 'null' ? element : text(formatValue(element), element.primaryTime),
);
