import { assignment, letStatement, templateAssignment, tupleAssignment } from './assignment.js';
import { type Cursor, Fault } from './cursor.js';
import { level } from './level.js';
import { loopStatement } from './loop.js';
import { listed } from './new-object.js';
import { constant } from './node.js';
import { callStatement, salvagedReads } from './phrase.js';
import type { Branch, Expression, Statement } from './syntax.js';
import { written } from './template.js';

const noEnds: ReadonlySet<string> = new Set();
/** Words that end a block and begin no statement. */
const blockEnds: ReadonlySet<string> = new Set([
  'else',
  'elseif',
  'endif',
  'enddo',
  'endswitch',
  'case',
  'default',
]);

/** The statements of the data, logic or action slot. What is not understood is reported and left out. */
export function parseStatements(cursor: Cursor): readonly Statement[] {
  const statements: Statement[] = [];
  while (!cursor.atKind('end')) {
    statements.push(...block(cursor, noEnds));
    const { token } = cursor;
    if (token.kind === 'end') break;
    cursor.departure(
      token.value === 'endif' ? 'L10' : 'SYNTAX',
      token.start,
      `${token.value.toUpperCase()} ends nothing that was begun`,
    );
    cursor.next();
  }
  return statements;
}

/** Statements up to one of some words, or to a word that ends a block around this one. */
function block(cursor: Cursor, ends: ReadonlySet<string>): Statement[] {
  const statements: Statement[] = [];
  for (;;) {
    while (cursor.take(';'));
    const { token } = cursor;
    if (
      token.kind === 'end' ||
      (token.kind === 'word' && (ends.has(token.value) || blockEnds.has(token.value)))
    )
      return statements;
    statements.push(...statement(cursor));
    separator(cursor);
  }
}

/** A statement ends with `;` unless a block or the slot ends with it. After the end of a block some forget it. */
function separator(cursor: Cursor): void {
  const { token } = cursor;
  if (cursor.take(';') || token.kind === 'end') return;
  const { before } = cursor;
  const afterBlock = before.kind === 'word' && before.value.startsWith('end');
  if (afterBlock || (token.kind === 'word' && blockEnds.has(token.value))) {
    cursor.departure('SYNTAX', token.start, 'The statement before is not ended', 'End it with ;');
    return;
  }
  cursor.report(new Fault('SYNTAX', token.start, 'Here should be the end of the statement', 'End it with ;'));
  skipStatement(cursor);
}

/** Goes on at the next `;`, or at a word that ends a block. */
function skipStatement(cursor: Cursor): void {
  while (!cursor.atKind('end') && !cursor.at(';')) {
    if (cursor.atKind('word') && blockEnds.has(cursor.token.value)) return;
    cursor.next();
  }
}

/** One statement; none if it cannot be understood, or the READs that can be. */
function statement(cursor: Cursor): readonly Statement[] {
  const start = cursor.position;
  const { within, keepFrom, loops } = cursor;
  try {
    return [cursor.deeper(() => one(cursor))];
  } catch (fault) {
    if (!(fault instanceof Fault)) throw fault;
    cursor.report(fault);
    cursor.within = within;
    cursor.keepFrom = keepFrom;
    cursor.loops = loops;
    skipStatement(cursor);
    const end = cursor.position;
    const reads = salvagedReads(cursor, start, end);
    cursor.rewind(end);
    if (cursor.position === start) cursor.next();
    return reads;
  }
}

function one(cursor: Cursor): Statement {
  const { token } = cursor;
  if (token.kind === 'name' || cursor.at('time')) return assignment(cursor);
  if (cursor.at('(')) return tupleAssignment(cursor);
  if (cursor.at('||')) return templateAssignment(cursor);
  const parse = token.kind === 'word' ? statements.get(token.value) : undefined;
  if (parse === undefined)
    return cursor.fault(
      cursor.followedBy(':=') ? 'Here should be a name' : 'Here should be a statement',
      token.kind === 'word' && cursor.followedBy(':=') ? 'A reserved word cannot be assigned to' : undefined,
    );
  return parse(cursor);
}

const statements: ReadonlyMap<string, (cursor: Cursor) => Statement> = new Map<
  string,
  (cursor: Cursor) => Statement
>([
  ['let', letStatement],
  ['if', ifStatement],
  ['for', (cursor) => loopStatement(cursor, block)],
  ['while', (cursor) => loopStatement(cursor, block)],
  ['breakloop', breakloop],
  ['switch', switchStatement],
  ['call', (cursor) => onlyIn(cursor, ['data', 'logic', 'action'], () => callStatement(cursor, []))],
  ['include', include],
  ['conclude', (cursor) => onlyIn(cursor, ['logic'], () => conclude(cursor))],
  ['write', (cursor) => onlyIn(cursor, ['action'], () => write(cursor))],
  ['return', (cursor) => onlyIn(cursor, ['action'], () => returned(cursor))],
]);

function onlyIn(cursor: Cursor, slots: readonly string[], parse: () => Statement): Statement {
  const { token } = cursor;
  if (!slots.includes(cursor.context.slot))
    throw new Fault(
      'SLOT',
      token.start,
      `${token.value.toUpperCase()} is no statement of the ${cursor.context.slot} slot`,
      `It belongs to the ${slots.at(-1)} slot`,
    );
  return parse();
}

/** An IF, whose branches may be single statements where the file leaves ENDIF out. */
function ifStatement(cursor: Cursor): Statement {
  const { start } = cursor.next();
  const single = cursor.context.single.has(start);
  const branches: Branch[] = [];
  const body = (): readonly Statement[] => (single ? singleBody(cursor) : block(cursor, ifEnds));
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
function singleBody(cursor: Cursor): readonly Statement[] {
  return cursor.at(';') || blockEnds.has(cursor.token.value) ? [] : statement(cursor);
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

function breakloop(cursor: Cursor): Statement {
  const { start, end } = cursor.next();
  if (cursor.loops === 0) throw new Fault('SYNTAX', start, 'BREAKLOOP stands in no loop');
  return { kind: 'breakloop', span: { start, end } };
}

const caseEnds: ReadonlySet<string> = new Set(['case', 'default', 'endswitch']);

function switchStatement(cursor: Cursor): Statement {
  const { start } = cursor.next();
  const value = cursor.expression(level.text);
  cursor.take(':');
  const cases: { value: Expression; body: readonly Statement[] }[] = [];
  while (cursor.take('case')) {
    const chosen = cursor.expression(level.text);
    cursor.take(':');
    cases.push({ value: chosen, body: block(cursor, caseEnds) });
  }
  const hasDefault = cursor.take('default');
  if (hasDefault) cursor.take(':');
  const otherwise = hasDefault ? block(cursor, caseEnds) : [];
  cursor.expect('endswitch', 'End the SWITCH with ENDSWITCH;');
  return { kind: 'switch', value, cases, otherwise, span: { start, end: cursor.lastEnd } };
}

function include(cursor: Cursor): Statement {
  const { start } = cursor.next();
  const name = cursor.name('MLM').value;
  return { kind: 'include', name, span: { start, end: cursor.lastEnd } };
}

function conclude(cursor: Cursor): Statement {
  const { start } = cursor.next();
  const value = cursor.expression(level.join);
  return { kind: 'conclude', value, span: { start, end: cursor.lastEnd } };
}

function write(cursor: Cursor): Statement {
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

function returned(cursor: Cursor): Statement {
  const { start } = cursor.next();
  const values = listed(cursor, level.sort);
  return { kind: 'return', values, span: { start, end: cursor.lastEnd } };
}
