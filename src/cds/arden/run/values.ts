import type { Datum, Item, List, Time, Value } from '../value.js';

/** Values as operators make and look at them. */

export const nothing: Item = { type: 'null', primaryTime: null };
export const empty: List = { type: 'list', items: [] };

const timelessTrue: Item = { type: 'boolean', value: true, primaryTime: null };
const timelessFalse: Item = { type: 'boolean', value: false, primaryTime: null };

export function number(value: number, primaryTime: Time | null = null): Item {
  return Number.isFinite(value) ? { type: 'number', value, primaryTime } : absent(primaryTime);
}

/** TRUE, FALSE, or NULL for `null`. */
export function truth(value: boolean | null, primaryTime: Time | null = null): Item {
  if (value === null) return absent(primaryTime);
  if (primaryTime === null) return value ? timelessTrue : timelessFalse;
  return { type: 'boolean', value, primaryTime };
}

export function text(value: string, primaryTime: Time | null = null): Item {
  return { type: 'string', value, primaryTime };
}

export function absent(primaryTime: Time | null): Item {
  return primaryTime === null ? nothing : { type: 'null', primaryTime };
}

/** A value without primary time as it stands in a row or a result, with the primary time given. */
export function timed(datum: Datum, primaryTime: Time | null): Item {
  return { ...datum, primaryTime };
}

export function list(items: readonly Item[]): List {
  return items.length === 0 ? empty : { type: 'list', items };
}

/** The elements of a list, or a single value as its only element. */
export function items(value: Value): readonly Item[] {
  return value.type === 'list' ? value.items : [value];
}

/** What a single value says as a truth value: TRUE, FALSE, or `null` for all else. */
export function truthOf(value: Value): boolean | null {
  return value.type === 'boolean' ? value.value : null;
}

export function sameTime(one: Time | null, other: Time | null): boolean {
  return one === other || (one !== null && other !== null && one.instant === other.instant);
}

/** The primary time that two operands share, else null. */
export function sharedTime(one: Item, other: Item): Time | null {
  return sameTime(one.primaryTime, other.primaryTime) ? one.primaryTime : null;
}

/** The primary time that all elements share, else null. */
export function commonTime(elements: readonly Item[]): Time | null {
  const first = elements[0]?.primaryTime ?? null;
  return first !== null && elements.every((element) => sameTime(element.primaryTime, first)) ? first : null;
}

/** The primary time of a value: that of a list is the one that its elements share. */
export function primaryTimeOf(value: Value): Time | null {
  return value.type === 'list' ? commonTime(value.items) : value.primaryTime;
}
