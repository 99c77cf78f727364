import type { Cursor } from './cursor.js';
import { level } from './level.js';
import { listed } from './new-object.js';
import type { Statement } from './syntax.js';
import { written } from './template.js';

/** `INCLUDE mlm` */
export function include(cursor: Cursor): Statement {
  const { start } = cursor.next();
  const name = cursor.name('MLM').value;
  return { kind: 'include', name, span: { start, end: cursor.lastEnd } };
}

/** `CONCLUDE e` */
export function conclude(cursor: Cursor): Statement {
  const { start } = cursor.next();
  const value = cursor.expression(level.join);
  return { kind: 'conclude', value, span: { start, end: cursor.lastEnd } };
}

/** `WRITE e [AT destination]` */
export function write(cursor: Cursor): Statement {
  const { start } = cursor.next();
  const value = written(cursor, cursor.expression(level.join));
  const at = cursor.take('at') ? cursor.expression(level.text) : undefined;
  return {
    kind: 'write',
    value,
    ...(at === undefined ? {} : { at }),
    span: { start, end: cursor.lastEnd },
  };
}

/** `RETURN e1, e2` */
export function returned(cursor: Cursor): Statement {
  const { start } = cursor.next();
  const values = listed(cursor, level.sort);
  return { kind: 'return', values, span: { start, end: cursor.lastEnd } };
}
