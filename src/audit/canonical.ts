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
  if (typeof value === 'string') return quoted(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (isList(value)) return `[${value.map(canonical).join(',')}]`;
  // Put together piece by piece: every record is sealed as such a text.
  let text = '';
  for (const name of Object.keys(value).sort()) {
    const member = value[name];
    if (member !== undefined) text += `${text === '' ? '' : ','}${quoted(name)}:${canonical(member)}`;
  }
  return `{${text}}`;
}

/** A member of an object in canonical form. */
export interface Member {
  readonly name: string;
  /** Name and value. */
  readonly text: string;
}

/** The members of an object, in their order. Error: as `canonical`. */
export function membersOf(object: JsonObject): Member[] {
  const members: Member[] = [];
  for (const name of Object.keys(object).sort()) {
    const value = object[name];
    if (value !== undefined) members.push({ name, text: `${quoted(name)}:${canonical(value)}` });
  }
  return members;
}

/** The canonical text of the object with these members and `more`, which take the place of members of the same name. */
export function canonicalWith(members: readonly Member[], more: readonly Member[]): string {
  const texts: string[] = [];
  let at = 0;
  for (const { name, text } of more) {
    for (let next = members[at]; next && next.name <= name; next = members[++at])
      if (next.name !== name) texts.push(next.text);
    texts.push(text);
  }
  for (const { text } of members.slice(at)) texts.push(text);
  return `{${texts.join(',')}}`;
}

function quoted(text: string): string {
  const written = JSON.stringify(text);
  // Half a pair is written as an escape; what looks like one may also be a backslash of the text.
  if (written.includes('\\ud') && /\p{Surrogate}/u.test(text)) throw new Error('half of a surrogate pair');
  return written;
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);
