import type { Blocks } from './blocks.js';
import { type Cursor, Fault } from './cursor.js';
import { level } from './level.js';
import type { Statement } from './syntax.js';

const ends: ReadonlySet<string> = new Set(['enddo']);

/** `FOR x IN list DO … ENDDO` and `WHILE condition DO … ENDDO` */
export function loopStatement(cursor: Cursor, { block }: Blocks): Statement {
  const { start, value } = cursor.next();
  const variable = value === 'for' ? cursor.name('variable').value : undefined;
  if (variable !== undefined) cursor.expect('in');
  const expression = cursor.expression(level.join);
  cursor.expect('do');
  cursor.loops += 1;
  const body = block(cursor, ends);
  cursor.loops -= 1;
  cursor.expect('enddo', 'End the loop with ENDDO;');
  const span = { start, end: cursor.lastEnd };
  return variable === undefined
    ? { kind: 'while', condition: expression, body, span }
    : { kind: 'for', variable, list: expression, body, span };
}

/** Leaves the loop around it. */
export function breakloop(cursor: Cursor): Statement {
  const { start, end } = cursor.next();
  if (cursor.loops === 0) throw new Fault('SYNTAX', start, 'BREAKLOOP stands in no loop');
  return { kind: 'breakloop', span: { start, end } };
}
