import type { Constant, Expression, Operator, Span } from './syntax.js';

/** Builders of expressions, and the shapes that several forms of the language share. */

export const operation = (operator: Operator, operands: readonly Expression[], span: Span): Expression => ({
  kind: 'operation',
  operator,
  operands,
  span,
});

export const constant = (value: Constant, span: Span): Expression => ({
  kind: 'constant',
  constant: value,
  span,
});

export const clock = (name: 'now' | 'eventtime' | 'triggertime' | 'currenttime', span: Span): Expression => ({
  kind: 'clock',
  clock: name,
  span,
});

export const not = (value: Expression, span: Span): Expression => operation('not', [value], span);

export const negatedIf = (negated: boolean, value: Expression, span: Span): Expression =>
  negated ? not(value, span) : value;

/** `d BEFORE t` */
export const before = (duration: Expression, time: Expression, span: Span): Expression =>
  operation('-', [time, duration], span);

/** `d AFTER t` and `d FROM t` */
export const after = (duration: Expression, time: Expression, span: Span): Expression =>
  operation('+', [time, duration], span);

/** `d AGO` */
export const ago = (duration: Expression, span: Span): Expression =>
  before(duration, clock('now', span), span);
