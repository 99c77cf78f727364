/** A JSON value; members that are undefined are left out. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: Json | undefined;
}

/**
 * The one text of a JSON value by RFC 8785 (JCS): members in the order of their names by UTF-16 code units, no blanks,
 * numbers and texts as ECMAScript writes them. Error: a number that JSON does not have, or half of a surrogate pair.
 */
export function canonical(value: Json): string {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new Error('JSON has no such number');
  if (typeof value === 'string' && /\p{Surrogate}/u.test(value)) throw new Error('half of a surrogate pair');
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (isList(value)) return `[${value.map(canonical).join(',')}]`;
  const members = Object.keys(value)
    .sort()
    .flatMap((name) => {
      const member = value[name];
      return member === undefined ? [] : [`${canonical(name)}:${canonical(member)}`];
    });
  return `{${members.join(',')}}`;
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);
