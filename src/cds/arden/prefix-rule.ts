import type { Cursor } from './cursor.js';
import { level } from './level.js';
import { operation } from './node.js';
import type { Expression, Operator, Span } from './syntax.js';

/** An operator before its operands: at which level its result stands, and how what follows the word is read. */
export interface PrefixRule {
  readonly level: number;
  /** Reads on after the word, which began at `start`. */
  readonly parse: (cursor: Cursor, start: number) => Expression;
}

export const spanFrom = (cursor: Cursor, start: number): Span => ({ start, end: cursor.lastEnd });

/** The operation with its operands, from where its word began to what was read last. */
export const build = (
  cursor: Cursor,
  start: number,
  operator: Operator,
  operands: readonly Expression[],
): Expression => {
  cursor.grow(1);
  return operation(operator, operands, spanFrom(cursor, start));
};

/** `OF x` or `x`, with `USING e` behind it where the version knows that. */
export function applied(
  cursor: Cursor,
  start: number,
  operator: Operator,
  first: readonly Expression[],
): Expression {
  cursor.take('of');
  const operands = [...first, cursor.expression(level.function)];
  return using(cursor, start, operator, operands);
}

/** With `USING e` behind it, each element is taken as that says. */
export function using(
  cursor: Cursor,
  start: number,
  operator: Operator,
  operands: readonly Expression[],
): Expression {
  if (!cursor.take('using')) return build(cursor, start, operator, operands);
  const each = cursor.expression(level.function);
  cursor.grow(1);
  return { kind: 'using', operator, operands, each, span: spanFrom(cursor, start) };
}
