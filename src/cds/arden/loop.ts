import type { Cursor } from './cursor.js';
import { level } from './level.js';
import type { Statement } from './syntax.js';

type ReadBlock = (cursor: Cursor, ends: ReadonlySet<string>) => readonly Statement[];

const ends: ReadonlySet<string> = new Set(['enddo']);

/** `FOR x IN list DO … ENDDO` and `WHILE condition DO … ENDDO` */
export function loopStatement(cursor: Cursor, readBlock: ReadBlock): Statement {
  const { start, value } = cursor.next();
  const variable = value === 'for' ? cursor.name('variable').value : undefined;
  if (variable !== undefined) cursor.expect('in');
  const expression = cursor.expression(level.join);
  cursor.expect('do');
  cursor.loops += 1;
  const body = readBlock(cursor, ends);
  cursor.loops -= 1;
  cursor.expect('enddo', 'End the loop with ENDDO;');
  const span = { start, end: cursor.lastEnd };
  return variable === undefined
    ? { kind: 'while', condition: expression, body, span }
    : { kind: 'for', variable, list: expression, body, span };
}
