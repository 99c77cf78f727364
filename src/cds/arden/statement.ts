import { assignment, letStatement, templateAssignment, tupleAssignment } from './assignment.js';
import { type Blocks, blockEnds } from './blocks.js';
import { ifStatement, switchStatement } from './branches.js';
import { type Cursor, Fault } from './cursor.js';
import { breakloop, loopStatement } from './loop.js';
import { conclude, include, returned, write } from './output.js';
import { callStatement, salvagedReads } from './phrase.js';
import type { Statement } from './syntax.js';

const noEnds: ReadonlySet<string> = new Set();

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
    statements.push(...statement(cursor), ...separator(cursor));
  }
}

/**
 * A statement ends with `;` unless a block or the slot ends with it. After the end of a block some forget it. Gives the READs
 * of what else stands there.
 */
function separator(cursor: Cursor): readonly Statement[] {
  const { token, before, position } = cursor;
  if (cursor.take(';') || token.kind === 'end') return [];
  const afterBlock = before.kind === 'word' && before.value.startsWith('end') && cursor.fuzzy() === undefined;
  if (afterBlock || (token.kind === 'word' && blockEnds.has(token.value))) {
    cursor.departure('SYNTAX', token.start, 'The statement before is not ended', 'End it with ;');
    return [];
  }
  cursor.report(
    cursor.fuzzy() ??
      new Fault('SYNTAX', token.start, 'Here should be the end of the statement', 'End it with ;'),
  );
  return skipStatement(cursor, position);
}

/** Goes on at the next `;`, or at a word that ends a block; gives the READs from a position up to there. */
function skipStatement(cursor: Cursor, from: number): readonly Statement[] {
  while (!cursor.atKind('end') && !cursor.at(';')) {
    if (cursor.atKind('word') && blockEnds.has(cursor.token.value)) break;
    cursor.next();
  }
  const end = cursor.position;
  const reads = salvagedReads(cursor, from, end);
  cursor.rewind(end);
  return reads;
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
    const reads = skipStatement(cursor, start);
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
  ['if', (cursor) => ifStatement(cursor, blocks)],
  ['for', (cursor) => loopStatement(cursor, blocks)],
  ['while', (cursor) => loopStatement(cursor, blocks)],
  ['breakloop', breakloop],
  ['switch', (cursor) => switchStatement(cursor, blocks)],
  ['call', (cursor) => onlyIn(cursor, ['data', 'logic', 'action'], () => callStatement(cursor, []))],
  ['include', include],
  ['conclude', (cursor) => onlyIn(cursor, ['logic'], () => conclude(cursor))],
  ['write', (cursor) => onlyIn(cursor, ['action'], () => write(cursor))],
  ['return', (cursor) => onlyIn(cursor, ['action'], () => returned(cursor))],
]);

const blocks: Blocks = { block, statement };

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
