import { type Cursor, Fault } from './cursor.js';
import { level } from './level.js';
import { after, ago, before, clock, negatedIf, not, operation } from './node.js';
import type { Expression, Span } from './syntax.js';

/** Operands of WITHIN are used twice in the tree: deeper nesting would make it grow without bounds. */
const deepestWithin = 8;

const spanFrom = (cursor: Cursor, left: Expression): Span => ({
  start: left.span.start,
  end: cursor.lastEnd,
});

/** `x IS …`, after the word. */
export function isComparison(cursor: Cursor, left: Expression): Expression {
  const negated = cursor.take('not');
  const value = afterIs(cursor, left);
  cursor.grow(3);
  if (negated && isPresent(value)) return value.operands[0] ?? value;
  return negatedIf(negated, value, spanFrom(cursor, left));
}

/** `x OCCURRED …`, after the word: the same of the primary time of x. */
export function occurComparison(cursor: Cursor, left: Expression): Expression {
  const negated = cursor.take('not');
  const time = operation('time', [left], left.span);
  const value = lastPeriod(cursor, time) ?? temporal(cursor, time);
  if (value === undefined)
    cursor.fault('After OCCURRED should be a time', 'Write for example OCCURRED WITHIN PAST 3 DAYS');
  cursor.grow(4);
  return negatedIf(negated, value, spanFrom(cursor, left));
}

const isPresent = (value: Expression): value is Extract<Expression, { kind: 'operation' }> =>
  value.kind === 'operation' && value.operator === 'not';

const typeNames = ['boolean', 'number', 'duration', 'string', 'list', 'object'] as const;

function afterIs(cursor: Cursor, left: Expression): Expression {
  const time = temporal(cursor, left);
  if (time !== undefined) return time;
  const isNull = (): Expression => operation('is null', [left], spanFrom(cursor, left));
  if (cursor.take('present')) return not(isNull(), spanFrom(cursor, left));
  if (cursor.take('null')) return isNull();
  if (cursor.take('in')) return binary(cursor, 'in', left);
  const type = typeAfterIs(cursor);
  if (type !== undefined) return { kind: 'is type', value: left, type, span: spanFrom(cursor, left) };
  const greater = cursor.at('greater');
  if (greater || cursor.at('less')) {
    cursor.next();
    cursor.expect('than');
    const orEqual = cursor.take('or');
    if (orEqual) cursor.expect('equal');
    return binary(cursor, `${greater ? '>' : '<'}${orEqual ? '=' : ''}`, left);
  }
  return cursor.fault(
    'After IS should be a comparison',
    'Write for example IS PRESENT, IS NUMBER, IS LESS THAN 5 or IS WITHIN PAST 3 DAYS',
  );
}

function typeAfterIs(cursor: Cursor): string | undefined {
  const word = cursor.takeAny(typeNames);
  if (word !== undefined) return word;
  if (cursor.at('time')) {
    cursor.next();
    return takeOf(cursor, 'day') ? 'time of day' : 'time';
  }
  if (cursor.at('day') && cursor.followedBy('of')) {
    cursor.next();
    if (!takeOf(cursor, 'week')) cursor.fault('Here should be OF WEEK');
    return 'day of week';
  }
  return cursor.token.kind === 'name' ? cursor.next().value : undefined;
}

/** `OF word` */
function takeOf(cursor: Cursor, word: string): boolean {
  if (!cursor.at('of') || !cursor.followedBy(word)) return false;
  cursor.next();
  cursor.next();
  return true;
}

function binary(
  cursor: Cursor,
  operator: 'in' | '=' | '<' | '<=' | '>' | '>=',
  left: Expression,
): Expression {
  const right = cursor.expression(level.text);
  return operation(operator, [left, right], spanFrom(cursor, left));
}

/** `x IN y`, after the word. */
export const inComparison = (cursor: Cursor, left: Expression): Expression => {
  cursor.grow(1);
  return binary(cursor, 'in', left);
};

/** What may follow both IS and OCCURRED; undefined if something else follows. */
function temporal(cursor: Cursor, left: Expression): Expression | undefined {
  if (cursor.at('within')) return within(cursor, left);
  const word = cursor.takeAny(['before', 'after', 'equal', 'at']);
  if (word === undefined) return undefined;
  const right = cursor.expression(level.text);
  const operator = word === 'before' || word === 'after' ? word : '=';
  return operation(operator, [left, right], spanFrom(cursor, left));
}

function within(cursor: Cursor, left: Expression): Expression {
  const { start } = cursor.next();
  cursor.within += 1;
  try {
    if (cursor.within > deepestWithin)
      throw new Fault('NESTING', start, `WITHIN is nested more than ${deepestWithin} deep`);
    return afterWithin(cursor, left, start);
  } finally {
    cursor.within -= 1;
  }
}

function afterWithin(cursor: Cursor, left: Expression, start: number): Expression {
  const span = (): Span => ({ start, end: cursor.lastEnd });
  if (cursor.take('past')) return past(cursor, left, start);
  if (cursor.at('same')) {
    cursor.next();
    cursor.expect('day');
    cursor.expect('as');
    const day = cursor.expression(level.text);
    return operation('within same day', [left, day], spanFrom(cursor, left));
  }
  if (cursor.at('last')) {
    const early = lastWord(cursor, left, start);
    if (early !== undefined) return early;
  }
  const first = cursor.expression(level.text);
  const word = cursor.takeAny(['to', 'preceding', 'following', 'surrounding']);
  if (word === undefined)
    cursor.fault('Here should be TO, PRECEDING, FOLLOWING or SURROUNDING', 'Or write WITHIN PAST 3 DAYS');
  const second = cursor.expression(level.text);
  const low = word === 'to' ? first : word === 'following' ? second : before(first, second, span());
  const high = word === 'to' || word === 'preceding' ? second : after(first, second, span());
  return operation('within', [left, low, high], spanFrom(cursor, left));
}

function past(cursor: Cursor, left: Expression, start: number): Expression {
  const duration = cursor.expression(level.text);
  const span = { start, end: cursor.lastEnd };
  return operation('within', [left, ago(duration, span), clock('now', span)], spanFrom(cursor, left));
}

/** `OCCURRED IN THE LAST n unit` is no form of the standard, and met all the same. */
function lastPeriod(cursor: Cursor, left: Expression): Expression | undefined {
  if (!cursor.at('in')) return undefined;
  const { start } = cursor.next();
  if (!cursor.at('last') && !cursor.at('past')) cursor.fault('Here should be WITHIN');
  cursor.next();
  reportLast(cursor, start);
  return past(cursor, left, start);
}

/** `WITHIN LAST n unit`, unless that goes on as `WITHIN LAST x TO y` does. */
function lastWord(cursor: Cursor, left: Expression, start: number): Expression | undefined {
  const after = cursor.peek(2);
  if (cursor.peek().kind !== 'number' || after.kind !== 'word') return undefined;
  const unit = after.value.replace(/s$/, '');
  if (!['year', 'month', 'week', 'day', 'hour', 'minute', 'second'].includes(unit)) return undefined;
  cursor.next();
  reportLast(cursor, start);
  return past(cursor, left, start);
}

const reportLast = (cursor: Cursor, start: number): void =>
  cursor.departure('L15', start, 'A period up to now is written otherwise', 'Write WITHIN PAST 3 DAYS');
