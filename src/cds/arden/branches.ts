import { type Blocks, blockEnds } from './blocks.js';
import { type Cursor, Fault } from './cursor.js';
import { level } from './level.js';
import { constant } from './node.js';
import type { Branch, Expression, Statement } from './syntax.js';

/** An IF, whose branches may be single statements where the file leaves ENDIF out. */
export function ifStatement(cursor: Cursor, blocks: Blocks): Statement {
  const { start } = cursor.next();
  const single = cursor.context.single.has(start);
  const branches: Branch[] = [];
  const body = (): readonly Statement[] =>
    single ? singleBody(cursor, blocks) : blocks.block(cursor, ifEnds);
  do branches.push({ condition: condition(cursor, 'then'), body: body() });
  while (continues(cursor, single, 'elseif'));
  const otherwise = continues(cursor, single, 'else') ? body() : [];
  if (single)
    cursor.departure('L10', start, 'The IF has no ENDIF, and takes one statement', 'End it with ENDIF;');
  else if (!cursor.take('endif'))
    cursor.report(new Fault('SYNTAX', start, 'The IF has no ENDIF', 'End it with ENDIF;'));
  return { kind: 'if', branches, otherwise, span: { start, end: cursor.lastEnd } };
}

const ifEnds: ReadonlySet<string> = new Set(['else', 'elseif', 'endif']);

/**
 * Reads ELSEIF or ELSE. After a single statement it stands behind the `;` of that; an ELSE that ends its line goes on with a
 * block around.
 */
function continues(cursor: Cursor, single: boolean, word: string): boolean {
  if (!single) return cursor.take(word);
  const ahead = cursor.at(';') ? 1 : 0;
  if (!cursor.followedBy(word, ahead)) return false;
  if (word === 'else' && cursor.peek(ahead + 1).newLine) return false;
  if (ahead === 1) cursor.next();
  return cursor.take(word);
}

/** The one statement of an IF without ENDIF, which leaves its `;` to the IF. */
function singleBody(cursor: Cursor, blocks: Blocks): readonly Statement[] {
  return cursor.at(';') || blockEnds.has(cursor.token.value) ? [] : blocks.statement(cursor);
}

/** A condition up to a word. If it cannot be understood, the block it guards can be all the same. */
function condition(cursor: Cursor, end: string): Expression {
  const { token } = cursor;
  try {
    const value = cursor.expression(level.join);
    cursor.expect(end);
    return value;
  } catch (fault) {
    if (!(fault instanceof Fault) || fault.code === 'NESTING') throw fault;
    while (!cursor.at(end)) {
      if (cursor.at(';') || cursor.atKind('end')) throw fault;
      cursor.next();
    }
    cursor.next();
    cursor.report(fault);
    return constant({ type: 'null' }, token);
  }
}
const caseEnds: ReadonlySet<string> = new Set(['case', 'default', 'endswitch']);

export function switchStatement(cursor: Cursor, blocks: Blocks): Statement {
  const { start } = cursor.next();
  const value = cursor.expression(level.text);
  cursor.take(':');
  const cases: { value: Expression; body: readonly Statement[] }[] = [];
  while (cursor.take('case')) {
    const chosen = cursor.expression(level.text);
    cursor.take(':');
    cases.push({ value: chosen, body: blocks.block(cursor, caseEnds) });
  }
  const hasDefault = cursor.take('default');
  if (hasDefault) cursor.take(':');
  const otherwise = hasDefault ? blocks.block(cursor, caseEnds) : [];
  cursor.expect('endswitch', 'End the SWITCH with ENDSWITCH;');
  return { kind: 'switch', value, cases, otherwise, span: { start, end: cursor.lastEnd } };
}
