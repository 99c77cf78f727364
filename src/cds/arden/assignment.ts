import { type Cursor, Fault } from './cursor.js';
import { level } from './level.js';
import { assigned } from './phrase.js';
import type { Statement, Target } from './syntax.js';

/** The statements that give names values. */

/** `x := …` and `TIME OF x := …` */
export function assignment(cursor: Cursor): Statement {
  const { start } = cursor.token;
  const time = timeOf(cursor);
  const name = target(cursor);
  becomes(cursor, ':=');
  return assigned(cursor, [name], time, start, false);
}

/** `LET x BE …`, `LET (a, b) BE …` */
export function letStatement(cursor: Cursor): Statement {
  const { start } = cursor.next();
  if (cursor.at('(')) {
    const names = targets(cursor);
    cursor.expect('be');
    return assigned(cursor, names, false, start, true);
  }
  const time = timeOf(cursor);
  const name = target(cursor);
  becomes(cursor, 'be');
  return assigned(cursor, [name], time, start, false);
}

/** `(a, b) := …` */
export function tupleAssignment(cursor: Cursor): Statement {
  const { start } = cursor.token;
  const names = targets(cursor);
  becomes(cursor, ':=');
  return assigned(cursor, names, false, start, true);
}

/** `|| name || = "…"`, as some write an assignment. */
export function templateAssignment(cursor: Cursor): Statement {
  const { start } = cursor.next();
  const name = target(cursor);
  cursor.expect('||');
  if (!cursor.take('=')) cursor.expect(':=');
  cursor.departure('L14', start, 'The assignment is written as a template', `Write ${name.name} := …`);
  return assigned(cursor, [name], false, start, false);
}

function becomes(cursor: Cursor, word: string): void {
  if (cursor.take(word)) return;
  const hint = cursor.at('=') ? 'An assignment is written with :=' : undefined;
  cursor.fault(`Here should be ${word.toUpperCase()}`, hint);
}

function timeOf(cursor: Cursor): boolean {
  if (!cursor.take('time')) return false;
  cursor.take('of');
  return true;
}

function targets(cursor: Cursor): readonly Target[] {
  cursor.expect('(');
  const names = [target(cursor)];
  while (cursor.take(',')) names.push(target(cursor));
  cursor.expect(')');
  return names;
}

function target(cursor: Cursor): Target {
  const { token } = cursor;
  const name = cursor.name('variable').value;
  const path: Target['path'][number][] = [];
  for (;;) {
    if (cursor.take('.')) path.push({ kind: 'attribute', attribute: cursor.name('attribute').value });
    else if (cursor.take('[')) {
      path.push({ kind: 'index', index: cursor.expression(level.join) });
      cursor.expect(']');
    } else break;
    if (path.length > 100) throw new Fault('NESTING', token.start, 'The target has too many parts');
  }
  return { name, path, span: { start: token.start, end: cursor.lastEnd } };
}
