import type { Cursor } from './cursor.js';
import { constant } from './node.js';
import { prefixRules } from './prefix.js';
import type { Expression } from './syntax.js';

/** Bare words as values (`mode = PRODUCE`), which files written elsewhere compare with. */

const report = (cursor: Cursor, offset: number, text: string): void =>
  cursor.departure('L12', offset, `${text} is never assigned to, and taken as a text`, `Write "${text}"`);

const symbol = (text: string, start: number, end: number): Expression =>
  constant({ type: 'string', value: text }, { start, end });

/** The text of a token as written. */
const written = (cursor: Cursor, start: number, end: number): string =>
  cursor.context.diagnostics.text.slice(start, end);

/** A reserved word that nothing follows it could apply to (`answer = no)`), after `=`. */
export function symbolOperand(cursor: Cursor): Expression | undefined {
  const { token } = cursor;
  if (token.kind !== 'word' || !prefixRules.has(token.value)) return undefined;
  if (![')', ';', 'and', 'or', 'then'].some((end) => cursor.followedBy(end)) && cursor.peek().kind !== 'end')
    return undefined;
  cursor.next();
  const text = written(cursor, token.start, token.end);
  report(cursor, token.start, text);
  return symbol(text, token.start, token.end);
}

/** The operands of `=`, one of them as a text if it is a name that the MLM never assigns to, the right one first. */
export function withSymbols(cursor: Cursor, left: Expression, right: Expression): [Expression, Expression] {
  const [leftName, rightName] = [unassigned(cursor, left), unassigned(cursor, right)];
  if (rightName !== undefined) return [left, asSymbol(cursor, rightName)];
  if (leftName !== undefined && right.kind === 'name') return [asSymbol(cursor, leftName), right];
  return [left, right];
}

type Name = Extract<Expression, { kind: 'name' }>;

const unassigned = (cursor: Cursor, expression: Expression): Name | undefined =>
  expression.kind === 'name' && !cursor.context.assigned.has(expression.name) ? expression : undefined;

function asSymbol(cursor: Cursor, { name, span }: Name): Expression {
  if (cursor.context.unknown.get(name) === span.start) cursor.context.unknown.delete(name);
  const text = written(cursor, span.start, span.end);
  report(cursor, span.start, text);
  return symbol(text, span.start, span.end);
}
