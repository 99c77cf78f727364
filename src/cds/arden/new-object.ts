import type { Cursor } from './cursor.js';
import { level } from './level.js';
import type { PrefixRule } from './prefix.js';
import type { Expression } from './syntax.js';

type NewObject = Extract<Expression, { kind: 'new' }>;

/** `NEW type [WITH v, …] [WITH [a := v, …]]`: it takes all values that follow, so that it stands with the comma. */
export const newObject: PrefixRule = {
  level: level.join,
  parse: (cursor, start) => {
    const type = cursor.name('type of the object').value;
    const values: Expression[] = [];
    const named: NewObject['named'][number][] = [];
    while (cursor.take('with')) {
      if (cursor.at('[') && cursor.followedBy(':=', 2)) named.push(...namedValues(cursor));
      else values.push(...listed(cursor, level.sort));
    }
    cursor.grow(1);
    return { kind: 'new', type, values, named, span: { start, end: cursor.lastEnd } };
  },
};

/** Expressions with commas between them, each on its own. */
export function listed(cursor: Cursor, at: number): Expression[] {
  const values = [cursor.expression(at)];
  while (cursor.take(',')) values.push(cursor.expression(at));
  return values;
}

function namedValues(cursor: Cursor): NewObject['named'][number][] {
  cursor.expect('[');
  const named: NewObject['named'][number][] = [];
  do {
    const attribute = cursor.name('attribute').value;
    cursor.expect(':=');
    named.push({ attribute, value: cursor.expression(level.sort) });
  } while (cursor.take(','));
  cursor.expect(']');
  return named;
}
